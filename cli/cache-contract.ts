import { NEEDS_ROUTES, toCacheContract } from "../analysis/cache/contract.ts";
import { FORMATS } from "../analysis/cache/formats.ts";
import { readSamRoutes } from "../analysis/cache/sam-template.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { MAX_TTL_S } from "../contract/limits.ts";
import { findUnusableSources, parseTokenSources } from "../contract/token-source.ts";
import { type Command, couldNotRun, createFlagReader, done, found, misused } from "./command.ts";
import { readSamTemplate, toCompletedTemplate } from "./sam-template.ts";
import { readSubject } from "./subject.ts";

const FORMAT_NAMES = Object.keys(FORMATS) as readonly (keyof typeof FORMATS)[];

export const command: Command = {
  usage: `rego-authorizer cache-contract [--policies DIR] [--openapi FILE] [--format ${FORMAT_NAMES.join("|")}] [--api rest|http] [--api-name NAME]
                               [--ttl SECONDS] [--cache-scope request|token] [--trailing-slash same|denied]
                               [--template FILE]
  --policies     the folder with access/ in it; default: policies
  --openapi      the API's OpenAPI document, JSON or YAML, with its routes; default: the paths in the policy
  --format       default: table
  --api          one kind of API; default: both
  --api-name     the name of the API in its alias: letters, digits and hyphens; default: its kind
  --ttl          seconds for which responses are cached, where they may be: 1 to ${MAX_TTL_S}; default: 60
  --cache-scope  token: per-token policy documents where the policy allows them (REST APIs); needs --openapi
  --trailing-slash  same: a path with a slash at its end is decided as the one without it; default: denied
  --template     a template of AWS SAM, which --format sam completes; without --openapi, its events are the routes
  TOKEN_SOURCE   in the environment: the parts of a request with the token, as for the authorizer; default: header:Authorization`,
  flags: ["policies", "openapi", "format", "api", "api-name", "ttl", "cache-scope", "trailing-slash", "template"],
  async run(given) {
    const read = createFlagReader(given);
    const format = read.choose("format", FORMAT_NAMES, "table");
    const api = read.choose("api", ["rest", "http", "both"], "both");
    const { "api-name": apiName } = given.flags;
    if (apiName !== undefined && !isApiName(apiName)) read.report(`--api-name must have ${API_NAME_RULE}`);
    const { template: templateFile } = given.flags;
    if (templateFile !== undefined && format !== "sam") read.report("--template is for --format sam");
    if (templateFile !== undefined && apiName !== undefined)
      read.report("--api-name has no use with --template: the name of an API is its logical id in the template");
    const ttlS = read.count("ttl", 1, MAX_TTL_S, 60);
    const cacheScope = read.choose("cache-scope", ["request", "token"], "request");
    const trailingSlash = read.choose("trailing-slash", ["same", "denied"], "denied");
    const tokenSources = parseTokenSources(process.env["TOKEN_SOURCE"]);
    if (cacheScope === "token" && given.flags["openapi"] === undefined) read.report(NEEDS_ROUTES);
    if (read.errors.length > 0) return misused(read.errors);
    if (!tokenSources.ok) return couldNotRun([tokenSources.error]);
    const apis = api === "both" ? (["rest", "http"] as const) : [api];
    const unusable = apis.flatMap((one) => findUnusableSources(one, tokenSources.value) ?? []);
    if (unusable.length > 0) return couldNotRun(unusable.map((line) => `TOKEN_SOURCE: ${line}`));

    const template = templateFile === undefined ? undefined : readSamTemplate(templateFile);
    if (template?.ok === false) return couldNotRun([template.error]);
    const subject = await readSubject(given);
    if (!subject.ok) return subject.error;
    await using policy = subject.value.policy;
    const { index, keyDependencies } = policy;
    const routes = subject.value.routes ?? (template && readSamRoutes(template.value.value));
    const contract = toCacheContract(index, keyDependencies, routes, cacheScope, trailingSlash);
    if (!contract.ok) return found(contract.error);
    const deployed = { apis, ttlS, tokenSources: tokenSources.value, apiName };
    if (template === undefined) return done(`${FORMATS[format](contract.value, deployed)}\n`);
    const completed = toCompletedTemplate(template.value, contract.value, deployed);
    return completed.ok ? done(completed.value) : found(completed.error);
  },
};
