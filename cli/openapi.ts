import { readFileSync, writeFileSync } from "node:fs";
import { type DeployedApis, toAliases, toApiContractsVariable } from "../analysis/cache/aliases.ts";
import { toReportOnlySettings } from "../analysis/cache/report-only.ts";
import { toCacheContractVariable, toSettings } from "../analysis/cache/settings.ts";
import { readDist } from "../build/package/dist.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { CACHING_TRAITS } from "../contract/cache-key.ts";
import { API_NAME_RULE, isApiName, parseDeploymentAlias } from "../contract/deployment-alias.ts";
import { MAX_TTL_S } from "../contract/limits.ts";
import { type CacheContract, contractOf } from "../contract/manifest.ts";
import { parseSelection } from "../contract/method-selection.ts";
import { parseApiDocuments } from "../contract/named-document.ts";
import { formatChoice } from "../contract/nearest.ts";
import { findUnusableSources, parseTokenSources } from "../contract/token-source.ts";
import { parseDocumentText } from "../openapi/document-text.ts";
import { toEditedText } from "../openapi/edited-text.ts";
import { findGatewayErrors } from "../openapi/gateway-errors.ts";
import { parseKeptScheme } from "../openapi/kept-schemes.ts";
import { describeEarlier } from "../openapi/own-schemes.ts";
import { toEdits } from "../openapi/secure-document.ts";
import { type Command, couldNotRun, createFlagReader, done, found, type Given, misused } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer openapi FILE [--format yaml|json] [--api rest|http] [--api-name NAME] [--ttl SECONDS] [--uri URI]
                        [--only "METHOD PATH"]… [--below PATH]… [--without-authorizer] [--keep NAME=REASON]… [--report-only]
                        [--out FILE] [--dist DIR]
  FILE          the OpenAPI document that dist/ was built for: rego-authorizer build --openapi FILE. With its name, if
                dist/ was built for several APIs: orders=orders.yaml
  --format      default: json if the name of FILE ends in .json, otherwise yaml
  --api         the kind of API; default: rest
  --api-name    the name of the API in its alias: letters, digits and hyphens; default: NAME, or its kind
  --ttl         seconds for which responses are cached, where they may be: 0 to ${MAX_TTL_S}; default: 60, for an HTTP API 0
  --uri         the URI of the authorizer that API Gateway invokes; default: \${AuthorizerUri}, for Fn::Sub; with
                --report-only \${ReportOnlyAuthorizerUri}, so that no enforcing authorizer can be given its alias
  --only        the operation that gets an authorizer, such as "GET /orders/{id}"; default: all. Others keep what they have
  --below       the path whose operations get an authorizer, and those of all paths below it
  --without-authorizer  those operations get an authorizer that have none
  --keep        the security scheme of another authorizer that its operations keep, and why
  --report-only the authorizer lets every request through, and only logs what the policy decides
  --out         the file to write; default: standard output
  --dist        the folder of the package; default: dist
  TOKEN_SOURCE  in the environment: the parts of a request with the token, as for the authorizer; default: header:Authorization`,
  flags: ["format", "api", "api-name", "ttl", "uri", "out", "dist"],
  lists: ["keep", "only", "below"],
  switches: ["without-authorizer", "report-only"],
  takesPositionals: true,
  async run(given) {
    const [positional, ...others] = given.positionals;
    const documents = parseApiDocuments(positional === undefined ? [] : [positional]);
    const [{ api: ownName, file } = { api: undefined, file: undefined }] = documents.ok ? documents.value : [];
    const { uri, out, dist: distPath = "dist" } = given.flags;
    const read = createFlagReader(given);
    const api = read.choose("api", ["rest", "http"], "rest");
    const format = read.choose("format", ["yaml", "json"], file?.endsWith(".json") ? "json" : "yaml");
    const ttlS = read.count("ttl", 0, MAX_TTL_S, CACHING_TRAITS[api].defaultTtlS);
    const { "api-name": apiName = ownName } = given.flags;
    if (apiName !== undefined && !isApiName(apiName)) read.report(`--api-name must have ${API_NAME_RULE}`);
    const keep = (given.lists?.["keep"] ?? []).map(parseKeptScheme);
    for (const one of keep) if (!one.ok) read.report(one.error);
    const isReportOnly = given.switches.has("report-only");
    const authorizerUri = uri ?? (isReportOnly ? "${ReportOnlyAuthorizerUri}" : "${AuthorizerUri}");
    if (isReportOnly && given.flags["ttl"] !== undefined)
      read.report("a report-only authorizer caches nothing; leave --ttl out");
    const selection = parseSelection({
      ...toSelection(given),
      keep: keep.flatMap((one) => (one.ok ? [one.value] : [])),
    });
    if (typeof selection === "string") read.report(toFlagNames(selection));
    if (!documents.ok) documents.error.forEach(read.report);
    if (file === undefined || others.length > 0) read.report("name one OpenAPI document");
    const tokenSources = parseTokenSources(process.env["TOKEN_SOURCE"]);
    if (read.errors.length > 0 || file === undefined || typeof selection === "string") return misused(read.errors);
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
    const settings = isReportOnly ? [] : toSettings(contract, api, ttlS, tokenSources.value);
    const deployed = { apis: [api], ttlS, tokenSources: tokenSources.value, apiName };
    const { aliasName, contractId, variable } = isReportOnly
      ? toReportOnlyAlias(contract, api, deployed)
      : toEnforcingAlias(contract, deployed);
    const { edits, errors, notices, earlier } = toEdits(content.content, {
      publicRules: dist.value.publicRules,
      apiName: apiName ?? api,
      contract,
      api,
      settings,
      tokenSources: tokenSources.value,
      authorizerUri,
      contractId,
      isSimple: false,
      selection,
      mode: isReportOnly ? "report" : "enforce",
    });
    const refused = [...errors, ...findGatewayErrors(content.content, api).errors];
    if (refused.length > 0) return found(refused.map((line) => `${file}: ${toFlagNames(line)}`));
    const text = toEditedText(content.text, content.content, edits, format);
    if (!text.ok) return found([`${file}: ${text.error}`]);
    try {
      if (out !== undefined) writeFileSync(out, text.value);
    } catch {
      return couldNotRun([`${out}: can't be written`]);
    }
    const isCaching = settings.some((setting) => setting.ttlS > 0);
    return done(out === undefined ? text.value : undefined, [
      ...[...notices, ...earlier.map(describeEarlier)].map((line) => `${file}: ${line}`),
      `The Lambda needs CACHE_CONTRACT='${toCacheContractVariable(manifest.cache_contract, isCaching ? [api] : [], tokenSources.value)}'`,
      `and API_CONTRACTS='${variable}'`,
      `The URI must name the alias ${aliasName} of the Lambda: .../functions/<ARN of the function>:${aliasName}/invocations`,
      "If several APIs invoke it, set one CACHE_CONTRACT with the id, and `rest` and `http` of the APIs that have a TTL, and one API_CONTRACTS with the contracts of all.",
    ]);
  },
};

/** The alias that the document names, the id of its contract, and the variable of the function with this contract. */
interface NamedAlias {
  readonly aliasName: string;
  readonly contractId: string;
  readonly variable: string;
}

function toEnforcingAlias(contract: CacheContract, deployed: DeployedApis): NamedAlias {
  const [{ aliasName = "", contractId = "" } = {}] = toAliases(contract, deployed);
  return { aliasName, contractId, variable: toApiContractsVariable(contract, deployed) };
}

function toReportOnlyAlias(contract: CacheContract, api: CachingApi, deployed: DeployedApis): NamedAlias {
  const { aliases, API_CONTRACTS: variable } = toReportOnlySettings(contract, deployed);
  const { [api]: aliasName = "" } = aliases;
  const alias = parseDeploymentAlias(aliasName);
  return { aliasName, contractId: alias.ok ? alias.value.contract : "", variable };
}

/** Converts the flags of a selection, of which several may be there, which {@link parseSelection} refuses. */
function toSelection({ lists = {}, switches }: Given): object {
  const { only, below } = lists;
  return { only, below, ...(switches.has("without-authorizer") && { withoutAuthorizer: true }) };
}

/** Writes the flags in the place of the constructs' props, in messages that both have. */
function toFlagNames(line: string): string {
  return line
    .replaceAll(/\bwithoutAuthorizer\b/g, "--without-authorizer")
    .replaceAll(/\breportOnly\b/g, "--report-only");
}

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
