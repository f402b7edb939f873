import { describe, expect, it } from "vitest";
import { packIndex } from "../../../contract/pack-index.ts";
import { formatPolicyIndexError, parsePolicyData, parsePolicyIndex } from "../../../contract/policy-data.ts";
import type { PolicyIndex } from "../../../contract/policy-index.ts";

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
const INDEX = { grants: { "a.it": GRANT }, denials: { "a.no": DENIAL }, roles: ROLES };
const FORM = { around: ["/", "/{id}/{rest+}"], params: { id: 1 }, tail: { rest: 2 }, where: { id: "sub" } };
const SHAPE = { literals: [0], places: { ANY: { a: place([], [["a.no", 1, 5, 3, 0, 4]]) } } };
const GREEDY = { literals: [0], places: { GET: { a: place([["a.it", 0, 2, 3, 1, 5]]) } } };
const ALL = { shapes: [GREEDY], by_length: [[], [], [], [0]], longer: [0] };
const PACKED = {
  all: ALL,
  apis: { orders: { shapes: [SHAPE], by_length: [[], [0]], longer: [] } },
  methods: { GET: ["ANY", "GET"], PUT: ["ANY"] },
  forms: [FORM, { around: ["/", ""], params: {}, tail: {}, where: {} }],
  lists: [["ANY"], ["GET"], ["r"], ["fresh"], ["orders"], []],
  roles: ROLES,
};

function place(grants: unknown, denials: unknown = []): string {
  return JSON.stringify([grants, denials]);
}

/** Makes a packed index with another text at the place of the grant. */
function withPlace(text: string, method = "GET"): object {
  return { ...PACKED, all: { ...ALL, shapes: [{ ...GREEDY, places: { [method]: { a: text } } }] } };
}

/** Formats the reason why a value is not an index. */
function errorOf(value: unknown): string {
  const index = parsePolicyIndex(value);
  return index.ok ? "none" : `${index.error.code} ${index.error.at}`;
}

describe("parsePolicyIndex", () => {
  it("accepts the engine's index", () => {
    expect(parsePolicyIndex(PACKED)).toEqual({ ok: true, value: INDEX });
  });

  it.each<[string, unknown, string]>([
    ["of a form", { ...PACKED, forms: [{ ...FORM, until: 0 }] }, "forms[0].until"],
    ["of the roles", { ...PACKED, roles: { ...ROLES, hours: {} } }, "roles.hours"],
    [
      "of the roles of an issuer",
      { ...PACKED, roles: { ...ROLES, issuers: { staff: { ...HELD, hours: {} } } } },
      'roles.issuers["staff"].hours',
    ],
    ["of a shape", { ...PACKED, all: { ...ALL, shapes: [{ ...GREEDY, hosts: [] }] } }, "all.shapes[0].hosts"],
    ["of the rules of an API", { ...PACKED, apis: { orders: { ...ALL, least: [] } } }, 'apis["orders"].least'],
    ["of the index", { ...PACKED, public: {} }, "public"],
    ["of an earlier version", { ...PACKED, grants: {} }, "grants"],
    ["that is named like an inherited property", { ...PACKED, constructor: {} }, "constructor"],
  ])("refuses an unknown key: %s", (_, value, at) => {
    expect(errorOf(value)).toBe(`key_unknown ${at}`);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, ""],
    ["a list", [], ""],
    ["an index without roles", { ...PACKED, roles: undefined }, "roles"],
    ["a list of methods", { ...PACKED, methods: ["GET"] }, "methods"],
    ["a form that is null", { ...PACKED, forms: [null] }, "forms[0]"],
    ["a form without where", { ...PACKED, forms: [{ ...FORM, where: undefined }] }, "forms[0].where"],
    ["a claim that is not a string", { ...PACKED, forms: [{ ...FORM, where: { id: 7 } }] }, 'forms[0].where["id"]'],
    ["a string for a list", { ...PACKED, lists: ["fresh"] }, "lists[0]"],
    ["a list of places in a path", { ...PACKED, forms: [{ ...FORM, params: [1] }] }, "forms[0].params"],
    ["a place before the path", { ...PACKED, forms: [{ ...FORM, tail: { rest: -1 } }] }, 'forms[0].tail["rest"]'],
    ["a role that is not a list", { ...PACKED, roles: { ...ROLES, groups: { G: "r" } } }, 'roles.groups["G"]'],
    [
      "values of a claim that are not a table",
      { ...PACKED, roles: { ...ROLES, claims: { c: ["r"] } } },
      'roles.claims["c"]',
    ],
    [
      "an issuer without groups",
      { ...PACKED, roles: { ...ROLES, issuers: { staff: { scopes: {}, claims: {} } } } },
      'roles.issuers["staff"].groups',
    ],
    ["roles without those of issuers", { ...PACKED, roles: HELD }, "roles.issuers"],
    [
      "a shape without its literals",
      { ...PACKED, all: { ...ALL, shapes: [{ ...GREEDY, literals: undefined }] } },
      "all.shapes[0].literals",
    ],
    [
      "a position that is not a number",
      { ...PACKED, all: { ...ALL, shapes: [{ ...GREEDY, literals: ["0"] }] } },
      "all.shapes[0].literals[0]",
    ],
    [
      "a place that is not a text",
      { ...PACKED, all: { ...ALL, shapes: [{ ...GREEDY, places: { GET: { a: [[], []] } } }] } },
      'all.shapes[0].places["GET"]["a"]',
    ],
  ])("refuses %s", (_, value, at) => {
    expect(errorOf(value)).toBe(`malformed ${at}`);
  });

  it.each<[string, string, string?]>([
    ["that is not JSON", "[[],[]"],
    ["without denials", "[[]]"],
    ["with a third list", "[[],[],[]]"],
    ["with a rule that has one value more", place([["a.it", 0, 2, 3, 1, 5, 5]])],
    ["with a rule that has one value less", place([["a.it", 0, 2, 3, 1]])],
    ["with a rule without a name", place([[7, 0, 2, 3, 1, 5]])],
    ["with a form that is not there", place([["a.it", 3, 2, 3, 1, 5]])],
    ["with a list that is not there", place([["a.it", 0, 2, 3, 1, 6]])],
    ["with a form for other literals", place([["a.it", 2, 2, 3, 1, 5]])],
    ["with a rule for named APIs", place([["a.it", 0, 2, 3, 1, 4]])],
    ["of another method than its rule", place([["a.it", 0, 2, 3, 1, 5]]), "PUT"],
  ])("refuses a place %s", (_, text, method = "GET") => {
    const index = {
      ...Object(withPlace(text, method)),
      forms: [...PACKED.forms, { ...FORM, around: ["/", "/{id}/", "/{rest+}"] }],
    };
    expect(errorOf(index)).toBe(`malformed all.places["${method}"]["a"]`);
  });

  it("refuses a rule at the places of an API that it is not for", () => {
    const apis = { billing: PACKED.apis.orders };
    expect(errorOf({ ...PACKED, apis })).toBe('malformed apis["billing"].places["ANY"]["a"]');
  });
});

describe("packIndex", () => {
  const unpacked = (index: PolicyIndex) => parsePolicyIndex(JSON.parse(JSON.stringify(packIndex(index))));

  it("packs what parsePolicyIndex unpacks", () => {
    const root = { ...GRANT, path: "/", params: {}, tail: {}, where: {}, verbs: ["ANY", "CONNECT"] };
    const index = {
      ...INDEX,
      grants: { ...INDEX.grants, "a.root": root, "b.__proto__": { ...root, api: ["x", "y"] } },
    };
    expect(unpacked(INDEX)).toEqual({ ok: true, value: INDEX });
    expect(unpacked(index)).toEqual({ ok: true, value: index });
  });

  it("has one form and one list for rules that share them", () => {
    const { forms, lists } = packIndex({
      ...INDEX,
      grants: { "a.it": GRANT, "a.other": { ...GRANT, path: "/b/{id}/{rest+}" } },
    });
    expect([forms.length, lists.length]).toEqual([2, 6]);
  });

  it("looks up ANY for HTTP methods alone, and no verb that no rule has", () => {
    const { methods } = packIndex({ ...INDEX, grants: { "a.it": { ...GRANT, verbs: ["CONNECT"] } } });
    expect(methods["CONNECT"]).toEqual(["CONNECT"]);
    expect([methods["GET"], methods["PATCH"], methods["ANY"]]).toEqual([["ANY"], ["ANY"], undefined]);
  });
});

describe("parsePolicyData", () => {
  const engine = { index: { compiled: PACKED } };

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
  expect(formatPolicyIndexError({ code: "key_unknown", at: "forms[0].until" })).toMatch(
    /^the policy index has forms\[0\]\.until, which this version does not know; .* contract\/policy-index\.ts /,
  );
  expect(formatPolicyIndexError({ code: "malformed", at: "" })).toMatch(/^the policy index is malformed at its root; /);
});
