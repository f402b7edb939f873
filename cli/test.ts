import { formatTooManyTests } from "../analysis/access/formats.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { formatLockState, hasLock, readLockState } from "../analysis/compare/lock-file.ts";
import { formatMutationRun, toMutationReport } from "../analysis/mutation/formats.ts";
import { tryMutants } from "../analysis/mutation/mutate.ts";
import { findOpa } from "../build/opa/find.ts";
import { compileShipped } from "../build/package/compile.ts";
import { assemble } from "../build/policy/assembly.ts";
import { locateRules } from "../build/policy/engine-queries.ts";
import { checkFormatOfAll } from "../build/policy/format.ts";
import { checkTitles, readSources } from "../build/policy/metadata.ts";
import { compareProblems, formatProblems, inFolder } from "../build/policy/problem.ts";
import { checkFolder, readPolicy } from "../build/policy/read-policy.ts";
import { formatCounts, formatFailures, runRegoTests, toTestReport } from "../build/rego-tests/run.ts";
import { err, ok, type Result } from "../contract/result.ts";
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
    const lock = failures.length > 0 ? ok([]) : await findStaleLock(opa.value, policies);
    if (!lock.ok) return couldNotRun([lock.error]);
    const lines = [...failures, ...untidy, ...lock.value];
    const isFine = lines.length === 0;
    if (!given.switches.has("mutate")) {
      const exit = isFine ? EXIT.fine : EXIT.found;
      if (!isJson) return { kind: "done", exit, output: toText([...lines, ...formatCounts(run)]) };
      return {
        kind: "done",
        exit,
        output: toText([JSON.stringify(toTestReport(run, policies))]),
        lines: [...untidy, ...lock.value],
      };
    }
    if (failures.length > 0) return found([...lines, ...formatCounts(run), "mutants are tried when all tests pass"]);
    if (run.tested === undefined) return found(["there is no test that a mutant can be tried on"]);
    const locations = new Map([...locateRules(sources)].map(([rule, at]) => [rule, inFolder(policies, [at])[0] ?? at]));
    const mutation = tryMutants(run.tested, await compileShipped(assembly));
    const report = toMutationReport(mutation, locations);
    const exit = isFine && report.survivors.length === 0 ? EXIT.fine : EXIT.found;
    const text = formatMutationRun(mutation, report);
    if (isJson)
      return {
        kind: "done",
        exit,
        output: toText([JSON.stringify(report)]),
        lines: [...untidy, ...lock.value, ...text.notes],
      };
    return {
      kind: "done",
      exit,
      output: toText([...untidy, ...lock.value, ...text.survivors, ...text.notes, text.count]),
    };
  },
};

/** Compares the access lock with the policy, if there is one. A policy that does not build has a stale one, too. */
async function findStaleLock(opaPath: string, policies: string): Promise<Result<readonly string[], string>> {
  if (!(await hasLock(policies))) return ok([]);
  const read = await readPolicy(opaPath, policies);
  if (!read.ok) return ok(formatProblems(read.error));
  await using policy = read.value;
  const state = await readLockState(policies, toAccessPolicy(policy));
  return state.ok ? ok(formatLockState(policies, state.value)) : err(formatTooManyTests(state.error));
}

function toText(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
