import { describe, expect, it } from "vitest";
import { parseDecision } from "../../../contract/decision.ts";

const ALLOW = { effect: "allow", grants: ["a.b"], params: { "a.b": { id: "7" } }, roles: ["authenticated"] };
const DENY = { effect: "deny", reasons: ["denial"], denials: ["a.c"], unmet: {}, roles: [] };

describe("parseDecision", () => {
  it.each([ALLOW, DENY, { ...DENY, reasons: ["condition.unmet"], denials: [], unmet: { "a.b": ["fresh"] } }])(
    "reads %j",
    (decision) => {
      expect(parseDecision([{ result: decision }])).toEqual({ ok: true, value: decision });
    },
  );

  it("reports an undefined result", () => {
    expect(parseDecision([])).toEqual({ ok: false, error: "engine.undefined" });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a decision without its list", ALLOW],
    ["a decision without its result", [ALLOW]],
    ["no result", [{}]],
    ["a result that is null", [{ result: null }]],
    ["a result that is true", [{ result: true }]],
    ["a list of booleans", [true]],
    ["a word", [{ result: "allow" }]],
    ["two results", [{ result: ALLOW }, { result: ALLOW }]],
    ["an allow by no grant", [{ result: { ...ALLOW, grants: [] } }]],
    ["an allow by a grant that is not a name", [{ result: { ...ALLOW, grants: [7] } }]],
    ["an allow without parameters", [{ result: { ...ALLOW, params: undefined } }]],
    ["an allow with parameters that are not strings", [{ result: { ...ALLOW, params: { "a.b": { id: 7 } } } }]],
    ["an allow without roles", [{ result: { ...ALLOW, roles: undefined } }]],
    ["an allow with capital letters", [{ result: { ...ALLOW, effect: "Allow" } }]],
    ["a deny for no reason", [{ result: { ...DENY, reasons: [] } }]],
    ["a deny without denials", [{ result: { ...DENY, denials: undefined } }]],
    ["a deny with unmet conditions that are not a list", [{ result: { ...DENY, unmet: { "a.b": "fresh" } } }]],
    ["an allow with the list of a deny", [{ result: { ...ALLOW, denials: ["a.c"] } }]],
    ["a deny with the list of an allow", [{ result: { ...DENY, grants: ["a.b"] } }]],
    ["an effect in a list", [{ result: { ...ALLOW, effect: ["allow"] } }]],
  ])("reports %s as malformed", (_, resultSet) => {
    expect(parseDecision(resultSet)).toEqual({ ok: false, error: "engine.malformed" });
  });
});
