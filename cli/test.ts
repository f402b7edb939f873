import { findOpa } from "../build/opa/find.ts";
import { assemble } from "../build/policy/assembly.ts";
import { findUncovered, runRegoTests } from "../build/rego-tests/run.ts";
import { type Command, couldNotRun, EXIT } from "./command.ts";
import { policiesOf } from "./subject.ts";

export const command: Command = {
  usage: `rego-authorizer test [--policies DIR]
  runs the Rego tests of the policies, in OPA and in the engine that ships
  --policies  the folder with access/ in it; default: policies`,
  flags: ["policies"],
  async run(given) {
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    await using assembly = await assemble(opa.value, policiesOf(given));
    const { opa: inOpa, wasm } = await runRegoTests(assembly);
    const uncovered = await findUncovered(assembly);
    const failed = [...inOpa.failed, ...wasm.failed.map((name) => `${name} (in WebAssembly)`)];
    const lines = [
      ...failed.map((name) => `FAILED ${name}`),
      ...uncovered.map((line) => `${line}: no Rego test runs this`),
      `OPA          ${inOpa.passed} passed, ${inOpa.failed.length} failed`,
      `WebAssembly  ${wasm.passed} passed, ${wasm.failed.length} failed`,
    ];
    return { kind: "done", exit: failed.length > 0 ? EXIT.found : EXIT.fine, output: `${lines.join("\n")}\n` };
  },
};
