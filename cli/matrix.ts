import { formatTooManyTests } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { formatCsv, formatJson, formatMarkdown } from "../analysis/matrix/documents.ts";
import { toMatrix } from "../analysis/matrix/matrix.ts";
import type { Matrix, MatrixRoute } from "../analysis/matrix/model.ts";
import { formatPage } from "../analysis/matrix/page.ts";
import { formatText } from "../analysis/matrix/text.ts";
import { API_NAME_RULE, isApiName } from "../contract/deployment-alias.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LocatedRoute } from "../contract/route.ts";
import { listRuleApis } from "../contract/rule-apis.ts";
import { readLocatedRoutes } from "../openapi/located-routes.ts";
import { type Command, couldNotRun, createFlagReader, done, misused } from "./command.ts";
import { readDocuments, readWholePolicy } from "./subject.ts";

const FORMATS = {
  text: formatText,
  md: formatMarkdown,
  json: formatJson,
  csv: formatCsv,
  html: formatPage,
} as const satisfies Readonly<Record<string, (matrices: readonly Matrix[]) => string>>;

export const command: Command = {
  usage: `rego-authorizer matrix [--by role|group|area|route] [--openapi [NAME=]FILE…] [--api NAME] [--policies DIR]
                       [--format text|md|json|csv|html]
  prints who may do what: a row for each path and its verbs, a column for each role, group, or principal
  --by        role: what each role may; group: what each group may; area: what each principal may, by area of the policy;
              route: what each principal may, by route of the documents; default: role, or route with --openapi
  --openapi   an API's OpenAPI document, whose routes are the rows. Once for each API, with its name if there are several
  --api       only this API, for rules of named APIs; default: each API that rules name, and those that none names
  --policies  the folder with access/ in it; default: policies
  --format    text: for a terminal; md: Markdown; json; csv: for spreadsheets; html: one page that filters and prints;
              default: text`,
  flags: ["by", "api", "policies", "format"],
  lists: ["openapi"],
  async run(given) {
    const flags = createFlagReader(given);
    const files = given.lists?.["openapi"] ?? [];
    const by = flags.choose("by", ["role", "group", "area", "route"], files.length > 0 ? "route" : "role");
    const format = flags.choose("format", ["text", "md", "json", "csv", "html"], "text");
    const { api } = given.flags;
    if (api !== undefined && !isApiName(api)) flags.report(`--api must have ${API_NAME_RULE}`);
    if (by === "route" && files.length === 0) flags.report("--by route needs the document of each API: --openapi FILE");
    if (by === "area" && files.length > 0)
      flags.report("--by area has the paths of the policy, so leave out --openapi");
    const documents = readDocuments(files, flags);
    if (flags.errors.length > 0) return misused(flags.errors);
    const located = documents.length === 0 ? ok(undefined) : await readLocatedRoutes(documents);
    if (!located.ok) return couldNotRun(located.error);
    const read = await readWholePolicy(given);
    if (!read.ok) return read.error;
    await using policy = read.value;
    const access = toAccessPolicy(policy);
    const named = [undefined, ...listRuleApis(policy.index)];
    const routes = located.value?.routes;
    const apis = api !== undefined ? [api] : routes === undefined ? named : [...new Set(routes.map((one) => one.api))];
    const matrices = collect(apis.map((one) => toMatrix(access, by, one, routes && routesOf(routes, one))));
    if (!matrices.ok) return couldNotRun([formatTooManyTests(matrices.error)]);
    return done(FORMATS[format](matrices.value));
  },
};

/** Lists the routes of an API. A document without a name is for any. */
function routesOf(routes: readonly LocatedRoute[], api: string | undefined): readonly MatrixRoute[] {
  return routes.filter((route) => route.api === undefined || route.api === api);
}

function collect<Value, Failure>(results: readonly Result<Value, Failure>[]): Result<readonly Value[], Failure> {
  const values: Value[] = [];
  for (const result of results) {
    if (!result.ok) return err(result.error);
    values.push(result.value);
  }
  return ok(values);
}
