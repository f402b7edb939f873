import { type CoveringRule, toCoverage } from "../analysis/reach/coverage.ts";
import { formatCoverage, toCoverageReport } from "../analysis/reach/formats.ts";
import { findOpa } from "../build/opa/find.ts";
import { formatProblems, inFolder } from "../build/policy/problem.ts";
import { type CheckedPolicy, readPolicy } from "../build/policy/read-policy.ts";
import { readRuleValues } from "../build/policy/rule-values.ts";
import { readLocatedRoutes } from "../openapi/located-routes.ts";
import { type Command, couldNotRun, createFlagReader, EXIT, found, misused, policiesOf } from "./command.ts";
import { readDocuments, readKind } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer coverage --openapi [NAME=]FILE… [--strict] [--policies DIR] [--api auto|rest|http] [--format text|json]
  finds routes that no grant, denial or public rule reaches, and rules that no route reaches
  --openapi   an API's OpenAPI document, JSON or YAML. Once for each API, with its name if there are several
  --strict    exit code 1 if there is such a route or rule; without it, the code is 0
  --policies  the folder with access/ in it; default: policies
  --api       the kind of API that the documents are for; default: auto, what each shows
  --format    text or json; default: text`,
  flags: ["policies", "api", "format"],
  lists: ["openapi"],
  switches: ["strict"],
  async run(given) {
    const flags = createFlagReader(given);
    const isJson = flags.choose("format", ["text", "json"], "text") === "json";
    const kind = readKind(flags);
    if ((given.lists?.["openapi"] ?? []).length === 0)
      flags.report("name the document of each API with --openapi FILE");
    const documents = readDocuments(given.lists?.["openapi"], flags);
    if (flags.errors.length > 0) return misused(flags.errors);
    const located = await readLocatedRoutes(documents, kind);
    if (!located.ok) return couldNotRun(located.error);
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    // Without routes: a rule that no route reaches would be a problem of the policy, and the others would not be compared.
    const read = await readPolicy(opa.value, policiesOf(given));
    if (!read.ok) return found(formatProblems(read.error));
    await using policy = read.value;
    const rules = inFolder(policiesOf(given), toRules(policy));
    const coverage = toCoverage(located.value.routes, rules, kind);
    const isWhole = coverage.routesWithoutRule.length === 0 && coverage.rulesWithoutRoute.length === 0;
    const lines = isJson ? [JSON.stringify(toCoverageReport(coverage))] : formatCoverage(coverage);
    const exit = given.switches.has("strict") && !isWhole ? EXIT.found : EXIT.fine;
    return { kind: "done", exit, output: `${lines.join("\n")}\n` };
  },
};

/** Lists the rules of a policy, with their places. */
function toRules({ sources, publicRules }: CheckedPolicy): readonly CoveringRule[] {
  return [
    ...readRuleValues(sources).flatMap(({ kind, name, apis, verbs, path, file, line }) =>
      path === undefined ? [] : [{ kind, name, apis, verbs, path, file, line }],
    ),
    ...publicRules.map((rule) => ({ ...rule, kind: "public" as const })),
  ];
}
