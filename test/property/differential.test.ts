import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { bundle, compile, ENTRYPOINTS, listShipped } from "../../build/package/compile.ts";
import { DATA_DOCUMENT } from "../../build/policy/engine-queries.ts";
import { listRego } from "../../build/rego/files.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { apiOfRequest, CONDITIONS, CONDITIONS_REGO, inputFor, policyOfApis } from "../support/arbitraries.ts";
import { opaIn } from "../support/opa.ts";
import { decide, type Input, type Policy } from "../support/oracle.ts";
import { toFiles } from "../support/rego.ts";

const POLICIES = 40;
const INPUTS = 150;

/** Evaluates each input three times: by the oracle, by OPA with the shipped bundle, and by the shipped module. */
async function askAll(rules: Policy, inputs: readonly Input[]) {
  await using workspace = await createEngineWorkspace({ ...toFiles(rules), "access/conditions.rego": CONDITIONS_REGO });
  const { root } = workspace;
  const opa = await opaIn(root);
  const evaluated = await opa("eval", "--format", "raw", "--data", "policies", DATA_DOCUMENT);
  const files = listShipped(await listRego(root, "policies"));
  const [wasm, packed] = [
    await compile(opa, join(root, "wasm.tar.gz"), files, ENTRYPOINTS),
    await bundle({ opa, folder: root, data: evaluated.stdout }, join(root, "bundle.tar.gz"), files, "r"),
  ];
  if (!wasm.ok || !packed.ok) throw new Error(JSON.stringify([wasm, packed]));

  await writeFile(join(root, "inputs.json"), JSON.stringify(inputs));
  const query = "[decision | some asked in input; decision := data.engine.decision with input as asked]";
  const { stdout } = await opa("eval", "--format", "raw", "--bundle", "bundle.tar.gz", "--input", "inputs.json", query);
  const evaluate = createEvaluator(
    new WebAssembly.Module(wasm.value),
    Uint8Array.from(Buffer.from(evaluated.stdout)).buffer,
  );
  return {
    oracle: inputs.map((input) => decide(rules, CONDITIONS, input)),
    opa: JSON.parse(stdout) as readonly object[],
    wasm: inputs.map((input) => {
      const answer = evaluate("engine/decision", input);
      return answer.ok ? (answer.value as { result: object }[])[0]?.result : answer.error;
    }),
  };
}

it("an oracle, OPA and the compiled module agree on effect and names", async () => {
  let decisions = 0;
  const effects = new Map<string, number>();
  const cases = policyOfApis.chain((rules) => {
    const input = fc.tuple(inputFor(rules), apiOfRequest).map(([drawn, api]): Input => {
      return { ...drawn, request: { ...drawn.request, ...(api !== undefined && { api }) } };
    });
    return fc.tuple(fc.constant(rules), fc.array(input, { minLength: INPUTS, maxLength: INPUTS }));
  });
  await fc.assert(
    fc.asyncProperty(cases, async ([rules, inputs]) => {
      const { oracle, opa, wasm } = await askAll(rules, inputs);
      for (const [at, input] of inputs.entries()) {
        expect({ input, decision: opa[at] }).toEqual({ input, decision: oracle[at] });
        expect({ input, decision: wasm[at] }).toEqual({ input, decision: oracle[at] });
        decisions += 1;
        const { effect, reasons = [] } = oracle[at] as { effect: string; reasons?: readonly string[] };
        for (const kind of effect === "allow" ? ["allow"] : reasons) effects.set(kind, (effects.get(kind) ?? 0) + 1);
      }
    }),
    { numRuns: POLICIES, seed: 12, endOnFailure: true },
  );
  console.log(`${decisions} decisions of ${POLICIES} policies agreed on by three:`, Object.fromEntries(effects));
  // The generator reaches every outcome; otherwise the agreement would prove little.
  expect([...effects.keys()].sort()).toEqual([
    "allow",
    "condition.unmet",
    "denial",
    "grant.none",
    "role.missing",
    "where.mismatch",
  ]);
});
