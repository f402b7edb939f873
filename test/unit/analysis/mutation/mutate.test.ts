import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listMutants } from "../../../../analysis/mutation/mutants.ts";
import { tryMutants } from "../../../../analysis/mutation/mutate.ts";
import { toMutatedIndex } from "../../../../analysis/mutation/mutated-index.ts";
import { listPublicMutants } from "../../../../analysis/mutation/public-mutants.ts";
import { compileShipped } from "../../../../build/package/compile.ts";
import { assemble } from "../../../../build/policy/assembly.ts";
import { runRegoTests, type TestedPolicy } from "../../../../build/rego-tests/run.ts";
import { packIndex } from "../../../../contract/pack-index.ts";
import { parsePolicyData } from "../../../../contract/policy-data.ts";
import { createWorkspace } from "../../../../dev/workspace.ts";
import { opaPath } from "../../../support/opa.ts";
import { ORDERS_POLICIES } from "../../../support/orders-policies.ts";

type Files = Readonly<Record<string, string>>;

/** Runs the Rego tests of some policies. */
async function testedOf(policies: Files): Promise<TestedPolicy & { readonly engine: WebAssembly.Module }> {
  await using workspace = await createWorkspace(policies);
  await using assembly = await assemble(await opaPath(), workspace.policies);
  const { tested, opa, wasm } = await runRegoTests(assembly);
  expect([opa.failed, wasm.failed]).toEqual([[], []]);
  if (tested === undefined) throw new Error("no test ran with the index as data");
  return { ...tested, engine: await compileShipped(assembly) };
}

/** Tries the mutants of some policies on their tests. */
async function mutate(policies: Files) {
  const { engine, ...tested } = await testedOf(policies);
  return tryMutants(tested, engine);
}

function indexOf({ data }: TestedPolicy) {
  const parsed = parsePolicyData(JSON.parse(data));
  if (!parsed.ok) throw new Error(parsed.error.at);
  return parsed.value.index;
}

const SHOP: Files = {
  "access/roles.rego": `package access.roles

buyer := {"groups": {"Buyers"}}

clerk := {"groups": {"Clerks"}, "includes": {"buyer"}}

robot := {"scopes": {"shop/run"}}
`,
  "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

fresh if input.now_s - values.number(input.principal.claims.auth_time) < 60

inside if net.cidr_contains("203.0.113.0/24", input.request.source_ip)
`,
  "access/shop.rego": `package access.shop

grants["own"] := {
	"roles": {"buyer"},
	"verbs": {"GET"},
	"path": "/carts/{cart}",
	"where": {"cart": "custom:cart"},
	"when": {"fresh"},
}

grants["stock"] := {"roles": {"clerk"}, "verbs": {"ANY"}, "path": "/stock/{item+}"}

denials["closed"] := {"verbs": {"PUT", "DELETE"}, "path": "/stock/{item+}", "unless": {"inside"}}
`,
  "access/shop_test.rego": `package access_test.shop

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"a buyer sees her cart": {"who": _buyer, "path": "/carts/7", "effect": "allow"},
		"a clerk stocks": {"groups": ["Clerks"], "method": "PUT", "path": "/stock/a", "source_ip": "203.0.113.9", "effect": "allow"},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}

_buyer := {"groups": ["Buyers"], "claims": {"custom:cart": "7", "auth_time": 999990}}
`,
};

it("a change that no test notices survives, with a case that notices it; pasted, it passes, and the mutant is noticed", async () => {
  const before = await mutate(SHOP);
  expect(before.survivors.map(({ rule, change }) => `${rule}: ${change}`)).toEqual([
    "shop.own: opened to the role robot",
    "shop.own: opened to the role authenticated",
    ...["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => `shop.own: opened to the verb ${verb}`),
    "shop.own: opened to the path /{any0}/{cart}",
    "shop.own: without the condition fresh",
    "shop.own: without the comparison of cart with custom:cart",
    "shop.stock: opened to the role buyer",
    "shop.stock: opened to the role robot",
    "shop.stock: opened to the role authenticated",
    "shop.stock: opened to the path /{any0}/{item+}",
    "shop.closed: dropped",
    "shop.closed: dropped for the verb DELETE",
    "shop.closed: dropped for the verb PUT",
    "shop.closed: narrowed to the path /stock/{item}",
    "conditions.fresh: true of every request",
    "conditions.inside: true of every request",
  ]);
  expect(before.noticed).toBe(0);
  expect(before.undecided).toEqual([]);

  const pasted = before.survivors.map((survivor) => `\t\t${survivor.case}\n`).join("");
  const text = SHOP["access/shop_test.rego"] ?? "";
  const after = await mutate({
    ...SHOP,
    "access/shop_test.rego": text.replace("\t}\n\n\tengine", `${pasted}\t}\n\n\tengine`),
  });
  expect(after).toEqual({ mutants: 21, noticed: 21, survivors: [], undecided: [] });
});

it("tests of another form notice mutants, too", async () => {
  const strict = `package access_test.other

import data.engine
import data.engine.testing

_decide(case) := decision if decision := engine.decision with input as testing.input_for(case)

test_clerks_alone if {
	ofBuyer := _decide({"groups": ["Buyers"], "path": "/stock/a"})
	ofBuyer.effect == "deny"
	ofClerk := _decide({"groups": ["Clerks"], "path": "/stock/a"})
	ofClerk.grants == ["shop.stock"]
}
`;
  const { survivors } = await mutate({ ...SHOP, "access/other_test.rego": strict });
  const changes = survivors.map(({ rule, change }) => `${rule}: ${change}`);
  expect(changes).not.toContain("shop.stock: opened to the role buyer");
  expect(changes).toContain("shop.stock: opened to the role robot");
});

it("a mutant is noticed exactly if a test fails in OPA with the whole index of the mutant", async () => {
  const tested = await testedOf(ORDERS_POLICIES);
  const index = indexOf(tested);
  const run = tryMutants(tested, tested.engine);
  const unnoticed = new Set([...run.survivors, ...run.undecided].map(({ rule, change }) => `${rule} ${change}`));
  await using workspace = await createWorkspace(ORDERS_POLICIES);
  await using assembly = await assemble(await opaPath(), workspace.policies);
  const mutants = listMutants(index);
  const indexes = mutants.map((mutant) => packIndex(toMutatedIndex(index, mutant)));
  await writeFile(join(assembly.folder, "mutants.json"), JSON.stringify({ mutants: indexes }));
  const names = [
    "home.test_decision",
    "orders.test_decision",
    "admin.test_decision",
    "admin.test_decision_on_the_ledger",
  ];
  const counts = names.map((name) => `count(data.access_test.${name})`).join(" + ");
  const query = `[passed | some index in data.mutants; passed := ${counts} with data.engine.index.compiled as index]`;
  const { stdout, stderr } = await assembly.opa(
    ...["eval", "--format", "raw", "--data", "policies", "--data", "mutants.json", query],
  );
  if (stderr !== "") throw new Error(stderr);
  const passed = JSON.parse(stdout) as readonly number[];
  const all = tested.cases.length;
  const bySlow = mutants.filter((_, at) => passed[at] === all).map(({ rule, change }) => `${rule} ${change}`);
  expect(new Set(bySlow)).toEqual(unnoticed);
  expect(bySlow.length).toBeGreaterThan(10);
  expect(bySlow.length).toBeLessThan(mutants.length);
});

it("a case of a mutant has the calendar of the tests, where a condition reads it", async () => {
  const { survivors } = await mutate({
    "access/roles.rego": SHOP["access/roles.rego"] ?? "",
    "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

by_day if input.calendar["Europe/Berlin"].hour < 18
`,
    "access/shop.rego": `package access.shop

grants["visit"] := {"roles": {"buyer"}, "verbs": {"GET"}, "path": "/shop", "when": {"by_day"}}
`,
    "access/shop_test.rego": `package access_test.shop

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {"by day": {"groups": ["Buyers"], "path": "/shop", "calendar": {"Europe/Berlin": {"hour": 9}}, "effect": "allow"}}
	engine.decision.effect == case.effect with input as testing.input_for(case)
}
`,
  });
  const found = survivors.find(({ change }) => change === "opened to the verb PUT");
  expect(found?.case).toMatch(/"method": "PUT", .*"calendar": \{"Europe\/Berlin": \{"hour": 9\}\}, "effect": "deny"/);
});

const TIED: Files = {
  "access/roles.rego": `package access.roles

clerk := {"groups": {"Clerks"}, "scopes": {"shop/run"}, "claims": {"level": {"7"}}, "issuers": {"staff", "partner"}}
`,
  "access/shop.rego": `package access.shop

grants["stock"] := {"roles": {"clerk"}, "verbs": {"GET"}, "path": "/stock"}
`,
  "access/shop_test.rego": `package access_test.shop

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"a clerk reads": {"groups": ["Clerks"], "issuer_name": "staff", "path": "/stock", "effect": "allow"},
		"others don't": {"groups": ["Others"], "issuer_name": "staff", "path": "/stock", "effect": "deny"},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}
`,
};

it("a role that is tied to issuers has a mutant that any issuer's principals hold, and a case that notices it", async () => {
  const issuersIn = (run: Awaited<ReturnType<typeof mutate>>) =>
    run.survivors.filter(({ rule }) => rule === "roles.clerk");
  const [survivor, ...others] = issuersIn(await mutate(TIED));
  expect([survivor?.change, others]).toEqual(["held by the principals of any issuer", []]);
  expect(survivor?.case).toContain('"issuer_name": "another"');
  const text = TIED["access/shop_test.rego"] ?? "";
  const pasted = text.replace("\t}\n\n\tengine", `\t\t${survivor?.case}\n\t}\n\n\tengine`);
  expect(issuersIn(await mutate({ ...TIED, "access/shop_test.rego": pasted }))).toEqual([]);
});

const OPS: Files = {
  ...SHOP,
  "access/ops.rego": `package access.ops

public["health"] := {"verbs": {"GET"}, "path": "/health"}

public["price"] := {"verbs": {"GET"}, "path": "/prices/{item}", "api": {"shop"}}
`,
};

const PUBLIC_CASES = `package access_test.ops

import data.engine.testing

test_public[name] if {
	some name, case in {
CASES
	}

	testing.is_public(case) == case["public"]
}
`;

it("lists the changes of public rules that no test notices, with cases that notice each, and nothing else does", async () => {
  const known = '"the check": {"path": "/health", "public": true},';
  const { survivors } = await mutate({ ...OPS, "access/ops_test.rego": PUBLIC_CASES.replace("CASES", known) });
  const own = survivors.filter(({ rule }) => rule.startsWith("ops."));
  const verbs = ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map((verb) => `opened to the verb ${verb}`);
  expect(own.map(({ rule, change }) => `${rule} ${change}`)).toEqual([
    ...[...verbs, "opened to /{any0}"].map((change) => `ops.health ${change}`),
    // Opened to /{any0}/{item}, it would share requests with the grant for carts, and not build.
    ...[...verbs, "opened to all APIs"].map((change) => `ops.price ${change}`),
  ]);
  const cases = [known, ...own.map((one) => one.case)].join("\n");
  const mended = await mutate({ ...OPS, "access/ops_test.rego": PUBLIC_CASES.replace("CASES", cases) });
  expect(mended.survivors.filter(({ rule }) => rule.startsWith("ops."))).toEqual([]);
  expect(mended.noticed).toBeGreaterThanOrEqual(own.length);
});

it("does not count a change of a public rule that does not build, or that opens nothing new", () => {
  const index = { grants: {}, denials: {} } as unknown as Parameters<typeof listPublicMutants>[1];
  const rules = { "a.one": { verbs: ["GET"], path: "/a" }, "a.all": { verbs: ["ANY"], path: "/{any}" } };
  const changes = (all: object, ruled: object = {}) =>
    listPublicMutants({ ...all }, { ...index, ...ruled }).map(({ rule, change }) => `${rule} ${change}`);
  expect(changes(rules)).toEqual([]);
  const { "a.one": one } = rules;
  const denial = { verbs: ["POST"], path: "/{all+}", api: [] };
  expect(changes({ "a.one": one }, { denials: { b: denial } })).not.toContain("a.one opened to the verb POST");
  expect(changes({ "a.one": one })).toContain("a.one opened to the verb POST");
});
