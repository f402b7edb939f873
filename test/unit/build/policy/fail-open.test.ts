import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Opa } from "../../../../build/opa/run.ts";
import { CAPABILITIES_FILE, IN_CONDITIONS } from "../../../../build/policy/builtins.ts";
import { builtIn, createEngineWorkspace, type Workspace } from "../../../../dev/workspace.ts";
import { type BatchedCase, type BatchedResult, checkBatch } from "../../../support/batched-conditions.ts";
import { checkIn } from "../../../support/checked-policies.ts";
import { opaIn } from "../../../support/opa.ts";

const HEADER = `# METADATA
# schemas:
# - input: schema.input
package access.conditions
`;

const POLICIES = {
  "access/roles.rego": `package access.roles\n\nstaff := {"claims": {"custom:unit": {"Ops"}}}\n`,
  "access/area.rego": `package access.area

grants["it"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{id}", "when": {"it"}}
`,
};

let workspace: Workspace;
let opa: Opa;
beforeAll(async () => {
  workspace = await createEngineWorkspace(POLICIES);
  opa = await opaIn(workspace.root);
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Checks a policy with a condition `it` and helpers, and returns the lines that the build would print. */
async function checkWith(condition: string, library = "package access_lib\n"): Promise<readonly string[]> {
  const imports = ["data.engine.values", "data.engine.caller", "data.access_lib"].filter((name) => {
    const alias = name.slice(name.lastIndexOf(".") + 1);
    return new RegExp(`(?<!\\.)\\b${alias}\\b`).test(condition);
  });
  const lines = [HEADER, ...imports.map((name) => `import ${name}\n`), condition];
  await workspace.write({ "access/conditions.rego": `${lines.join("\n")}\n`, "access/lib.rego": library });
  return checkIn(workspace.root);
}

/** Checks and decides conditions and helpers as {@link checkWith} and {@link decide} do, many at once. */
async function batch(cases: readonly BatchedCase[]): Promise<readonly BatchedResult[]> {
  await using own = await createEngineWorkspace(POLICIES);
  return await checkBatch(own, await opaIn(own.root), cases, INPUT);
}

/** What a case must be checked alone for: OPA's own errors, which hide others, and lines and packages as a whole. */
const OF_ONE = /can't call|among the functions|wrong number|can't refer|:8:/;

/** Separates the cases that can be checked together from those that are checked alone. */
function split<Case extends readonly [...unknown[], RegExp]>(
  cases: readonly Case[],
): [readonly Case[], readonly Case[]] {
  const isAlone = (one: Case) => OF_ONE.test(one.at(-1)?.toString().replaceAll("\\", "") ?? "");
  return [cases.filter((one) => !isAlone(one)), cases.filter(isAlone)];
}

/** Evaluates that policy, whether or not the build accepts it. */
async function decide(claims: Readonly<Record<string, unknown>>): Promise<string> {
  await workspace.write({ "../input.json": JSON.stringify({ ...INPUT, principal: { claims } }) });
  const { stdout } = await opa(
    "eval",
    "--format",
    "raw",
    "--data",
    "policies",
    "--input",
    "input.json",
    "data.engine.decision.effect",
  );
  return stdout.trim();
}

function libraryOf(helper: string): string {
  return `# METADATA\n# schemas:\n# - input: schema.input\npackage access_lib\n\n${helper}\n`;
}

const CALENDAR = { "Europe/Berlin": { hour: 9, minute: 30, weekday: "monday", date: "2026-11-23" } };

const INPUT = { request: { method: "GET", path: "/7" }, now_s: 100, calendar: CALENDAR };

const IT = "input.principal.claims";

const HIDDEN = /an empty value does not show in this result/;

/** A text that is the same for every tenant if the claim is empty. */
const OF_TENANT = `concat("", ["/", ${IT}.tenant])`;

/** Conditions that would fail open for these claims without the check. */
const FORBIDDEN: readonly (readonly [string, string, Readonly<Record<string, unknown>>, RegExp])[] = [
  ["not", `it if not ${IT}.suspended`, {}, /`not` holds when/],
  [
    "not, deep in the rule",
    `it if {\n\t${IT}.level == "1"\n\tnot ${IT}.suspended\n}`,
    { level: "1" },
    /:8: `not` holds/,
  ],
  ["!=", `it if ${IT}.status != "suspended"`, { status: null }, /`!=` holds between/],
  ["every", `it if every group in ${IT}.groups { group == "good" }`, { groups: [] }, /`every` holds for an empty list/],
  ["default", `default it := true\n\nit if ${IT}.a == "b"`, {}, /`default` gives a rule a value/],
  ["else", `it if {\n\t${IT}.a == "b"\n\tfalse\n} else := true`, {}, /`else` applies when/],
  [
    "a comprehension",
    `it if {\n\tbad := [x | some x in ${IT}.flags]\n\tbad == []\n}`,
    {},
    /a comprehension is defined, and empty/,
  ],
  ["a set comprehension", `it if {x | some x in ${IT}.flags} == set()`, {}, /a comprehension is defined, and empty/],
  [
    "an object comprehension",
    `it if {x: 1 | some x in ${IT}.flags} == {}`,
    {},
    /a comprehension is defined, and empty/,
  ],
  [
    "object.get",
    `it if object.get(input, ["principal", "claims", "suspended"], "no") == "no"`,
    {},
    /object\.get gives its default/,
  ],
  [
    "with",
    `it if is_ok with input.principal.claims.a as "b"\n\nis_ok if ${IT}.a == "b"`,
    {},
    /`with` replaces values that were sent/,
  ],
  ["> on a claim", `it if ${IT}.level > 3`, { level: "0" }, /puts every string above every number/],
  [">= on a claim", `it if ${IT}.level >= 3`, { level: "0" }, /puts every string above every number/],
  [
    "a date before a claim",
    `it if input.calendar["Europe/Berlin"].date < ${IT}.until`,
    { until: ["x"] },
    /puts every string above every number/,
  ],
  [
    "a day that is not the bad one",
    `it if input.calendar["Europe/Berlin"].weekday != ${IT}.closed`,
    { closed: null },
    /`!=` holds between/,
  ],
  ["< on a claim", `it if 3 < ${IT}.level`, { level: "0" }, /puts every string above every number/],
  ["<= on a claim", `it if 3 <= ${IT}.level`, { level: [] }, /puts every string above every number/],
  [
    "> on a variable",
    `it if {\n\tlevel := ${IT}.level\n\tlevel > 3\n}`,
    { level: "0" },
    /puts every string above every number/,
  ],
  ["count in a comparison", `it if count(${IT}.flags) < 1`, { flags: "" }, /`count` is defined for strings/],
  ["count in an equation", `it if count(${IT}.flags) == 0`, { flags: "" }, /`count` is defined for strings/],
  ["to_number", `it if to_number(${IT}.strikes) == 0`, { strikes: null }, /to_number\(null\) is 0/],
  [
    "type_name",
    `it if type_name(${IT}.strikes) == "null"`,
    { strikes: null },
    /type_name is not among the functions that policies can call/,
  ],
  ["max", `it if max([${IT}.level, 3]) == ${IT}.level`, { level: "0" }, /can't call max/],
  ["sort", `it if sort([${IT}.level, 3])[0] == 3`, { level: "0" }, /can't call sort/],
  ["what is left of a set", `it if {"bad"} - {${IT}.status} == {"bad"}`, { status: null }, /removes items from a set/],
  [
    "what two sets share",
    `it if {"bad"} & {${IT}.status} == set()`,
    { status: null },
    /the intersection of two sets is empty/,
  ],
  ["a claim by itself", `it if ${IT}.verified`, { verified: "false" }, /a value by itself holds/],
  [
    "a claim in a variable by itself",
    `it if {\n\tverified := ${IT}.verified\n\tverified\n}`,
    { verified: null },
    /a value by itself holds/,
  ],
  [
    "a claim that is null",
    `it if ${IT}.suspended == null`,
    { suspended: null },
    /null and empty values count as missing/,
  ],
  ["is_null", `it if is_null(${IT}.suspended)`, { suspended: null }, /is_null is not among the functions/],
  ["an empty string", `it if ${IT}.status == ""`, { status: "" }, /null and empty values count as missing/],
  ["an empty list", `it if ${IT}.strikes == []`, { strikes: [] }, /null and empty values count as missing/],
  [
    "two claims that are equal",
    `it if ${IT}.a == ${IT}.b`,
    { a: null, b: null },
    /both empty, or both mistyped, are equal/,
  ],
  [
    "two claims in lists",
    `it if [${IT}.a, 1] == [${IT}.b, 1]`,
    { a: null, b: null },
    /both empty, or both mistyped, are equal/,
  ],
  [
    "an item of a claim in another",
    `it if {\n\tsome flag in ${IT}.flags\n\tflag in ${IT}.good\n}`,
    { flags: [null], good: [null] },
    /both empty, or both mistyped, are equal/,
  ],
  ["unification", `it if ${IT}.a = ${IT}.b`, { a: null, b: null }, /`=` compares or assigns/],
  [
    "a substring",
    `it if startswith("/admin", ${IT}.prefix)`,
    { prefix: "" },
    /every string contains, starts with and ends with the empty string/,
  ],
  ["a prefix with an empty part", `it if startswith(input.request.path, ${OF_TENANT})`, { tenant: "" }, HIDDEN],
  [
    "a prefix with an empty part, wrapped as a whole",
    `it if startswith(input.request.path, values.text(${OF_TENANT}))`,
    { tenant: "" },
    HIDDEN,
  ],
  ["a prefix in lower case", `it if startswith(input.request.path, lower(${OF_TENANT}))`, { tenant: "" }, HIDDEN],
  ["a part of a text", `it if contains(input.request.path, ${OF_TENANT})`, { tenant: "" }, HIDDEN],
  ["the end of a text", `it if endswith("a/", concat("", [${IT}.tenant, "/"]))`, { tenant: "" }, HIDDEN],
  ["a text of parts that is equal", `it if "/" == ${OF_TENANT}`, { tenant: "" }, HIDDEN],
  ["a text of parts in a list", `it if ${OF_TENANT} in {"/", "/7"}`, { tenant: "" }, HIDDEN],
  [
    "an address block of parts",
    `it if net.cidr_contains(concat("", ["0.0.0.0/0", ${IT}.bits]), "203.0.113.7")`,
    { bits: "" },
    HIDDEN,
  ],
  [
    "a part of a part",
    `it if startswith(input.request.path, concat("/", ["", trim_space(concat("", [${IT}.tenant]))]))`,
    { tenant: "" },
    HIDDEN,
  ],
  [
    "parts in a variable",
    `it if {\n\ttenant := ${IT}.tenant\n\tstartswith(input.request.path, concat("", ["/", tenant]))\n}`,
    { tenant: "" },
    HIDDEN,
  ],
  ["parts that are a claim", `it if concat("/", ${IT}.parts) == "/"`, { parts: ["", ""] }, HIDDEN],
  ["a separator to split by", `it if split("x", ${IT}.a) == ["x"]`, { a: "" }, HIDDEN],
  ...["trim", "trim_left", "trim_prefix", "trim_right", "trim_suffix"].map(
    (name) => [`what ${name} cuts off`, `it if ${name}("x", ${IT}.a) == "x"`, { a: "" }, HIDDEN] as const,
  ),
  ["a length", `it if substring("x", 0, ${IT}.a) == "x"`, { a: 7 }, /says how much is cut off/],
  ["a position", `it if substring("x", ${IT}.a, 1) == "x"`, { a: 0 }, /says how much is cut off/],
  ...(
    [
      ["is_string", `${IT}.a`, ""],
      ["is_array", `${IT}.a`, []],
      ["is_object", `${IT}.a`, {}],
      ["is_array", `split(${IT}.a, ",")`, ""],
    ] as const
  ).map(
    ([name, value, a]) =>
      [`${name}(${value})`, `it if ${name}(${value})`, { a }, /an empty value has a type, too/] as const,
  ),
  [
    "an empty item",
    `it if {\n\tsome "" in ${IT}.a\n\tinput.now_s > 0\n}`,
    { a: [""] },
    /also inside lists and objects/,
  ],
  [
    "an empty item of an item",
    `it if {\n\tsome ["", x] in ${IT}.a\n\tx == 1\n}`,
    { a: [["", 1]] },
    /also inside lists/,
  ],
  [
    "an empty key in a pattern",
    `it if {\n\tsome {"": x} in ${IT}.a\n\tx == 1\n}`,
    { a: [{ "": 1 }] },
    /also inside lists/,
  ],
  [
    "a claim as a pattern",
    `it if {\n\tsome ${IT}.a in ${IT}.b\n\tinput.now_s > 0\n}`,
    { a: null, b: [null] },
    /both mistyped, are equal/,
  ],
  ["a key that is a claim", `it if ${IT}.a, "x" in ${IT}.b`, { a: "", b: { "": "x" } }, /both mistyped, are equal/],
  ["a part that is a claim", `it if ${IT}.a[${IT}.b] == "x"`, { a: { "": "x" }, b: "" }, /can have an empty key/],
  ["a list with an empty item", `it if ${IT}.a == ["x", ""]`, { a: ["x", ""] }, /also inside lists and objects/],
  ["a separator that is a claim", `it if concat(${IT}.a, ["x", "y"]) == "xy"`, { a: "" }, HIDDEN],
  [
    "a result as the last operand",
    `it if {\n\tsome same\n\tcontains("good", ${IT}.a, same)\n\tsame == true\n}`,
    { a: "" },
    /this call has the wrong number of operands/,
  ],
  [
    "a test that is turned around",
    `it if ("bad" in ${IT}.flags) == false`,
    { flags: "bad" },
    /a test inside another expression/,
  ],
  [
    "a test kept in a variable",
    `it if {\n\tisBad := "bad" in ${IT}.flags\n\tisBad == false\n}`,
    { flags: 7 },
    /a test inside another expression/,
  ],
  [
    "the number of values of a claim",
    `it if count(caller.values("a")) < 2`,
    { a: ["x", 7] },
    /`count` is defined for strings/,
  ],
  [
    "the values of two claims that are equal",
    `it if caller.values("a") == caller.values("b")`,
    { a: ["x", 7], b: ["x", 8] },
    /both empty, or both mistyped, are equal/,
  ],
  ["the values of a claim by themselves", `it if caller.values("a")`, { a: "false" }, /a value by itself holds/],
  [
    "what is left of the values of a claim",
    `it if {"bad"} - caller.values("a") == {"bad"}`,
    { a: ["x", 7] },
    /removes items from a set/,
  ],
  ["a role that is not held", `it if not caller.has_role("staff")`, {}, /`not` holds when/],
  [
    "a result of has_role as an operand",
    `it if {\n\tsome held\n\tcaller.has_role("authenticated", held)\n\theld == true\n}`,
    {},
    /this call has the wrong number of operands/,
  ],
  [
    "a negated test of a type",
    `it if is_string(${IT}.suspended) == false`,
    { suspended: 1 },
    /a test inside another expression/,
  ],
];

it("every function that conditions may call has a rule for each operand", async () => {
  const { builtins } = JSON.parse(await readFile(CAPABILITIES_FILE, "utf8"));
  const arities = new Map(builtins.map(({ name, decl }: BuiltIn) => [name, decl.args.length]));
  const rules = [...IN_CONDITIONS].map(([name, operands]) => [name, operands.length]);
  expect(rules).toEqual(rules.map(([name]) => [name, arities.get(name)]));
});

interface BuiltIn {
  readonly name: string;
  readonly decl: { readonly args: readonly unknown[] };
}

describe("refuses a condition that fails open for a missing or mistyped value", () => {
  const [together, alone] = split(FORBIDDEN);
  let results: readonly BatchedResult[];
  beforeAll(async () => {
    results = await batch(together.map(([, condition, claims]) => ({ condition, callers: [claims] })));
  });

  it.each(together.map(([title, , , message], at) => [title, at, message] as const))("%s", (_, at, message) => {
    const { lines = [], effects } = results[at] ?? {};
    expect(lines).toContainEqual(expect.stringMatching(message));
    expect(lines).toContainEqual(expect.stringMatching(/^policies\/access\/conditions\.rego:\d+: /));
    expect(effects).toEqual(["allow"]);
  });

  it.each(alone)("%s", async (_, condition, claims, message) => {
    const lines = await checkWith(condition);
    expect(lines).toContainEqual(expect.stringMatching(message));
    expect(lines).toContainEqual(expect.stringMatching(/^policies\/access\/conditions\.rego:\d+: /));
    expect(await decide(claims)).toBe("allow");
  });
});

/** Helpers that would fail open for these claims without the check. */
const FORBIDDEN_HELPERS: readonly (readonly [string, string, string, Readonly<Record<string, unknown>>, RegExp])[] = [
  [
    "a set that is empty",
    "access_lib.bad == set()",
    `bad contains flag if some flag in ${IT}.flags`,
    {},
    /collects a set or an object/,
  ],
  [
    "an object that is empty",
    "access_lib.bad == {}",
    `bad[flag] := 1 if some flag in ${IT}.flags`,
    {},
    /collects a set or an object/,
  ],
  ["a helper with a negation", "access_lib.is_ok", `is_ok if not ${IT}.suspended`, {}, /`not` holds when/],
  [
    "a function without a check",
    `access_lib.is_good(${IT}.a)`,
    "is_good(_) := true",
    { a: null },
    /this matches every value/,
  ],
  [
    "a function whose argument does not matter",
    `access_lib.is_good(${IT}.a)`,
    "is_good(_) if input.now_s > 0",
    { a: null },
    /this matches every value/,
  ],
  [
    "a function that is constant",
    `access_lib.mark(${IT}.a) == "ok"`,
    'mark(_) := "ok"',
    { a: null },
    /this matches every value/,
  ],
  [
    "a function that checks one of its two arguments",
    `access_lib.is_good("a", ${IT}.b)`,
    'is_good(x, _) if x == "a"',
    { b: null },
    /this matches every value/,
  ],
  [
    "a function with one name for both arguments",
    `access_lib.same(${IT}.a, ${IT}.b)`,
    "same(x, x) if input.now_s > 0",
    { a: null, b: null },
    /a name that is there twice/,
  ],
  [
    "a list that is empty, as a value",
    "access_lib.bad == 0",
    `bad := count([x | some x in ${IT}.flags])`,
    {},
    /a comprehension is defined, and empty/,
  ],
  [
    "a name that another helper has",
    `access_lib.is_more(${IT}.level)`,
    "limit := 3\n\nis_more(limit) if limit > 3",
    { level: "0" },
    /puts every string above every number/,
  ],
  [
    "a function of null",
    `access_lib.is_good(${IT}.a)`,
    "is_good(null) := true",
    { a: null },
    /null and empty values count as missing/,
  ],
  [
    "a function of a list with an empty item",
    `access_lib.is_good(${IT}.a)`,
    'is_good([""]) := true',
    { a: [""] },
    /also inside lists and objects/,
  ],
  [
    "a function of a key",
    `access_lib.has_limit(${IT}.a, ${IT}.b)`,
    "has_limit(limits, plan) if limits[plan] == 3",
    { a: { "": 3 }, b: "" },
    /can have an empty key/,
  ],
  [
    "a function that compares its arguments",
    `access_lib.same(${IT}.a, ${IT}.b)`,
    "same(a, b) if a == b",
    { a: null, b: null },
    /both empty, or both mistyped, are equal/,
  ],
  [
    "a text of parts",
    `startswith(input.request.path, access_lib.root(${IT}.tenant))`,
    'root(tenant) := concat("", ["/", tenant])',
    { tenant: "" },
    HIDDEN,
  ],
  ["a claim", "access_lib.level >= 3", `level := ${IT}.level`, { level: "0" }, /puts every string above every number/],
  [
    "a claim, by itself",
    "access_lib.verified",
    `verified := ${IT}.verified`,
    { verified: "false" },
    /a value by itself holds/,
  ],
  [
    "a claim that a function returns, by itself",
    `access_lib.same(${IT}.verified)`,
    "same(x) := x",
    { verified: "false" },
    /a value by itself holds/,
  ],
  [
    "a claim, compared with a claim",
    `access_lib.level == ${IT}.limit`,
    `level := ${IT}.level`,
    { level: null, limit: null },
    /both empty, or both mistyped, are equal/,
  ],
  [
    "a claim in one of two definitions",
    "access_lib.level > 3",
    `level := 1 if ${IT}.kind == "a"\n\nlevel := ${IT}.level if ${IT}.kind == "b"`,
    { kind: "b", level: "0" },
    /puts every string above every number/,
  ],
  [
    "the helpers as a whole",
    "data.access_lib == {}",
    `bad if ${IT}.suspended == true`,
    {},
    /can't refer to data\.access_lib;/,
  ],
  [
    "the helpers as a whole, imported",
    "access_lib == {}",
    `bad if ${IT}.suspended == true`,
    {},
    /can't refer to data\.access_lib;/,
  ],
  ["roles", "data.access.roles.staff", "", {}, /can't refer to data\.access\.roles\.staff;/],
];

describe("refuses a condition that fails open through a helper", () => {
  const [together, alone] = split(FORBIDDEN_HELPERS);
  let results: readonly BatchedResult[];
  beforeAll(async () => {
    results = await batch(
      together.map(([, expression, helper, claims]) => ({
        condition: `it if ${expression}`,
        helper,
        callers: [claims],
      })),
    );
  });

  it.each(together.map(([title, , , , message], at) => [title, at, message] as const))("%s", (_, at, message) => {
    const { lines = [], effects } = results[at] ?? {};
    expect(lines).toContainEqual(expect.stringMatching(message));
    expect(effects).toEqual(["allow"]);
  });

  it.each(alone)("%s", async (_, expression, helper, claims, message) => {
    expect(await checkWith(`it if ${expression}`, libraryOf(helper))).toContainEqual(expect.stringMatching(message));
    expect(await decide(claims)).toBe("allow");
  });
});

/** Conditions that do not fail open, and that the build accepts. */
const ALLOWED: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ["an equation", `it if ${IT}.status == "active"`, { status: "active" }],
  ["an equation with false", `it if ${IT}.suspended == false`, { suspended: false }],
  ["an item of a list", `it if "good" in ${IT}.flags`, { flags: ["good"] }],
  ["some item of a list", `it if {\n\tsome flag in ${IT}.flags\n\tstartswith(flag, "go")\n}`, { flags: ["good"] }],
  ["a number in a claim", `it if values.number(${IT}.level) >= 3`, { level: "3" }],
  ["time and a claim", `it if input.now_s - values.number(${IT}.auth_time) < 3600`, { auth_time: 50 }],
  [
    "an hour of the day",
    `it if {\n\thour := floor(input.now_s / 3600) % 24\n\thour >= 0\n\thour < 18\n\t${IT}.status == "active"\n}`,
    { status: "active" },
  ],
  [
    "an hour and a day of a calendar",
    `it if {\n\thour := input.calendar["Europe/Berlin"].hour\n\thour >= 7\n\thour * 60 + input.calendar["Europe/Berlin"].minute < 1080\n\tinput.calendar["Europe/Berlin"].weekday == ${IT}.day\n}`,
    { day: "monday" },
  ],
  [
    "arithmetic in a variable",
    `it if {\n\tage := input.now_s - values.number(${IT}.auth_time)\n\tage * 2 < 3600\n}`,
    { auth_time: "50" },
  ],
  ["a test of a type", `it if is_number(${IT}.level)`, { level: 0 }],
  ["a test for a value", `it if values.has_text(${IT}.level)`, { level: "0" }],
  ["a test of the type of a text that is not empty", `it if is_string(values.text(${IT}.level))`, { level: "0" }],
  [
    "a key that is not empty",
    `it if ${IT}.limits[values.text(${IT}.plan)] == 3`,
    { limits: { gold: 3 }, plan: "gold" },
  ],
  ["an item at any position", `it if ${IT}.flags[_] == "good"`, { flags: ["new", "good"] }],
  ["an item at a position with a name", `it if {\n\tsome at\n\t${IT}.flags[at] == "good"\n}`, { flags: ["good"] }],
  ["a text that is cut by a claim", `it if trim_prefix("of/x", values.text(${IT}.a)) == "x"`, { a: "of/" }],
  ["a text that is cut", `it if substring(${IT}.a, 0, 2) == "of"`, { a: "office" }],
  ["another condition", `it if is_good\n\nis_good if ${IT}.good == true`, { good: true }],
  ["a parameter", `it if ${IT}.item == input.params.id`, { item: "7" }],
  ["a claim and a field of the request", `it if ${IT}.host == input.request.method`, { host: "GET" }],
  ["a non-empty string in another", `it if startswith("/admin", values.text(${IT}.prefix))`, { prefix: "/ad" }],
  ["the length of a computed list", `it if count(split(values.text(${IT}.groups), ",")) >= 2`, { groups: "a,b" }],
  [
    "a part of a list of pairs",
    `it if {\n\tsome [_, kind] in ${IT}.pairs\n\tkind == "good"\n}`,
    { pairs: [[1, "good"]] },
  ],
  ["the end of a string", `it if {\n\t[_, domain] := split(${IT}.email, "@")\n\tdomain == "b"\n}`, { email: "a@b" }],
  [
    "a key",
    `it if {\n\tsome key, value in ${IT}.flags\n\tkey == "good"\n\tvalue == true\n}`,
    { flags: { good: true } },
  ],
  ["two claims that are matched together", `it if [${IT}.a, ${IT}.b] in [["x", "y"]]`, { a: "x", b: "y" }],
  [
    "two claims in one string",
    `it if concat(":", [values.text(${IT}.a), values.text(${IT}.b)]) == "x:y"`,
    { a: "x", b: "y" },
  ],
  [
    "a prefix by a claim",
    `it if startswith(input.request.path, concat("", ["/", values.text(${IT}.tenant)]))`,
    { tenant: "7" },
  ],
  ["a joined string", `it if startswith(${IT}.path, concat("/", ["", lower("ADMIN")]))`, { path: "/admin/1" }],
  ["a role", `it if caller.has_role("staff")`, { "custom:unit": "[Ops, R%26D]" }],
  ["a role that is true", `it if caller.has_role("staff") == true`, { "custom:unit": "Ops" }],
  ["a value of a claim", `it if input.params.id in caller.values("custom:items")`, { "custom:items": "[7, 8]" }],
  [
    "some value of a claim",
    `it if {\n\tsome flag in caller.values("flags")\n\tstartswith("good", flag)\n}`,
    { flags: ["", "go"] },
  ],
  ["a value of two claims", `it if {\n\tsome flag in caller.values("a")\n\tflag in ${IT}.b\n}`, { a: ["x"], b: ["x"] }],
  ["the functions by their full names", `it if data.engine.caller.has_role("staff")`, { "custom:unit": "Ops" }],
  ["two definitions", `it if ${IT}.a == "b"\n\nit if ${IT}.c == "d"`, { c: "d" }],
];

/** Helpers that do not fail open, and that the build accepts. */
const ALLOWED_HELPERS: readonly (readonly [string, string, string, Readonly<Record<string, unknown>>])[] = [
  ["a list of good values", `${IT}.status in access_lib.good`, 'good := {"active", "new"}', { status: "new" }],
  ["a limit", `values.number(${IT}.level) >= access_lib.least`, "least := 3", { level: 3 }],
  [
    "a number that it computes",
    `access_lib.age_s(${IT}.auth_time) < 60`,
    "import data.engine.values\n\nage_s(time) := input.now_s - values.number(time)",
    { auth_time: "70" },
  ],
  [
    "a string that it computes",
    `access_lib.domain(${IT}.email) == access_lib.domain(${IT}.company)`,
    'import data.engine.values\n\ndomain(email) := values.text(split(email, "@")[1])',
    { email: "a@b.example", company: "c@b.example" },
  ],
  [
    "a function of two values",
    `access_lib.is(${IT}.status, "new")`,
    'import data.engine.values\n\nis(a, b) if concat("", [values.text(a), "."]) == concat("", [values.text(b), "."])',
    { status: "new" },
  ],
];

describe("accepts a condition that only existing values make true", () => {
  let results: readonly BatchedResult[];
  beforeAll(async () => {
    const direct = ALLOWED.map(([, condition, claims]) => ({ condition, callers: [claims, {}] }));
    const helped = ALLOWED_HELPERS.map(([, expression, helper, claims]) => ({
      condition: `it if ${expression}`,
      helper,
      callers: [claims, {}],
    }));
    results = await batch([...direct, ...helped]);
  });

  const titles = [
    ...ALLOWED.map(([title]) => title),
    ...ALLOWED_HELPERS.map(([title]) => `through a helper: ${title}`),
  ];
  it.each(titles.map((title, at) => [title, at] as const))("%s", (_, at) => {
    expect(results[at]).toEqual({ lines: [], effects: ["allow", "deny"] });
  });

  it("a header that exists", async () => {
    expect(await checkWith(`it if input.request.headers["x-tenant"]`)).toEqual([]);
  });

  it("the number of values of a header", async () => {
    expect(await checkWith(`it if count(input.request.headers["x-tenant"]) == 1`)).toEqual([]);
  });

  it("base data", async () => {
    await workspace.write({ "data/tenants.yaml": "tenants: [blue]\n" });
    expect(await checkWith(`it if ${IT}.tenant in data.data.tenants`)).toEqual([]);
    expect([await decide({ tenant: "blue" }), await decide({ tenant: "red" })]).toEqual(["allow", "deny"]);
  });

  it.each([
    ["an item of one of some lists", `${IT}.name in data.data.teams[${IT}.team]`],
    ["a list that is not empty", `${IT}.names == data.data.teams.red`],
    ["a part that is not empty", "data.data.teams.red[0] == input.principal.claims.name"],
  ])("base data with an empty list elsewhere: %s", async (_, condition) => {
    await workspace.write({ "data/teams.yaml": "teams:\n  red: [ann]\n  blue: []\n" });
    expect(await checkWith(`it if ${condition}`)).toEqual([]);
    const [good, empty] = [
      { name: "ann", names: ["ann"], team: "red" },
      { name: "", names: [], team: "blue" },
    ];
    expect([await decide(good), await decide(empty)]).toEqual(["allow", "deny"]);
  });
});

describe("refuses a comparison with base data that is empty", () => {
  it.each<readonly [string, string, Readonly<Record<string, unknown>>]>([
    ["a list", `${IT}.names == data.data.squads.blue`, { names: [] }],
    ["an object", `${IT}.names == data.data.squads.none`, { names: {} }],
    ["a list that a claim finds", `${IT}.names == data.data.squads[${IT}.team]`, { names: [], team: "blue" }],
    ["one of some lists", `some squad in data.data.squads\n\tsquad == ${IT}.names`, { names: [] }],
    ["a list in a list", `${IT}.names in data.data.squads`, { names: [] }],
    ["a list in a variable", `squads := data.data.squads\n\tsquads.blue == ${IT}.names`, { names: [] }],
    [
      "an object with an empty part",
      `${IT}.squads == data.data.squads`,
      { squads: { red: ["ann"], blue: [], none: {} } },
    ],
  ])("%s", async (_, condition, claims) => {
    await workspace.write({ "data/squads.yaml": "squads:\n  red: [ann]\n  blue: []\n  none: {}\n" });
    expect(await checkWith(`it if {\n\t${condition}\n}`)).toContainEqual(
      expect.stringMatching(/base data that has no empty list/),
    );
    expect(await decide(claims)).toBe("allow");
  });
});

describe("refuses a name that the build can't read in the text", () => {
  it.each<[string, string, RegExp]>([
    [
      "a role in a variable",
      `it if {\n\trole := "staff"\n\tcaller.has_role(role)\n}`,
      /it: caller\.has_role must be called with/,
    ],
    ["a claim in a claim", `it if "x" in caller.values(${IT}.name)`, /it: caller\.values must be called with a string/],
    [
      "a role that does not exist",
      `it if caller.has_role("stuff")`,
      /there is no role "stuff"; did you mean "staff"\?/,
    ],
    [
      "a role that does not exist, in an exempt rule",
      `# METADATA\n# custom:\n#   opens_when_missing: A reason.\nit if not caller.has_role("stuff")`,
      /there is no role "stuff"; did you mean "staff"\?/,
    ],
    ["the package as a whole", "it if data.engine.caller == {}", /can't refer to data\.engine\.caller;/],
    [
      "the engine's own roles",
      `it if "staff" in data.engine.principal.roles`,
      /can't refer to data\.engine\.principal/,
    ],
  ])("%s", async (_, condition, message) => {
    expect(await checkWith(condition)).toContainEqual(expect.stringMatching(message));
  });
});

describe("refuses an operation that could abort the evaluation", () => {
  it.each([
    ["a division by what may be zero", `it if 10 / values.number(${IT}.a) == 5`],
    ["a division by zero", "it if input.now_s / 0 == 5"],
    ["a remainder of what may be zero", `it if 10 % values.number(${IT}.a) == 0`],
  ])("%s", async (_, condition) => {
    expect(await checkWith(condition)).toContainEqual(expect.stringMatching(/a division by zero ends the evaluation/));
  });
});

describe("a rule with an exemption from the fail-open checks", () => {
  it("has a reason, and is listed in the manifest", async () => {
    const condition = `# METADATA\n# custom:\n#   opens_when_missing: Old tokens lack the claim.\nit if not ${IT}.suspended`;
    expect(await checkWith(condition)).toEqual([]);
    await builtIn(workspace.root);
    const manifest = JSON.parse(await readFile(join(workspace.root, "dist", "authorizer", "manifest.json"), "utf8"));
    expect(manifest.opens_when_missing).toEqual([
      { rule: "access.conditions.it", reason: "Old tokens lack the claim." },
    ]);
  });

  it.each(["not data.engine.principal.roles.x", 'data.engine.candidates.params({}).id == "7"', "not data.access.area"])(
    "may not refer to rules of the engine or of areas: %s",
    async (body) => {
      const condition = `# METADATA\n# custom:\n#   opens_when_missing: A reason.\nit if ${body}`;
      expect(await checkWith(condition)).toContainEqual(
        expect.stringMatching(/^policies\/access\/conditions\.rego:\d+: .*data\./),
      );
    },
  );

  it.each(["''", "true", "[]"])("must have a reason, and %s is not one", async (reason) => {
    const condition = `# METADATA\n# custom:\n#   opens_when_missing: ${reason}\nit if not ${IT}.suspended`;
    expect(await checkWith(condition)).toContainEqual(expect.stringMatching(/opens_when_missing needs a reason/));
  });
});
