import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf, type WrittenConditions } from "../../../support/condition-facts.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "condition-facts-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const of = async (written: WrittenConditions, name = "c") => {
  const { [name]: facts } = await factsOf(folder, [name], written);
  if (facts === undefined) throw new Error(`no facts of ${name}`);
  return facts;
};

const OFFICE = `c if {
	some block in data.data.office.networks
	net.cidr_contains(block, input.request.source_ip)
}`;
const BASE = { office: { networks: ["203.0.113.0/24"] }, other: 1 };

const HELPED: WrittenConditions = {
  conditions: `import data.access_lib
import data.engine.caller

c if {
	access_lib.is_of(input.params.tenant, input.principal.claims.tenants)
	not caller.has_role("guest")
	other
}

c if input.params.id == input.principal.claims.sub

other if count([x | some x in input.principal.claims.amr; x != "pwd"]) > 1`,
  helpers: `is_of(one, many) if {
	some item in many
	trim_space(item) == one
}`,
  roles: { groups: { Guests: ["guest"] }, issuers: {} },
};

/** The same condition by other words: what it is called, how it is laid out, and the order of definitions. */
const SAME: Readonly<Record<string, readonly [WrittenConditions, WrittenConditions]>> = {
  "a variable of another name": [
    { conditions: OFFICE, base: BASE },
    { conditions: OFFICE.replaceAll("block", "network"), base: BASE },
  ],
  "comments and line breaks": [
    { conditions: OFFICE, base: BASE },
    {
      conditions: `# why\nc if { some block in data.data.office.networks; net.cidr_contains(block,input.request.source_ip) }`,
      base: BASE,
    },
  ],
  "base data that it does not read": [
    { conditions: OFFICE, base: BASE },
    { conditions: OFFICE, base: { ...BASE, other: 2 } },
  ],
  "an import instead of the full name": [
    { conditions: OFFICE, base: BASE },
    {
      conditions: `import data.data.office as here\n\n${OFFICE.replace("data.data.office", "here")}`,
      base: BASE,
    },
  ],
  "helpers, arguments, other conditions, parameters and roles of other names": [
    HELPED,
    {
      conditions: (HELPED.conditions ?? "")
        .replaceAll("tenant,", "company,")
        .replaceAll("params.id", "params.user")
        .replaceAll("is_of", "is_among")
        .replaceAll("other", "by_two_factors")
        .replaceAll('"guest"', '"visitor"'),
      helpers: (HELPED.helpers ?? "").replaceAll("is_of", "is_among").replaceAll("one", "wanted"),
      roles: { groups: { Guests: ["visitor"] } },
    },
  ],
  "definitions in another order": [
    HELPED,
    { ...HELPED, conditions: HELPED.conditions.split("\n\n").toSpliced(1, 0, "").sort(importsFirst).join("\n\n") },
  ],
  "a variable that hides one of its name": [
    { conditions: `c if { x := input.now_s; count([x | some x in [1]]) < x }` },
    { conditions: `c if { x := input.now_s; count([y | some y in [1]]) < x }` },
  ],
  "a set whose parameters and helpers have names in another order": [
    { conditions: `c if {[input.params.a, 1], [input.params.b, 2], [d, 3], [e, 4]} == 1\n\nd := 1\n\ne := 2` },
    { conditions: `c if {[input.params.z, 1], [input.params.b, 2], [y, 3], [e, 4]} == 1\n\ny := 1\n\ne := 2` },
  ],
  "a set in another order": [
    { conditions: `c if input.request.method in {"GET", "HEAD"}` },
    { conditions: `c if input.request.method in {"HEAD", "GET"}` },
  ],
};

/** Puts imports first, and the rest in the reverse order. */
function importsFirst(one: string, other: string): number {
  const rank = (text: string) => (text.startsWith("import") ? 0 : 1);
  return rank(one) - rank(other) || (one < other ? 1 : -1);
}

/** Changes of what the condition asks for. */
const DIFFERENT: Readonly<Record<string, readonly [WrittenConditions, WrittenConditions]>> = {
  "an operator": [{ conditions: `c if input.now_s < 5` }, { conditions: `c if input.now_s <= 5` }],
  "a number": [{ conditions: `c if input.now_s < 5` }, { conditions: `c if input.now_s < 6` }],
  "a negation": [
    { conditions: `c if input.request.stage == "a"` },
    { conditions: `c if not input.request.stage == "a"` },
  ],
  "a number instead of its text": [{ conditions: `c if input.x == 5` }, { conditions: `c if input.x == "5"` }],
  "parentheses that change the order": [
    { conditions: `c if input.now_s - 3 - 2 > 1` },
    { conditions: `c if input.now_s - (3 - 2) > 1` },
  ],
  "a union of sets instead of a comprehension": [
    { conditions: `c if count({1 | input.x}) > 1` },
    { conditions: `c if count({(1 | input.x)}) > 1` },
  ],
  "a field": [{ conditions: `c if input.request.method == "a"` }, { conditions: `c if input.request.stage == "a"` }],
  "a statement less": [
    { conditions: OFFICE, base: BASE },
    { conditions: `c if net.cidr_contains("203.0.113.0/24", input.request.source_ip)`, base: BASE },
  ],
  "one definition more": [
    { conditions: OFFICE, base: BASE },
    { conditions: `${OFFICE}\n\nc if input.now_s > 5`, base: BASE },
  ],
  "base data that it reads": [
    { conditions: OFFICE, base: BASE },
    { conditions: OFFICE, base: { office: { networks: ["203.0.113.0/16"] } } },
  ],
  "the parts of the name of an imported base datum": [
    { conditions: `import data.data["a.b"] as x\n\nc if x == 1`, base: { "a.b": 1, a: { b: 1 } } },
    { conditions: `import data.data.a.b as x\n\nc if x == 1`, base: { "a.b": 1, a: { b: 1 } } },
  ],
  "large base data that it reads": [
    { conditions: OFFICE, base: { office: { networks: Array(50).fill("203.0.113.0/24") } } },
    { conditions: OFFICE, base: { office: { networks: Array(51).fill("203.0.113.0/24") } } },
  ],
  "the body of a helper": [HELPED, { ...HELPED, helpers: HELPED.helpers?.replace("==", "!=") ?? "" }],
  "another condition that it asks for": [
    HELPED,
    { ...HELPED, conditions: HELPED.conditions.replace('"pwd"', '"otp"') },
  ],
  "the ways to a role that it asks for": [
    HELPED,
    { ...HELPED, roles: { groups: { Guests: ["guest"], All: ["guest"] } } },
  ],
  "one parameter instead of two": [
    { conditions: `c if input.params.a == input.params.b` },
    { conditions: `c if input.params.a == input.params.a` },
  ],
  "a variable that is shared with a comprehension, instead of one of its own": [
    { conditions: `c if { count([1 | input.xs[i]]) > 0; input.ys[i] }` },
    { conditions: `c if { count([1 | input.xs[i]]) > 0; input.ys[j] }` },
  ],
  "a local name that hides the rule's": [
    { conditions: `c if { p := input.x; p > 1 }\n\np if input.y` },
    { conditions: `c if { q := input.x; p > 1 }\n\np if input.y` },
  ],
  "an argument in another place": [
    { conditions: `c if startswith(input.x, input.y)` },
    { conditions: `c if startswith(input.y, input.x)` },
  ],
  "the else of a helper": [
    { ...HELPED, helpers: "is_of(x, y) := true if x == y else := false" },
    { ...HELPED, helpers: "is_of(x, y) := true if x == y else := x" },
  ],
};

describe("the digest of a condition", () => {
  it.each(Object.entries(SAME))("does not change by %s", async (_, [before, after]) => {
    const [one, other] = [await of(before), await of(after)];
    expect([other.digest, other.text]).toEqual([one.digest, one.text]);
  });

  it.each(Object.entries(DIFFERENT))("changes by %s", async (_, [before, after]) => {
    const [one, other] = [await of(before), await of(after)];
    expect(other.digest).not.toBe(one.digest);
    expect(other.text).not.toBe(one.text);
  });
});

describe("the text of a condition", () => {
  it("is one line that a reviewer understands", async () => {
    const { text, params } = await of(HELPED);
    expect({ text, params }).toEqual({
      text:
        '$1 == input.principal.claims.sub or (f1($2, input.principal.claims.tenants); not caller.has_role(group "Guests"); f2) where ' +
        "f1(a, b) if some c in b; trim_space(c) == a, " +
        'f2 if count([a | some a in input.principal.claims.amr; a != "pwd"]) > 1',
      params: ["id", "tenant"],
    });
  });

  it("has small base data, and the digest of large ones", async () => {
    const { text } = await of({ conditions: OFFICE, base: BASE });
    expect(text).toMatch(/ where data\.data\.office\.networks is \["203\.0\.113\.0\/24"\]$/);
    const large = await of({ conditions: OFFICE, base: { office: { networks: Array(50).fill("203.0.113.0/24") } } });
    expect(large.text).toMatch(/ where data\.data\.office\.networks is sha256:[0-9a-f]{16}…$/);
  });
});

describe("a condition that asks for roles only", () => {
  const rolesOf = async (conditions: string) => {
    return (await of({ conditions: `import data.engine.caller\n\n${conditions}` })).roles;
  };

  it.each([
    [`c if caller.has_role("a")`, [{ has: ["a"], lacks: [] }]],
    [`c if not caller.has_role("a")`, [{ has: [], lacks: ["a"] }]],
    [`c if { caller.has_role("b"); caller.has_role("a") }`, [{ has: ["a", "b"], lacks: [] }]],
    [`c if caller.has_role("a")\n\nc if { caller.has_role("a"); caller.has_role("b") }`, [{ has: ["a"], lacks: [] }]],
    [`c if { caller.has_role("a"); not caller.has_role("a") }`, []],
    [`c if caller.has_role("authenticated")`, [{ has: [], lacks: [] }]],
    [
      `c if not d\n\nd if { caller.has_role("a"); not caller.has_role("b") }`,
      [
        { has: ["b"], lacks: [] },
        { has: [], lacks: ["a"] },
      ],
    ],
  ])("says for whom it is true: %s", async (conditions, expected) => {
    expect(await rolesOf(conditions)).toEqual(expected);
  });

  it.each([
    `c if { caller.has_role("a"); input.now_s > 5 }`,
    `c if caller.values("a")`,
    `c if d\n\nd if input.now_s > 5`,
    `c if caller.has_role("a") with input.principal.claims as {}`,
  ])("is not one that asks for more: %s", async (conditions) => {
    expect(await rolesOf(conditions)).toBeUndefined();
  });
});
