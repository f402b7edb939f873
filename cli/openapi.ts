import { readFileSync, writeFileSync } from "node:fs";
import { toAliases, toApiContractsVariable } from "../analysis/cache/aliases.ts";
import { toCacheContractVariable, toSettings } from "../analysis/cache/settings.ts";
import { readDist } from "../build/package/dist.ts";
import { CACHING_TRAITS } from "../contract/cache-key.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { MAX_TTL_S } from "../contract/limits.ts";
import { contractOf } from "../contract/manifest.ts";
import { parseApiDocuments } from "../contract/named-document.ts";
import { formatChoice } from "../contract/nearest.ts";
import { findUnusableSources, parseTokenSources } from "../contract/token-source.ts";
import { parseDocumentText } from "../openapi/document-text.ts";
import { toEditedText } from "../openapi/edited-text.ts";
import { findGatewayErrors } from "../openapi/gateway-errors.ts";
import { parseKeptScheme } from "../openapi/kept-schemes.ts";
import { toEdits } from "../openapi/secure-document.ts";
import { type Command, couldNotRun, createFlagReader, done, found, misused } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer openapi FILE [--format yaml|json] [--api rest|http] [--api-name NAME] [--ttl SECONDS] [--uri URI] [--keep NAME=REASON]… [--out FILE] [--dist DIR]
  FILE          the OpenAPI document that dist/ was built for: rego-authorizer build --openapi FILE. With its name, if
                dist/ was built for several APIs: orders=orders.yaml
  --format      default: json if the name of FILE ends in .json, otherwise yaml
  --api         the kind of API; default: rest
  --api-name    the name of the API in its alias: letters, digits and hyphens; default: NAME, or its kind
  --ttl         seconds for which responses are cached, where they may be: 0 to ${MAX_TTL_S}; default: 60, for an HTTP API 0
  --uri         the URI of the authorizer that API Gateway invokes; default: \${AuthorizerUri}, for Fn::Sub
  --keep        the security scheme of another authorizer that its operations keep, and why
  --out         the file to write; default: standard output
  --dist        the folder of the package; default: dist
  TOKEN_SOURCE  in the environment: the parts of a request with the token, as for the authorizer; default: header:Authorization`,
  flags: ["format", "api", "api-name", "ttl", "uri", "out", "dist"],
  lists: ["keep"],
  takesPositionals: true,
  async run(given) {
    const [positional, ...others] = given.positionals;
    const documents = parseApiDocuments(positional === undefined ? [] : [positional]);
    const [{ api: ownName, file } = { api: undefined, file: undefined }] = documents.ok ? documents.value : [];
    const { uri: authorizerUri = "${AuthorizerUri}", out, dist: distPath = "dist" } = given.flags;
    const read = createFlagReader(given);
    const api = read.choose("api", ["rest", "http"], "rest");
    const format = read.choose("format", ["yaml", "json"], file?.endsWith(".json") ? "json" : "yaml");
    const ttlS = read.count("ttl", 0, MAX_TTL_S, CACHING_TRAITS[api].defaultTtlS);
    const { "api-name": apiName = ownName } = given.flags;
    if (apiName !== undefined && !isApiName(apiName)) read.report(`--api-name must have ${API_NAME_RULE}`);
    const keep = (given.lists?.["keep"] ?? []).map(parseKeptScheme);
    for (const one of keep) if (!one.ok) read.report(one.error);
    if (!documents.ok) documents.error.forEach(read.report);
    if (file === undefined || others.length > 0) read.report("name one OpenAPI document");
    const tokenSources = parseTokenSources(process.env["TOKEN_SOURCE"]);
    if (read.errors.length > 0 || file === undefined) return misused(read.errors);
    if (!tokenSources.ok) return couldNotRun([tokenSources.error]);
    const unusable = findUnusableSources(api, tokenSources.value);
    if (unusable !== undefined) return couldNotRun([`TOKEN_SOURCE: ${unusable}`]);
    const dist = readDist(distPath);
    if (!dist.ok) return couldNotRun([dist.error]);
    const content = readContent(file);
    if ("errors" in content) return couldNotRun(content.errors.map((line) => `${file}: ${line}`));
    const { manifest } = dist.value;
    const contract = contractOf(manifest, apiName);
    if (contract === undefined) {
      const names = Object.keys(manifest.apis ?? {});
      return couldNotRun([
        apiName === undefined
          ? `${distPath} was built for the APIs ${names.join(", ")}; name the one of ${file}, like ${names[0]}=${file}`
          : `${distPath} was not built for the API ${apiName}; ${formatChoice(apiName, names)}`,
      ]);
    }
    const settings = toSettings(contract, api, ttlS, tokenSources.value);
    const deployed = { apis: [api], ttlS, tokenSources: tokenSources.value, apiName };
    const common = manifest.cache_contract;
    const [{ aliasName = "", contractId = "" } = {}] = toAliases(contract, deployed);
    const { edits, errors, notices } = toEdits(content.content, {
      publicRules: dist.value.publicRules,
      apiName: apiName ?? api,
      contract,
      api,
      settings,
      tokenSources: tokenSources.value,
      authorizerUri,
      contractId,
      isSimple: false,
      keep: keep.flatMap((one) => (one.ok ? [one.value] : [])),
    });
    const refused = [...errors, ...findGatewayErrors(content.content, api).errors];
    if (refused.length > 0) return found(refused.map((line) => `${file}: ${line}`));
    const text = toEditedText(content.text, content.content, edits, format);
    if (!text.ok) return found([`${file}: ${text.error}`]);
    try {
      if (out !== undefined) writeFileSync(out, text.value);
    } catch {
      return couldNotRun([`${out}: can't be written`]);
    }
    const isCaching = settings.some((setting) => setting.ttlS > 0);
    return done(out === undefined ? text.value : undefined, [
      ...notices.map((line) => `${file}: ${line}`),
      `The Lambda needs CACHE_CONTRACT='${toCacheContractVariable(common, isCaching ? [api] : [], tokenSources.value)}'`,
      `and API_CONTRACTS='${toApiContractsVariable(contract, deployed)}'`,
      `The URI must name the alias ${aliasName} of the Lambda: .../functions/<ARN of the function>:${aliasName}/invocations`,
      "If several APIs invoke it, set one CACHE_CONTRACT with the id, and `rest` and `http` of the APIs that have a TTL, and one API_CONTRACTS with the contracts of all.",
    ]);
  },
};

/** Reads an OpenAPI document: its text, and its value. */
function readContent(
  file: string,
): { readonly text: string; readonly content: unknown } | { readonly errors: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { errors: ["can't be read"] };
  }
  const content = parseDocumentText(text);
  return content.ok ? { text, content: content.value } : { errors: [content.error] };
}
