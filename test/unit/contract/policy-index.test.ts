import { describe, expect, it } from "vitest";
import { formatPolicyIndexError, parsePolicyData, parsePolicyIndex } from "../../../contract/policy-index.ts";

const GRANT = {
  api: [],
  roles: ["r"],
  verbs: ["GET"],
  path: "/a/{id}/{rest+}",
  params: { id: 1 },
  tail: { rest: 2 },
  where: { id: "sub" },
  when: ["fresh"],
};
const DENIAL = { api: ["orders"], roles: [], verbs: ["ANY"], path: "/a", params: {}, tail: {}, unless: ["fresh"] };
const HELD = {
  groups: { G: ["r"] },
  scopes: { s: ["r"] },
  kinds: { user: ["r"] },
  claims: { "custom:department": { Audit: ["r"] } },
};
const ROLES = { ...HELD, issuers: { staff: HELD } };
const SHAPE = {
  segments: 1,
  literals: [0],
  places: { a: { GET: { denials: ["a.no"] }, PUT: { grants: ["a.it"], apis: { orders: { grants: ["a.it"] } } } } },
};
const INDEX = {
  exact: [[], [SHAPE]],
  greedy: [{ ...SHAPE, segments: 3 }],
  grants: { "a.it": GRANT },
  denials: { "a.no": DENIAL },
  roles: ROLES,
};

/** Formats the reason why a value is not an index. */
function errorOf(value: unknown): string {
  const index = parsePolicyIndex(value);
  return index.ok ? "none" : `${index.error.code} ${index.error.at}`;
}

describe("parsePolicyIndex", () => {
  it("accepts the engine's index", () => {
    expect(parsePolicyIndex(INDEX)).toEqual({ ok: true, value: INDEX });
  });

  it.each<[string, unknown, string]>([
    ["of a grant", { ...INDEX, grants: { "a.it": { ...GRANT, until: 0 } } }, 'grants["a.it"].until'],
    ["of a denial", { ...INDEX, denials: { "a.no": { ...DENIAL, when: [] } } }, 'denials["a.no"].when'],
    ["of the roles", { ...INDEX, roles: { ...ROLES, hours: {} } }, "roles.hours"],
    [
      "of the roles of an issuer",
      { ...INDEX, roles: { ...ROLES, issuers: { staff: { ...HELD, hours: {} } } } },
      'roles.issuers["staff"].hours',
    ],
    ["of a shape", { ...INDEX, greedy: [{ ...SHAPE, hosts: [] }] }, "greedy[0].hosts"],
    [
      "of a place",
      { ...INDEX, exact: [[{ ...SHAPE, places: { a: { GET: { public: ["a.x"] } } } }]] },
      'exact[0][0].places["a"]["GET"].public',
    ],
    ["of the index", { ...INDEX, public: {} }, "public"],
    ["that is named like an inherited property", { ...INDEX, constructor: {} }, "constructor"],
  ])("refuses an unknown key: %s", (_, value, at) => {
    expect(errorOf(value)).toBe(`key_unknown ${at}`);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, ""],
    ["a list", [], ""],
    ["an index without roles", { ...INDEX, roles: undefined }, "roles"],
    ["a list of grants", { ...INDEX, grants: [GRANT] }, "grants"],
    ["a grant that is null", { ...INDEX, grants: { "a.it": null } }, 'grants["a.it"]'],
    ["a grant without roles", { ...INDEX, grants: { "a.it": { ...GRANT, roles: undefined } } }, 'grants["a.it"].roles'],
    ["a grant without where", { ...INDEX, grants: { "a.it": { ...GRANT, where: undefined } } }, 'grants["a.it"].where'],
    [
      "a claim that is not a string",
      { ...INDEX, grants: { "a.it": { ...GRANT, where: { id: 7 } } } },
      'grants["a.it"].where["id"]',
    ],
    ["a string for conditions", { ...INDEX, grants: { "a.it": { ...GRANT, when: "fresh" } } }, 'grants["a.it"].when'],
    [
      "a list of places in a path",
      { ...INDEX, grants: { "a.it": { ...GRANT, params: [1] } } },
      'grants["a.it"].params',
    ],
    [
      "a place before the path",
      { ...INDEX, grants: { "a.it": { ...GRANT, tail: { rest: -1 } } } },
      'grants["a.it"].tail["rest"]',
    ],
    [
      "a denial without unless",
      { ...INDEX, denials: { "a.no": { ...DENIAL, unless: null } } },
      'denials["a.no"].unless',
    ],
    ["a role that is not a list", { ...INDEX, roles: { ...ROLES, groups: { G: "r" } } }, 'roles.groups["G"]'],
    [
      "values of a claim that are not a table",
      { ...INDEX, roles: { ...ROLES, claims: { c: ["r"] } } },
      'roles.claims["c"]',
    ],
    [
      "an issuer without groups",
      { ...INDEX, roles: { ...ROLES, issuers: { staff: { scopes: {}, claims: {} } } } },
      'roles.issuers["staff"].groups',
    ],
    ["roles without those of issuers", { ...INDEX, roles: HELD }, "roles.issuers"],
    ["a shape without its length", { ...INDEX, greedy: [{ ...SHAPE, segments: undefined }] }, "greedy[0].segments"],
    ["a position that is not a number", { ...INDEX, greedy: [{ ...SHAPE, literals: ["0"] }] }, "greedy[0].literals[0]"],
  ])("refuses %s", (_, value, at) => {
    expect(errorOf(value)).toBe(`malformed ${at}`);
  });
});

describe("parsePolicyData", () => {
  const engine = { index: { compiled: INDEX } };

  it("has the index and the base data", () => {
    expect(parsePolicyData({ engine, data: { limit: 7 } })).toEqual({
      ok: true,
      value: { index: INDEX, base: { limit: 7 } },
    });
    expect(parsePolicyData({ engine })).toEqual({ ok: true, value: { index: INDEX, base: undefined } });
  });

  it.each<[string, unknown, string]>([
    ["another document beside the base data", { engine, access: {} }, "key_unknown access"],
    ["another document of the engine", { engine: { ...engine, roles: {} } }, "key_unknown engine.roles"],
    ["no index", {}, "malformed engine"],
    ["an index that is a number", { engine: { index: { compiled: 7 } } }, "malformed engine.index.compiled"],
  ])("refuses %s", (_, value, expected) => {
    const data = parsePolicyData(value);
    expect(data.ok ? "none" : `${data.error.code} ${data.error.at}`).toBe(expected);
  });
});

it("an error names the key and what to do", () => {
  expect(formatPolicyIndexError({ code: "key_unknown", at: 'grants["a.it"].until' })).toMatch(
    /^the policy index has grants\["a\.it"\]\.until, which this version does not know; .* contract\/policy-index\.ts /,
  );
  expect(formatPolicyIndexError({ code: "malformed", at: "" })).toMatch(/^the policy index is malformed at its root; /);
});
