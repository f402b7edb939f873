import { describe, expect, it } from "vitest";
import { parseEntitlements } from "../../../contract/entitlements.ts";

const WHOLE = {
  grants: { "a.b": { verbs: ["GET"], path: "/a", status: "granted", where: { id: "7" }, conditions: [], unmet: [] } },
  denials: { "a.c": { verbs: ["GET"], path: "/a", status: "conditional", conditions: ["fresh"], unmet: ["fresh"] } },
  roles: ["authenticated"],
};
const [grant, denial] = [WHOLE.grants["a.b"], WHOLE.denials["a.c"]];

describe("parseEntitlements", () => {
  it("reads the engine's result", () => {
    expect(parseEntitlements([{ result: WHOLE }])).toEqual({ ok: true, value: WHOLE });
  });

  it("reports an undefined result", () => {
    expect(parseEntitlements([])).toEqual({ ok: false, error: "engine.undefined" });
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no list", WHOLE],
    ["two results", [{ result: WHOLE }, { result: WHOLE }]],
    ["null", [null]],
    ["a result that is null", [{ result: null }]],
    ["another key", [{ result: { ...WHOLE, until: 0 } }]],
    ["no roles", [{ result: { ...WHOLE, roles: undefined } }]],
    ["no grants", [{ result: { ...WHOLE, grants: undefined } }]],
    ["a list of grants", [{ result: { ...WHOLE, grants: [grant] } }]],
    ["another status of a grant", [{ result: { ...WHOLE, grants: { "a.b": { ...grant, status: "denied" } } } }]],
    ["a grant without its conditions", [{ result: { ...WHOLE, grants: { "a.b": { ...grant, unmet: undefined } } } }]],
    ["a grant without its claims", [{ result: { ...WHOLE, grants: { "a.b": { ...grant, where: undefined } } } }]],
    ["a claim that is a number", [{ result: { ...WHOLE, grants: { "a.b": { ...grant, where: { id: 7 } } } } }]],
    ["a grant with another key", [{ result: { ...WHOLE, grants: { "a.b": { ...grant, until: 0 } } } }]],
    ["a denial with another key", [{ result: { ...WHOLE, denials: { "a.c": { ...denial, until: 0 } } } }]],
    ["a denial with a grant's key", [{ result: { ...WHOLE, denials: { "a.c": { ...denial, where: {} } } } }]],
    ["a grant without its path", [{ result: { ...WHOLE, grants: { "a.b": { ...grant, path: undefined } } } }]],
    ["no denials", [{ result: { ...WHOLE, denials: undefined } }]],
    ["another status of a denial", [{ result: { ...WHOLE, denials: { "a.c": { ...denial, status: "granted" } } } }]],
    ["a denial without its conditions", [{ result: { ...WHOLE, denials: { "a.c": { ...denial, unmet: [7] } } } }]],
  ])("reports %s as malformed", (_, value) => {
    expect(parseEntitlements(value)).toEqual({ ok: false, error: "engine.malformed" });
  });
});
