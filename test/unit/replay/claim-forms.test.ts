import { describe, expect, it } from "vitest";
import type { CachingApi } from "../../../contract/api-kinds.ts";
import { type ClaimFacts, formOfClaim, readLoggedClaim } from "../../../replay/claim-forms.ts";

const AMBIGUOUS = Symbol("ambiguous");
const GROUPS: ClaimFacts = { form: "list", known: ["Admins", "Ops"] };

function read(kind: CachingApi, raw: unknown, facts: ClaimFacts): unknown {
  const reading = readLoggedClaim(raw, kind, facts);
  return reading.kind === "value" ? reading.value : reading.kind === "missing" ? undefined : AMBIGUOUS;
}

describe("a list", () => {
  it.each<[CachingApi, string, readonly string[] | typeof AMBIGUOUS]>([
    ["rest", "Admins", ["Admins"]],
    ["rest", "Admins,Ops", ["Admins", "Ops"]],
    ["http", "[Admins]", ["Admins"]],
    ["http", "[Admins Ops]", ["Admins", "Ops"]],
    ["http", "[]", []],
    ["http", "Admins Ops", ["Admins Ops"]],
    ["rest", '["Admins","Ops"]', ["Admins", "Ops"]],
    ["http", '["Admins"]', ["Admins"]],
    // Another authorizer has written it, in a form of its own.
    ["rest", "[Admins, Ops]", AMBIGUOUS],
  ])("of a %s API, %s, has these items", (kind, raw, items) => {
    expect(read(kind, raw, GROUPS)).toEqual(items);
  });

  it("has no items that could be parts of others, as soon as that matters to the policy", () => {
    const spaced: ClaimFacts = { ...GROUPS, hasSpaces: true };
    expect(read("http", "[Domain Admins]", spaced)).toBe(AMBIGUOUS);
    expect(read("http", "[Domain Users]", spaced)).toEqual(["Domain", "Users"]);
    expect(read("http", "[Admins]", spaced)).toEqual(["Admins"]);
    const comma: ClaimFacts = { form: "list", known: ["Sales, EMEA", "A,B"] };
    expect([read("rest", "A,B", comma), read("rest", "C,D", comma)]).toEqual([AMBIGUOUS, ["C", "D"]]);
  });
});

it.each<[string, CachingApi, unknown, unknown]>([
  ["auth_time", "rest", "Tue Jun 18 15:00:04 UTC 2024", 1_718_722_804],
  ["auth_time", "http", "1718722804", 1_718_722_804],
  ["auth_time", "http", "1.718722804e+09", 1_718_722_804],
  ["auth_time", "http", "yesterday", AMBIGUOUS],
  ["email_verified", "rest", "true", true],
  ["email_verified", "rest", "TRUE", AMBIGUOUS],
  ["aud", "http", "client", "client"],
  ["aud", "http", "[one two]", ["one", "two"]],
  ["custom:department", "http", "[Audit, Ops]", "[Audit, Ops]"],
  ["department", "http", "[Audit Ops]", AMBIGUOUS],
  ["department", "http", "map[a:b]", AMBIGUOUS],
  ["department", "rest", "Audit", "Audit"],
  ["department", "http", 7, 7],
  ["department", "http", null, undefined],
  ["department", "http", undefined, AMBIGUOUS],
])("the claim %s of a %s API, logged as %j, is %j", (name, kind, raw, value) => {
  expect(read(kind, raw, { form: formOfClaim(name) })).toEqual(value);
});
