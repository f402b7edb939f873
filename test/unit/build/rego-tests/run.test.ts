import { expect, it } from "vitest";
import { assemble } from "../../../../build/policy/assembly.ts";
import { findUncovered } from "../../../../build/rego-tests/opa-test.ts";
import { formatCounts, formatFailures, runRegoTests } from "../../../../build/rego-tests/run.ts";
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

async function runIn(policies: Readonly<Record<string, string>>, limit?: readonly string[]) {
  await using workspace = await createWorkspace(policies);
  await using assembly = await assemble(await opaPath(), workspace.policies);
  const run = await runRegoTests(assembly, limit);
  return { run, lines: [...formatFailures(run), ...formatCounts(run)] };
}

it("a failed Rego test is reported with its decision and its place", async () => {
  const { run, lines } = await runIn(POLICIES);
  expect(lines).toEqual([
    "FAILED access_test.home.test_decision: nothing else is — expected allow, decided deny: grant.none (policies/access/home_test.rego:6)",
    "OPA          1 passed, 1 failed",
    "WebAssembly  1 passed, 1 failed",
  ]);
  expect(run.wasm.failed).toEqual(run.opa.failed);
});

it("the decision is reported for cases with the builder, with other modifiers, and for a test of one case or without cases", async () => {
  const { lines } = await runIn({
    ...POLICIES,
    "access/home_test.rego": `package access_test.home

import data.engine as the_engine
import data.engine.testing

test_table[name] if {
	some name, case in {
		"passes": {"path": "/home", "effect": "allow"},
		"is allowed": {
			"path": "/home",
			"effect": "deny",
		},
		"has no input": {"effect": "deny"},
	}

	not case.path == "/7"
	the_engine.decision.effect == case.effect with input as testing.input_for(case)
		with data.data as {"a": {
			"b": 1,
		}}
}

test_alone if {
	the_engine.decision.effect == "allow" with input as testing.input_for({"who": null, "path": "/home"})
}

test_of_two_decisions if {
	the_engine.decision.effect == "allow" with input as {}
	the_engine.decision.effect == "deny" with input as {}
}

test_of_something_else if 1 == 2

todo_test_later if 1 == 2
`,
  });
  expect(lines).toEqual([
    "FAILED access_test.home.test_table: is allowed — expected deny, decided allow: home.read (policies/access/home_test.rego:9)",
    "FAILED access_test.home.test_table: has no input (policies/access/home_test.rego:13)",
    "FAILED access_test.home.test_alone — expected allow, decided deny: role.missing (policies/access/home_test.rego:23)",
    "FAILED access_test.home.test_of_two_decisions (policies/access/home_test.rego:27)",
    "FAILED access_test.home.test_of_something_else (policies/access/home_test.rego:32)",
    "OPA          1 passed, 5 failed",
    "WebAssembly  1 passed, 5 failed",
  ]);
});

it("a test that OPA can't finish is reported, and does not run in WebAssembly", async () => {
  const slow = `package access_test.slow

test_slow if count([n | some n in numbers.range(1, 30000000)]) == 7

test_quick if 1 == 1
`;
  const { lines } = await runIn({ "access/home.rego": POLICIES["access/home.rego"], "access/slow_test.rego": slow }, [
    "--timeout",
    "500ms",
  ]);
  expect(lines).toEqual([
    expect.stringMatching(
      /^FAILED access_test\.slow\.test_slow — eval_cancel_error: .+ \(policies\/access\/slow_test\.rego:3\)$/,
    ),
    "access_test.slow.test_slow: did not run in WebAssembly, since OPA could not finish it",
    "OPA          1 passed, 1 failed",
    "WebAssembly  1 passed, 0 failed",
  ]);
});

it("a Rego test has the same base data in both engines", async () => {
  const condition = `# METADATA
# schemas:
# - input: schema.input
package access.conditions

in_an_office if {
	some block in data.data.office.networks
	net.cidr_contains(block, input.request.source_ip)
}
`;
  const { lines } = await runIn({
    "data/office.yaml": "office:\n  networks: [203.0.113.0/24]\n",
    "access/conditions.rego": condition,
    "access/home.rego": `package access.home

grants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home", "when": {"in_an_office"}}
`,
    "access/home_test.rego": `package access_test.home

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"from the office": {"path": "/home", "source_ip": "203.0.113.7", "effect": "allow"},
		"from elsewhere": {"path": "/home", "effect": "deny"},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}

test_without_offices if {
	request := {"path": "/home", "source_ip": "203.0.113.7"}
	engine.decision.effect == "deny" with input as testing.input_for(request) with data.data.office.networks as []
}
`,
  });
  expect(lines).toEqual(["OPA          3 passed, 0 failed", "WebAssembly  3 passed, 0 failed"]);
});

it("a test that alters the policy makes the index of the altered policy, also in a function of another file", async () => {
  const { lines } = await runIn({
    ...POLICIES,
    "access/altered_test.rego": `package access_test.altered

import data.engine
import data.access_test.lib

test_without_grants if {
	engine.decision.effect == "deny" with input as {"principal": {}, "request": {"method": "GET", "path": "/home"}}
		with data.access.home.grants as {}
}

test_by_a_function if lib.effect_without_grants == "deny"

test_with_grants if {
	engine.decision.effect == "allow" with input as {"principal": {}, "request": {"method": "GET", "path": "/home"}}
}
`,
    "access/lib_test.rego": `package access_test.lib

import data.engine

effect_without_grants := decision.effect if {
	decision := engine.decision with input as {"principal": {}, "request": {"method": "GET", "path": "/home"}}
		with data.access.home as {}
}
`,
  });
  expect(lines.slice(1)).toEqual(["OPA          4 passed, 1 failed", "WebAssembly  4 passed, 1 failed"]);
});

it("a test that reads the policy's own rules or its problems finds them", async () => {
  const { lines } = await runIn({
    ...POLICIES,
    "access/home_test.rego": `package access_test.home

import data.access.home
import data.engine

test_verbs if home.grants.read.verbs == {"GET"}

test_no_problems if count(engine.problems) == 0

test_index if object.keys(engine.index.compiled.all.shapes[0].places.GET) == {"home"}
`,
  });
  expect(lines).toEqual(["OPA          3 passed, 0 failed", "WebAssembly  3 passed, 0 failed"]);
});

it("a line that no Rego test runs is reported once", async () => {
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
  const uncovered = await findUncovered(assembly.opa);
  expect(uncovered?.filter(({ file }) => file.startsWith("policies/access/"))).toEqual([
    { file: "policies/access/conditions.rego", line: 6 },
    { file: "policies/access/home.rego", line: 3 },
  ]);
});

it("failed tests have no coverage", async () => {
  await using workspace = await createWorkspace(POLICIES);
  await using assembly = await assemble(await opaPath(), workspace.policies);
  expect(await findUncovered(assembly.opa)).toBeUndefined();
});

it("each definition of a test runs, of which OPA numbers the second and later ones", async () => {
  const { lines } = await runIn({
    ...POLICIES,
    "access/home_test.rego": `package access_test.home

import data.engine

test_table[name] if {
	some name, path in {"home is read": "/home"}
	request := {"method": "GET", "path": path}
	engine.decision.effect == "allow" with input as {"principal": {}, "request": request} with data.data.x as 1
}

test_table[name] if {
	some name, path in {"the office is read": "/office"}
	request := {"method": "GET", "path": path}
	engine.decision.effect == "allow" with input as {"principal": {}, "request": request} with data.data.x as 1
}

test_twice if engine.decision.effect == "deny" with input as {} with data.data.x as 1

test_twice if engine.decision.effect == "allow" with input as {} with data.data.x as 1
`,
  });
  expect(lines.filter((line) => line.startsWith("FAILED")).map((line) => line.replace(/ — .*/, ""))).toEqual([
    "FAILED access_test.home.test_table: the office is read",
    "FAILED access_test.home.test_twice",
  ]);
  expect(lines).toContain("OPA          1 passed, 2 failed");
});
