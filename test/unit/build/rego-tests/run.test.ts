import { expect, it } from "vitest";
import { assemble } from "../../../../build/policy/assembly.ts";
import { findUncovered, runRegoTests } from "../../../../build/rego-tests/run.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";

const POLICIES = {
  "access/home.rego": `package access.home

grants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}
`,
  "access/home_test.rego": `package access_test.home

import data.engine

test_decision[name] if {
	some name, path in {"home is read": "/home", "nothing else is": "/office"}
	request := {"method": "GET", "path": path}
	engine.decision.effect == "allow" with input as {"principal": {}, "request": request}
}
`,
};

it("a Rego test that fails is named, in OPA and in WebAssembly", async () => {
  await using workspace = await createWorkspace(POLICIES);
  await using assembly = await assemble(await opaPath(), workspace.policies);
  const results = await runRegoTests(assembly);
  const failed = ["access_test.home.test_decision: nothing else is"];
  expect([results.opa.failed, results.wasm.failed]).toEqual([failed, failed]);
  expect(results.wasm.passed).toBe(results.opa.passed);
  expect(await findUncovered(assembly)).toEqual([]);
});

it("a line that no Rego test runs is named, once", async () => {
  const condition = `# METADATA
# schemas:
# - input: schema.input
package access.conditions

late if input.now_s > 7
`;
  await using workspace = await createWorkspace({
    "access/conditions.rego": condition,
    "access/home.rego": POLICIES["access/home.rego"],
  });
  await using assembly = await assemble(await opaPath(), workspace.policies);
  expect((await findUncovered(assembly)).filter((line) => line.startsWith("policies/access/"))).toEqual([
    "policies/access/conditions.rego:6",
    "policies/access/home.rego:3",
  ]);
});
