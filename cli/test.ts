import { formatMutationRun, toMutationReport } from "../analysis/mutation/formats.ts";
import { tryMutants } from "../analysis/mutation/mutate.ts";
import { findOpa } from "../build/opa/find.ts";
import { compileShipped } from "../build/package/compile.ts";
import { assemble } from "../build/policy/assembly.ts";
import { locateRules } from "../build/policy/engine-queries.ts";
import { checkFormatOfAll } from "../build/policy/format.ts";
import { checkTitles, readSources } from "../build/policy/metadata.ts";
import { compareProblems, formatProblems, inFolder } from "../build/policy/problem.ts";
import { checkFolder } from "../build/policy/read-policy.ts";
import { formatCounts, formatFailures, runRegoTests, toTestReport } from "../build/rego-tests/run.ts";
import { type Command, couldNotRun, createFlagReader, EXIT, found, misused, policiesOf } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer test [--mutate] [--policies DIR] [--format text|json]
  runs the Rego tests of the policies, in OPA and in the engine that ships
  --mutate    opens each grant and loosens each denial and condition, one at a time, and lists
              the changes that no test notices, each with a case that would
  --policies  the folder with access/ in it; default: policies
  --format    text or json; default: text`,
  flags: ["policies", "format"],
  switches: ["mutate"],
  async run(given) {
    const reader = createFlagReader(given);
    const isJson = reader.choose("format", ["text", "json"], "text") === "json";
    if (reader.errors.length > 0) return misused(reader.errors);
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    const policies = policiesOf(given);
    const misplaced = await checkFolder(policies);
    if (misplaced.length > 0) return found(formatProblems(misplaced));
    await using assembly = await assemble(opa.value, policies);
    const run = await runRegoTests(assembly);
    const sources = await readSources(assembly);
    const format = await checkFormatOfAll(assembly);
    const untidy = formatProblems(inFolder(policies, [...checkTitles(sources), ...format].sort(compareProblems)));
    const failures = formatFailures(run, policies);
    const lines = [...failures, ...untidy];
    const isFine = lines.length === 0;
    if (!given.switches.has("mutate")) {
      const exit = isFine ? EXIT.fine : EXIT.found;
      if (!isJson) return { kind: "done", exit, output: toText([...lines, ...formatCounts(run)]) };
      return { kind: "done", exit, output: toText([JSON.stringify(toTestReport(run, policies))]), lines: untidy };
    }
    if (failures.length > 0) return found([...lines, ...formatCounts(run), "mutants are tried when all tests pass"]);
    if (run.tested === undefined) return found(["there is no test that a mutant can be tried on"]);
    const locations = new Map([...locateRules(sources)].map(([rule, at]) => [rule, inFolder(policies, [at])[0] ?? at]));
    const mutation = tryMutants(run.tested, await compileShipped(assembly));
    const report = toMutationReport(mutation, locations);
    const exit = isFine && report.survivors.length === 0 ? EXIT.fine : EXIT.found;
    const text = formatMutationRun(mutation, report);
    if (isJson)
      return { kind: "done", exit, output: toText([JSON.stringify(report)]), lines: [...untidy, ...text.notes] };
    return { kind: "done", exit, output: toText([...untidy, ...text.survivors, ...text.notes, text.count]) };
  },
};

function toText(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
