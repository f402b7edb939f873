import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readArguments } from "../../../cli/command.ts";
import { command } from "../../../cli/pull-request.ts";
import { createWorkspace, type Workspace } from "../../../dev/workspace.ts";

const ORDERS = `# METADATA
# title: Orders
package access.orders

# METADATA
# title: Customers read their own orders
grants["read_own"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{id}/orders",
	"where": {"id": "sub"},
}
`;

const TESTS = `# METADATA
# title: Tests of orders
package access_test.orders

import data.engine
import data.engine.testing

# METADATA
# title: Who reads orders
test_decision[name] if {
	some name, case in {"her own": {"path": "/customers/42/orders", "effect": "allow"}}

	customer := {"groups": ["Customers"], "claims": {"sub": "42"}}
	engine.decision.effect == case.effect with input as testing.input_for(object.union(customer, case))
}
`;

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace({
    "access/roles.rego": `package access.roles\n\ncustomer := {"groups": {"Customers"}}\n\nauditor := {"groups": {"Auditors"}}\n`,
    "access/orders.rego": ORDERS,
    "access/orders_test.rego": TESTS,
  });
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: workspace.root });
  git("init", "--quiet");
  git("add", ".");
  git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "Orders");
});

afterAll(() => workspace[Symbol.asyncDispose]());

async function review(base: string, ...flags: readonly string[]) {
  const given = readArguments(command, [base, "--policies", workspace.policies, ...flags]);
  const outcome = "kind" in given ? given : await command.run(given);
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  return { exit: outcome.exit, comment: (outcome.output ?? "").replaceAll(workspace.policies, "policies") };
}

it("compares the working tree with a commit, and says what no test would notice", async () => {
  await workspace.write({ "access/orders.rego": ORDERS.replace(`{"customer"}`, `{"customer", "auditor"}`) });
  const { exit, comment } = await review("HEAD");
  expect(exit).toBe(1);
  expect(comment).toContain("### Access: 1 gain, compared with `HEAD`\n");
  expect(comment).toContain(
    "- **Gain of** `GET /customers/{}/orders` for `group Auditors`: none → `own /customers/{sub}/orders`, by `orders.read_own`\n",
  );
  expect(comment).toContain("+allow | group Auditors | GET | /customers/{}/orders | own 1=sub\n");
  expect(comment).toContain("| 👀 Tests of what changed | tests notice 0 of ");
  expect(comment).toMatch(/^# policies\/access\/orders.rego:7: orders.read_own .*\n".*": \{.*"effect": "deny"\},$/m);
});

it("writes the same for a terminal, without HTML", async () => {
  const { comment } = await review("HEAD", "--format", "text");
  expect(comment).toMatch(/^### Access: 1 gain, compared with `HEAD`\n/);
  expect(comment).toContain("\nAccess lock: 1 added, 0 removed:\n\n```diff\n+allow | group Auditors | ");
  expect(comment).not.toMatch(/<\/|<details|&#|&lt;/);
});

it("writes the same for tools, also why nothing was compared", async () => {
  const { exit, comment } = await review("HEAD", "--format", "json");
  expect([exit, JSON.parse(comment)]).toMatchObject([
    1,
    {
      ...{ format: 1, base: "HEAD", policies: "policies" },
      changes: [{ kind: "gain", who: "group Auditors", by: ["orders.read_own"] }],
      lock: { added: ["allow | group Auditors | GET | /customers/{}/orders | own 1=sub"], removed: [] },
      parts: expect.arrayContaining([expect.objectContaining({ title: "Tests of what changed", state: "look" })]),
    },
  ]);
  const missing = await review("no-such-branch", "--format", "json");
  const { not_compared: lines } = JSON.parse(missing.comment);
  expect([missing.exit, lines]).toEqual([2, [expect.stringContaining("no-such-branch")]]);
});

it("says why nothing was compared: a policy that does not build, and a ref that does not exist", async () => {
  await workspace.write({ "access/orders.rego": ORDERS.replace(`{"customer"}`, `{"custmer"}`) });
  const broken = await review("HEAD");
  expect(broken.exit).toBe(2);
  expect(broken.comment).toMatch(
    /^### Access: nothing was compared with `HEAD`\n\n```\n.*orders\.rego:7: .*role\.unknown/m,
  );
  await workspace.write({ "access/orders.rego": ORDERS });
  const missing = await review("no-such-branch");
  expect([missing.exit, missing.comment]).toEqual([2, expect.stringContaining("no-such-branch")]);
});

it("finds nothing where nothing changes", async () => {
  await workspace.write({
    "access/orders.rego": ORDERS.replaceAll("read_own", "read_mine")
      .replaceAll("{id}", "{customer}")
      .replace(`{"id"`, `{"customer"`),
  });
  const { exit, comment } = await review("HEAD");
  expect([exit, comment]).toEqual([0, expect.stringContaining("### No change in access, compared with `HEAD`\n")]);
});
