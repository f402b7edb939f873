import { listNamed, toContractsOfApis } from "../analysis/cache/api-contracts.ts";
import { NEEDS_ROUTES, toCacheContract } from "../analysis/cache/contract.ts";
import { FORMATS, formatContracts } from "../analysis/cache/formats.ts";
import { formatReportOnlySettings, toReportOnlySettings } from "../analysis/cache/report-only.ts";
import { readSamRoutes } from "../analysis/cache/sam-template.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { own } from "../contract/json.ts";
import { MAX_TTL_S } from "../contract/limits.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { findUnusableSources, parseTokenSources } from "../contract/token-source.ts";
import { type Command, couldNotRun, createFlagReader, done, found, misused } from "./command.ts";
import { readSamTemplate, toCompletedTemplate } from "./sam-template.ts";
import { readDocuments, readSubject } from "./subject.ts";

const FORMAT_NAMES = Object.keys(FORMATS) as readonly (keyof typeof FORMATS)[];

export const command: Command = {
  usage: `rego-authorizer cache-contract [--policies DIR] [--openapi [NAME=]FILE]… [--format ${FORMAT_NAMES.join("|")}] [--api rest|http] [--api-name NAME]
                               [--ttl SECONDS] [--cache-scope request|token] [--trailing-slash same|denied]
                               [--template FILE] [--report-only]
  --policies     the folder with access/ in it; default: policies
  --openapi      the API's OpenAPI document, JSON or YAML, with its routes; default: the paths in the policy. Once for each
                 API, with its name if there are several
  --format       default: table
  --api          one kind of API; default: both
  --api-name     the name of the API in its alias: letters, digits and hyphens; default: its kind. With several documents the
                 one to print, which terraform and sam need
  --ttl          seconds for which responses are cached, where they may be: 1 to ${MAX_TTL_S}; default: 60
  --cache-scope  token: per-token policy documents where the policy allows them (REST APIs); needs --openapi
  --trailing-slash  same: a path with a slash at its end is decided as the one without it; default: denied
  --template     a template of AWS SAM, which --format sam completes; without --openapi, its events are the routes
  --report-only  prints the alias, the contract and the settings of authorizers that let every request through, and only
                 log what the policy decides; as table or json
  TOKEN_SOURCE   in the environment: the parts of a request with the token, as for the authorizer; default: header:Authorization`,
  lists: ["openapi"],
  flags: ["policies", "format", "api", "api-name", "ttl", "cache-scope", "trailing-slash", "template"],
  switches: ["report-only"],
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
    const documents = readDocuments(given.lists?.["openapi"], read);
    const names = documents.flatMap(({ api: name }) => name ?? []);
    if (names.length > 0 && apiName !== undefined && !names.includes(apiName))
      read.report(`--api-name must be ${names.join(" or ")}, the name of a document`);
    if (names.length > 0 && templateFile !== undefined)
      read.report(
        "--template takes one document without a name; leave out --openapi, so that its events are the routes",
      );
    const ttlS = read.count("ttl", 1, MAX_TTL_S, 60);
    const cacheScope = read.choose("cache-scope", ["request", "token"], "request");
    const trailingSlash = read.choose("trailing-slash", ["same", "denied"], "denied");
    const tokenSources = parseTokenSources(process.env["TOKEN_SOURCE"]);
    if (cacheScope === "token" && given.lists?.["openapi"] === undefined) read.report(NEEDS_ROUTES);
    const chosen = apiName ?? (names.length === 1 ? names[0] : undefined);
    const isReportOnly = given.switches.has("report-only");
    const isForOne = isReportOnly || (format !== "table" && format !== "json");
    if (names.length > 0 && chosen === undefined && isForOne)
      read.report(
        `${isReportOnly ? "--report-only" : `--format ${format}`} is for one API; name it with --api-name ${names.join(" or ")}`,
      );
    if (isReportOnly && format !== "table" && format !== "json")
      read.report("--report-only is printed as table or json; leave --format out, or choose one of them");
    if (isReportOnly && (given.flags["ttl"] !== undefined || cacheScope === "token"))
      read.report("a report-only authorizer caches nothing; leave --ttl and --cache-scope out");
    if (read.errors.length > 0) return misused(read.errors);
    if (!tokenSources.ok) return couldNotRun([tokenSources.error]);
    const apis = api === "both" ? (["rest", "http"] as const) : [api];
    const unusable = apis.flatMap((one) => findUnusableSources(one, tokenSources.value) ?? []);
    if (unusable.length > 0) return couldNotRun(unusable.map((line) => `TOKEN_SOURCE: ${line}`));

    const template = templateFile === undefined ? undefined : readSamTemplate(templateFile);
    if (template?.ok === false) return couldNotRun([template.error]);
    const subject = await readSubject(given, documents);
    if (!subject.ok) return subject.error;
    await using policy = subject.value.policy;
    const { index, keyDependencies } = policy;
    const deployed = { apis, ttlS, tokenSources: tokenSources.value, publicRoutes: subject.value.publicRoutes };
    const toReport = (contract: CacheContract, name: string | undefined) => {
      const settings = toReportOnlySettings(contract, { apis, tokenSources: tokenSources.value, apiName: name });
      return `${format === "json" ? JSON.stringify(settings, null, 2) : formatReportOnlySettings(settings)}\n`;
    };
    if (names.length > 0) {
      const named = listNamed(subject.value.apis ?? []);
      const all = toContractsOfApis(index, keyDependencies, named, cacheScope, trailingSlash);
      if (!all.ok) return found(all.error);
      const contract = chosen === undefined ? undefined : own(all.value.apis, chosen);
      if (contract !== undefined && isReportOnly) return done(toReport(contract, chosen));
      if (contract !== undefined)
        return done(`${FORMATS[format](contract, { ...deployed, apiName: chosen, all: all.value })}\n`);
      return done(`${formatContracts(format === "json" ? format : "table", all.value, deployed)}\n`);
    }
    const routes = subject.value.apis?.[0]?.routes ?? (template && readSamRoutes(template.value.value));
    const contract = toCacheContract(index, keyDependencies, routes, cacheScope, trailingSlash);
    if (!contract.ok) return found(contract.error);
    if (isReportOnly) return done(toReport(contract.value, apiName));
    if (template === undefined) return done(`${FORMATS[format](contract.value, { ...deployed, apiName })}\n`);
    const completed = toCompletedTemplate(template.value, contract.value, { ...deployed, apiName });
    return completed.ok ? done(completed.value) : found(completed.error);
  },
};
