import { isIP } from "node:net";
import { parseContextClaims } from "../contract/context-claims.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { DEFAULT_TTL_S, MAX_TTL_S } from "../contract/limits.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { findUnusableSources, parseTokenSources } from "../contract/token-source.ts";
import { parseUsageKeyClaim } from "../contract/usage-key-claim.ts";
import type { ServeOptions } from "../local/serve.ts";
import { USERS_FILE } from "../local/users.ts";
import { createFlagReader, type Given, policiesOf } from "./command.ts";
import { readDocuments } from "./subject.ts";

/** The usage of the command. */
export const USAGE = `rego-authorizer start [--policies DIR] [--openapi [NAME=]FILE]… [--api-name NAME] [--kind rest|http] [--upstream URL] [--cors ORIGIN]
                      [--source-ip ADDRESS] [--trailing-slash same|denied] [--json] [--cache [--cache-ttl SECONDS] [--cache-scope request|token]]
  --policies     the folder with access/ in it, and perhaps ${USERS_FILE}; default: policies
  --openapi      the API's OpenAPI document, with its routes, its preflights and its open operations; default: the paths in the policy.
                 Once for each API, with its name if there are several; each then has a port of its own
  --api-name     the name of the API, for a policy with grants for named APIs; default: local
  --kind         the API to emulate: a REST API (default) or an HTTP API with payload 2.0
  --upstream     the API that allowed requests are proxied to; default: a sample API that echoes them
  --cors         the origin whose preflights are answered on every path, or *; default: as the document says
  --source-ip    the source address of all requests; default: the client's own
  --trailing-slash  same: a path with a slash at its end is decided as the one without it; default: denied
  --cache        caches the authorizer's responses as API Gateway does, under the policy's cache contract
  --cache-ttl    seconds for which responses are cached, 1 to ${MAX_TTL_S}; default: ${DEFAULT_TTL_S}
  --cache-scope  token: per-token policy documents where the policy allows them (REST APIs); needs --openapi
  --json         prints each decision as a line of the decision log; opa eval can repeat it with its "input"
  CONTEXT_CLAIMS and USAGE_KEY_CLAIM in the environment: the claims that responses pass on, as for the authorizer
  TOKEN_SOURCE in the environment: the parts of a request with the token, as for the authorizer; default: header:Authorization
  PORT and CONSOLE_PORT in the environment: the ports of the gateway (3000) and the issuer (3001); further APIs have the next ports
  It builds into a folder for temporary files; dist/ stays as it is.`;

export const FLAGS = {
  flags: [
    "policies",
    "kind",
    "upstream",
    "cors",
    "source-ip",
    "cache-ttl",
    "api-name",
    "cache-scope",
    "trailing-slash",
  ],
  lists: ["openapi"],
  switches: ["cache", "json"],
};

/** Reads the options from flags and environment; gives a line for every error. */
export function readStartOptions(
  given: Given,
  environment: Readonly<Record<string, string | undefined>>,
): Result<Omit<ServeOptions, "opaPath">, readonly string[]> {
  const { flags, switches } = given;
  const read = createFlagReader(given);
  const kind = read.choose("kind", ["rest", "http"], "rest");
  const upstream = flags["upstream"];
  if (upstream !== undefined && !/^https?:$/.test(parseUrl(upstream)?.protocol ?? ""))
    read.report("--upstream must be an http or https URL");
  const corsOrigin = flags["cors"];
  if (corsOrigin !== undefined && !isOrigin(corsOrigin))
    read.report("--cors must be an origin, like https://app.example.com, or *");
  const sourceIp = flags["source-ip"];
  if (sourceIp !== undefined && isIP(sourceIp) === 0) read.report("--source-ip must be an IPv4 or IPv6 address");
  const isCaching = switches.has("cache");
  const ttlS = read.count("cache-ttl", 1, MAX_TTL_S, DEFAULT_TTL_S);
  if (flags["cache-ttl"] !== undefined && !isCaching) read.report("--cache-ttl needs --cache");
  const cacheScope = read.choose("cache-scope", ["request", "token"], "request");
  const trailingSlash = read.choose("trailing-slash", ["same", "denied"], "denied");
  const documents = readDocuments(given.lists?.["openapi"], read);
  const apiName = flags["api-name"];
  if (apiName !== undefined && !isApiName(apiName)) read.report(`--api-name must have ${API_NAME_RULE}`);
  if (apiName !== undefined && documents.some(({ api }) => api !== undefined))
    read.report("--api-name is for an API that --openapi does not name; leave one of the two names out");
  if (flags["cache-scope"] !== undefined && !isCaching) read.report("--cache-scope needs --cache");
  if (cacheScope === "token" && given.lists?.["openapi"] === undefined)
    read.report("--cache-scope token needs --openapi");
  if (cacheScope === "token" && kind === "http") read.report("--cache-scope token is for REST APIs");
  const { CONTEXT_CLAIMS: contextClaims, USAGE_KEY_CLAIM: usageKeyClaim } = environment;
  for (const parsed of [parseContextClaims(contextClaims), parseUsageKeyClaim(usageKeyClaim)]) {
    if (!parsed.ok) [parsed.error].flat().forEach(read.report);
  }
  const readPort = (name: string, preset: number) => {
    const port = Number(environment[name] || preset);
    if (!Number.isInteger(port) || port < 0 || port > 65535) read.report(`${name} must be a port number`);
    return port;
  };
  const tokenSources = parseTokenSources(environment["TOKEN_SOURCE"]);
  if (!tokenSources.ok) read.report(tokenSources.error);
  const unusable = tokenSources.ok ? findUnusableSources(kind, tokenSources.value) : undefined;
  if (unusable !== undefined) read.report(`TOKEN_SOURCE: ${unusable}`);
  const port = readPort("PORT", 3000);
  const consolePort = readPort("CONSOLE_PORT", 3001);
  if (read.errors.length > 0 || !tokenSources.ok) return err(read.errors);
  return ok({
    policies: policiesOf(given),
    kind,
    upstream: upstream === undefined ? undefined : new URL(upstream),
    sourceIp,
    port,
    consolePort,
    cacheTtlS: isCaching ? ttlS : undefined,
    tokenSources: tokenSources.value,
    // Without --kind, a document may be for another kind of API than the one that is emulated.
    apiName,
    api: { documents, kind: flags["kind"] === undefined ? undefined : kind, cacheScope, trailingSlash },
    corsOrigin,
    passedOn: {
      ...(contextClaims !== undefined && { CONTEXT_CLAIMS: contextClaims }),
      ...(usageKeyClaim !== undefined && { USAGE_KEY_CLAIM: usageKeyClaim }),
    },
    asJson: switches.has("json"),
  });
}

/** Tells whether a text is an origin as browsers send it: scheme, host, and a port that is not the scheme's own. */
function isOrigin(text: string): boolean {
  return text === "*" || (/^https?:/.test(text) && parseUrl(text)?.origin === text);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
