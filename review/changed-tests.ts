import { toMutationReport } from "../analysis/mutation/formats.ts";
import { tryMutants } from "../analysis/mutation/mutate.ts";
import { compileShipped } from "../build/package/compile.ts";
import { assemble } from "../build/policy/assembly.ts";
import { locateRules } from "../build/policy/engine-queries.ts";
import { readSources } from "../build/policy/metadata.ts";
import { inFolder } from "../build/policy/problem.ts";
import { formatFailures, runRegoTests } from "../build/rego-tests/run.ts";
import { formatBlock } from "../contract/markdown.ts";
import { toTestsPart } from "./parts.ts";
import type { ReviewPart } from "./review.ts";

/** Runs the Rego tests of a policy, and tries on them the mutants of the rules that changed. */
export async function toTestsOfChanged(
  opaPath: string,
  policies: string,
  changed: ReadonlySet<string>,
): Promise<ReviewPart> {
  if (changed.size === 0) return toTestsPart({ mutants: 0, noticed: 0, survivors: [] });
  const title = "Tests";
  await using assembly = await assemble(opaPath, policies);
  const run = await runRegoTests(assembly);
  const failures = formatFailures(run, policies);
  if (failures.length > 0)
    return {
      title,
      state: "wrong",
      summary: failures.length === 1 ? "1 test fails" : `${failures.length} tests fail`,
      details: formatBlock(failures),
    };
  if (run.tested === undefined)
    return { title, state: "look", summary: "no test could notice a change of a rule", details: [] };
  const sources = await readSources(assembly);
  const locations = new Map([...locateRules(sources)].map(([rule, at]) => [rule, inFolder(policies, [at])[0] ?? at]));
  const mutation = tryMutants(run.tested, await compileShipped(assembly), (rule) => changed.has(rule));
  return toTestsPart(toMutationReport(mutation, locations));
}
