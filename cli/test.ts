import { findOpa } from "../build/opa/find.ts";
import { assemble } from "../build/policy/assembly.ts";
import { checkMetadata } from "../build/policy/metadata.ts";
import { formatProblems, inFolder } from "../build/policy/problem.ts";
import { checkFolder } from "../build/policy/read-policy.ts";
import { findUncovered, formatUncovered, type Line } from "../build/rego-tests/opa-test.ts";
import { formatCounts, formatFailures, runRegoTests } from "../build/rego-tests/run.ts";
import { type Command, couldNotRun, EXIT, found } from "./command.ts";
import { policiesOf } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer test [--policies DIR]
  runs the Rego tests of the policies, in OPA and in the engine that ships
  --policies  the folder with access/ in it; default: policies`,
  flags: ["policies"],
  async run(given) {
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    const policies = policiesOf(given);
    const misplaced = await checkFolder(policies);
    if (misplaced.length > 0) return found(formatProblems(misplaced));
    await using assembly = await assemble(opa.value, policies);
    const run = await runRegoTests(assembly);
    const failures = formatFailures(run, policies);
    const uncovered = failures.length > 0 ? [] : ((await findUncovered(assembly.opa)) ?? []);
    const untitled = inFolder(policies, await checkMetadata(assembly));
    const lines = [
      ...failures,
      ...formatProblems(untitled),
      ...inFolder(policies, uncovered.filter(isOfCompany)).map(formatUncovered),
      ...formatCounts(run),
    ];
    const isFine = failures.length + untitled.length === 0;
    return { kind: "done", exit: isFine ? EXIT.fine : EXIT.found, output: `${lines.join("\n")}\n` };
  },
};

/** Tells whether a line is in the company's policies. The engine's own tests do not run here. */
function isOfCompany({ file }: Line): boolean {
  return file.startsWith("policies/access/");
}
