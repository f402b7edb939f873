import { describe, expect, it } from "vitest";
import { implies, isFulfilled, isKindRules, type KindRule } from "../../../contract/kind-rules.ts";

describe("a rule for the kind of a principal", () => {
  it.each<[string, KindRule, object, object]>([
    ["a claim has a text", { claim: "idtyp", value: "app" }, { idtyp: "app" }, { idtyp: "App" }],
    ["a list of texts has it", { claim: "amr", value: "pwd" }, { amr: ["mfa", "pwd"] }, { amr: ["mfa", "pwd", 7] }],
    ["a claim is true", { claim: "is_robot", value: true }, { is_robot: true }, { is_robot: "true" }],
    ["a claim is the subject", { claim: "cid", equals: "sub" }, { cid: "a", sub: "a" }, { cid: "a", sub: "b" }],
    ["an empty claim is no subject", { claim: "cid", equals: "sub" }, { cid: "a", sub: "a" }, { cid: "", sub: "" }],
    [
      "the subject has a suffix after a claim",
      { claim: "azp", equals: "sub", suffix: "@clients" },
      { azp: "a", sub: "a@clients" },
      { azp: "a", sub: "b@clients" },
    ],
    ["a claim is there", { claim: "uid", present: true }, { uid: "7" }, { uid: "" }],
    ["a claim that is a list is there", { claim: "scp", present: true }, { scp: ["a"] }, { scp: [] }],
    ["a claim of another type is not", { claim: "uid", present: true }, { uid: ["7"] }, { uid: 7 }],
    ["a claim that is null is not", { claim: "uid", present: true }, { uid: "null" }, { uid: null }],
    [
      "a claim at a path",
      { claim: ["ext", "kind"], value: "robot" },
      { ext: { kind: "robot" } },
      { "ext.kind": "robot", ext: { kind: ["x"] } },
    ],
    [
      "a name with a dot is not a path",
      { claim: "ext.kind", present: true },
      { "ext.kind": "a" },
      { ext: { kind: "a" } },
    ],
    ["a key within a text is missing", { claim: ["ext", "a"], present: true }, { ext: { a: "b" } }, { ext: "a" }],
  ])("holds if %s", (_, rule, proof, other) => {
    const claims = (given: object) => ({ sub: "someone", ...given });
    expect([isFulfilled(rule, claims(proof)), isFulfilled(rule, claims(other))]).toEqual([true, false]);
  });

  it("is refused if it has another form, or proves nothing", () => {
    const good = { claim: "uid", present: true };
    expect(isKindRules([good])).toBe(true);
    for (const bad of [
      ...[null, "uid", {}, { claim: "uid" }, { claim: "", present: true }, { claim: [], present: true }],
      ...[
        { claim: ["a", ""], present: true },
        { claim: ["a", 7], present: true },
        { claim: 7, present: true },
      ],
      ...[
        { claim: "uid", present: false },
        { claim: "uid", value: "" },
        { claim: "uid", value: 7 },
      ],
      ...[
        { claim: "uid", value: "a", present: true },
        { claim: "uid", present: true, more: 1 },
      ],
      ...[
        { claim: "uid", equals: "aud" },
        { claim: "uid", suffix: "a" },
        { claim: "uid", equals: "sub", suffix: "" },
      ],
      ...[
        { claim: "sub", equals: "sub" },
        { claim: ["sub"], equals: "sub" },
      ],
      ...["iss", "sub", "aud", "exp", ["iss"]].map((claim) => ({ claim, present: true })),
    ]) {
      expect([bad, isKindRules([good, bad])]).toEqual([bad, false]);
    }
    expect([isKindRules([]), isKindRules(undefined), isKindRules(good)]).toEqual([false, false, false]);
  });

  it.each<[KindRule, KindRule, boolean]>([
    [{ claim: "a", value: "b" }, { claim: "a", value: "b" }, true],
    [{ claim: "a", value: "b" }, { claim: ["a"], value: "b" }, true],
    [{ claim: "a", value: "b" }, { claim: "a", value: "c" }, false],
    [{ claim: "a", value: "b" }, { claim: "c", value: "b" }, false],
    [{ claim: "a", value: "b" }, { claim: "a", present: true }, true],
    [{ claim: "a", value: true }, { claim: "a", present: true }, false],
    [{ claim: "a", present: true }, { claim: "a", value: "b" }, false],
    [{ claim: "a", equals: "sub" }, { claim: "a", present: true }, true],
    [{ claim: "a", equals: "sub" }, { claim: "a", equals: "sub" }, true],
    [{ claim: "a", equals: "sub" }, { claim: "a", equals: "sub", suffix: "b" }, false],
    [{ claim: "a", equals: "sub" }, { claim: "a", value: "b" }, false],
  ])("%j holds wherever %j does: %j", (rule, other, expected) => {
    expect(implies(rule, other)).toBe(expected);
  });
});
