import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, ENTRYPOINTS, listShipped } from "../../../build/package/compile.ts";
import { type Assembly, assemble } from "../../../build/policy/assembly.ts";
import { DATA_DOCUMENT, evaluate } from "../../../build/policy/engine-queries.ts";
import { listRego } from "../../../build/rego/files.ts";
import { readTestInputs } from "../../../build/rego-tests/test-inputs.ts";
import type { EngineInput } from "../../../contract/engine-input.ts";
import { parsePolicyData } from "../../../contract/policy-data.ts";
import type { PolicyIndex } from "../../../contract/policy-index.ts";
import { createWorkspace } from "../../../dev/workspace.ts";
import { compareModules, formatChange } from "../../../upgrade/compare.ts";
import { type BuiltModule, createModule } from "../../../upgrade/module.ts";
import { toSituations } from "../../../upgrade/principals.ts";
import { toRequests } from "../../../upgrade/requests.ts";
import { opaPath } from "../../support/opa.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";

let assembly: Assembly;
let data: string;
let index: PolicyIndex;
let inUse: BuiltModule;
let tests: readonly EngineInput[];
beforeAll(async () => {
  assembly = await assemble(await opaPath(), ORDERS_FOLDER);
  data = (await evaluate(assembly.opa, DATA_DOCUMENT)).stdout;
  const parsed = parsePolicyData(JSON.parse(data));
  if (!parsed.ok) throw new Error(parsed.error.at);
  index = parsed.value.index;
  inUse = await compileModule();
  tests = (await readTestInputs(await opaPath(), ORDERS_FOLDER)).inputs;
});
afterAll(() => assembly[Symbol.asyncDispose]());

/** Compiles the policy with the engine in the assembly. */
async function compileModule(): Promise<BuiltModule> {
  const files = listShipped(await listRego(assembly.folder, "policies"));
  const wasm = await compile(assembly.opa, join(assembly.folder, "wasm.tar.gz"), files, ENTRYPOINTS);
  if (!wasm.ok) throw new Error(wasm.error);
  return createModule(wasm.value, Buffer.from(data));
}

function requests(atMost = 1_000_000) {
  return toRequests(index, toSituations(tests, index.roles), atMost);
}

it("the same engine decides the same", async () => {
  const { decisions, entitlements, changes } = compareModules(inUse, await compileModule(), requests().inputs);
  expect([decisions > 1000, entitlements > 10, changes]).toEqual([true, true, []]);
});

describe("a change of one line of the engine is noticed if it changes a decision", () => {
  it.each([
    [
      "a parameter equals any claim",
      "outcomes.rego",
      "default _is_own(_, _) := false",
      "default _is_own(_, _) := true",
      "opened",
    ],
    [
      "a condition is true when it is undefined",
      "outcomes.rego",
      "default _is_true(_) := false",
      "default _is_true(_) := true",
      "opened",
    ],
    ["a scope gives a role to users", "principal.rego", '\tinput.principal.kind == "machine"\n', "", "opened"],
    ["an empty segment matches", "candidates.rego", '\tnot "" in segments', "", "opened"],
    ["any condition lifts a denial", "outcomes.rego", "\tnot false in unless\n", "", "opened"],
    [
      "nothing is deleted",
      "candidates.rego",
      "[input.request.method]",
      '[input.request.method]\n\tinput.request.method != "DELETE"',
      "closed",
    ],
    [
      "a reason has another name",
      "decision.rego",
      '"reasons": sort({"denial"}',
      '"reasons": sort({"denied"}',
      "explained otherwise",
    ],
    ["a rule that nothing reads decides nothing", "entitlements.rego", /$/, "\n_unused := 1\n", undefined],
  ] as const)("%s", async (_, name, line, instead, kind) => {
    const file = join(assembly.folder, "policies/engine", name);
    const text = await readFile(file, "utf8");
    const altered = text.replace(line, instead);
    expect(altered).not.toBe(text);
    await writeFile(file, altered);
    try {
      const { changes } = compareModules(inUse, await compileModule(), requests().inputs);
      expect(changes[0]?.kind).toBe(kind);
    } finally {
      await writeFile(file, text);
    }
  });
});

it("requests reach every grant and every denial, and each way to be denied", () => {
  const decided = [...requests().inputs].map((input) => inUse.decide(input).split(" "));
  const seen = new Set(decided.flat());
  const rules = [...Object.keys(index.grants), ...Object.keys(index.denials)];
  const reasons = ["denial", "role.missing", "where.mismatch", "condition.unmet", "grant.none"];
  expect([...rules, ...reasons].filter((name) => !seen.has(name))).toEqual([]);
});

it("requests are thinned out evenly if there are too many", () => {
  const all = [...requests().inputs];
  const { inputs, oneIn } = requests(3000);
  const some = [...inputs];
  expect([oneIn, some.length > 2000, some.length < 4000]).toEqual([Math.ceil(all.length / 3000), true, true]);
  const methods = (list: readonly EngineInput[]) => [...new Set(list.map(({ request }) => request?.method))].sort();
  expect(methods(some)).toEqual(methods(all));
});

it("a change is formatted with the decisions before and after, how often it was seen, and an input that shows it", () => {
  const toModule = (allows: (method: string | undefined) => boolean): BuiltModule => ({
    data: "",
    decide: ({ request }) => (allows(request?.method) ? "allow a.b" : "deny role.missing"),
    listEntitlements: () => "[]",
  });
  const inputs = ["GET", "PUT", "POST"].map((method) => ({ request: { method } }));
  const { changes } = compareModules(
    toModule((method) => method === "GET"),
    toModule((method) => method !== "GET"),
    inputs,
  );
  expect(changes.map(formatChange)).toEqual([
    'opened: deny role.missing → allow a.b (2 inputs, such as {"request":{"method":"PUT"}})',
    'closed: allow a.b → deny role.missing (1 input, such as {"request":{"method":"GET"}})',
  ]);
});

describe("the inputs of Rego tests", () => {
  it("are those of all cases, each once", () => {
    const paths = tests.map(({ request }) => `${request?.method} ${request?.path}`);
    expect(paths).toEqual(expect.arrayContaining(["GET /home", "PUT /home", "POST /orders/7/refunds", "CONNECT /"]));
    expect(new Set(tests.map((input) => JSON.stringify(input))).size).toBe(tests.length);
  });

  it("are read with what stands before them, and tests whose inputs can't be read are named", async () => {
    await using workspace = await createWorkspace({
      "access/home.rego": `package access.home\n\ngrants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}\n`,
      "access/home_test.rego": `package access_test.home

import data.engine as decider

test_one if {
	path := concat("/", ["", "home"])
	not decider.decision.effect == "allow" with input as {"request": {"path": path, "method": "GET"}}
	decider.decision.effect == "deny" with input as _input("/b")
}

test_all if {
	every path in {"/c", "/d"} {
		decider.decision.effect == "deny" with input as _input(path)
	}
}

_input(path) := {"request": {"path": path, "method": "GET"}}
`,
    });
    const { inputs, tests: count, unread } = await readTestInputs(await opaPath(), workspace.policies);
    const paths = inputs.map(({ request }) => request?.path).sort();
    expect({ paths, count, unread }).toEqual({
      paths: ["/b", "/home"],
      count: 1,
      unread: ["access_test.home.test_all"],
    });
  });
});

it("the situations of the requests have the calendar of the tests", () => {
  const calendar = { "Europe/Berlin": { hour: 9 } };
  const given: EngineInput = { principal: {}, request: { method: "GET", path: "/home" }, now_s: 7, calendar };
  const { inputs } = toRequests(index, toSituations([given], index.roles), 100_000);
  expect([...inputs].filter((one) => one.now_s === 7).every((one) => one.calendar === calendar)).toBe(true);
  expect(new Set([...inputs].map((one) => one.now_s))).toEqual(new Set([1_000_000, 7]));
});
