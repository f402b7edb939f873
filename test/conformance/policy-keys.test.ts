import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Opa } from "../../build/opa/run.ts";
import { parsePolicyIndex } from "../../contract/policy-data.ts";
import type { IndexedDenial, IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import { createEngineWorkspace, type Workspace } from "../../dev/workspace.ts";
import { opaIn } from "../support/opa.ts";
import { toRego } from "../support/rego.ts";
import { readRuleSchema } from "../support/schema-arbitraries.ts";

/** A policy that uses every key of a grant, a denial and a role. */
const POLICY = {
  roles: {
    r1: {
      groups: ["G"],
      scopes: ["s"],
      kinds: ["user"],
      claims: { "custom:department": ["Audit"] },
      issuers: ["staff"],
      includes: ["r2"],
    },
    r2: { groups: ["H"] },
  },
  conditions: { fresh: true },
  area: {
    grants: {
      it: {
        api: ["orders"],
        roles: ["r1"],
        verbs: ["GET"],
        path: "/a/{id}/{rest+}",
        where: { id: "sub" },
        when: ["fresh"],
      },
    },
    public: { open: { verbs: ["GET"], path: "/b/a", api: ["orders"], despite: ["area.wide"] } },
    denials: {
      wide: { verbs: ["GET"], path: "/b/{id}" },
      no: { api: ["orders"], roles: ["r1"], verbs: ["GET"], path: "/a/{id}/{rest+}", unless: ["fresh"] },
    },
  },
};
const INPUT = {
  principal: { claims: { sub: "1", "cognito:groups": ["G"] } },
  request: { api: "orders", method: "GET", path: "/a/1/b/c" },
};

/**
 * The place of each key in the engine's results: in what it found about a candidate (`engine.explanation`), and in what
 * a principal may do (`engine.entitlements`). A key that neither shows would decide without a trace.
 */
const GRANT_KEYS: Readonly<Record<keyof IndexedGrant, { readonly found: string; readonly entitlement: string }>> = {
  // Rules for other APIs are not candidates.
  api: { found: "outcome", entitlement: "api" },
  roles: { found: "roles", entitlement: "status" },
  // Rules with other verbs are not candidates.
  verbs: { found: "outcome", entitlement: "verbs" },
  path: { found: "outcome", entitlement: "path" },
  params: { found: "params", entitlement: "path" },
  tail: { found: "params", entitlement: "path" },
  where: { found: "where", entitlement: "where" },
  when: { found: "when", entitlement: "conditions" },
};
const DENIAL_KEYS: Readonly<Record<keyof IndexedDenial, { readonly found: string; readonly entitlement: string }>> = {
  api: { found: "outcome", entitlement: "api" },
  roles: { found: "roles", entitlement: "status" },
  verbs: { found: "outcome", entitlement: "verbs" },
  path: { found: "outcome", entitlement: "path" },
  params: { found: "params", entitlement: "path" },
  tail: { found: "params", entitlement: "path" },
  unless: { found: "unless", entitlement: "conditions" },
};

/** The keys of the index that are not keys of a grant or denial: the positions of parameters in its path. */
const OF_THE_PATH = ["params", "tail"];

/** The parts of the index in which the keys of a schema are. */
const partOf = {
  grant: ({ grants }: PolicyIndex) => grants["area.it"],
  denial: ({ denials }: PolicyIndex) => denials["area.no"],
  roles: ({ roles }: PolicyIndex) => roles,
};

let workspace: Workspace;
let opa: Opa;
beforeAll(async () => {
  workspace = await createEngineWorkspace({});
  opa = await opaIn(workspace.root);
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Evaluates a query of the engine for the policy and the input. */
async function evaluate(query: string): Promise<unknown> {
  const given = `found := ${query} with data.access as ${toRego(POLICY)} with input as ${JSON.stringify(INPUT)}`;
  const { stdout, stderr } = await opa("eval", "--format", "json", "--data", "policies/engine", given);
  const value = JSON.parse(stdout || "{}").result?.[0]?.bindings?.found;
  if (value === undefined) throw new Error(stderr || stdout);
  return value;
}

async function keysAt(query: string): Promise<readonly string[]> {
  return Object.keys(Object(await evaluate(query))).sort();
}

const sorted = (keys: Iterable<string>) => [...new Set(keys)].sort();

describe("the schema, the problems, the index and the results of the engine have the same keys", () => {
  it.each(["grant", "denial", "public_rule", "role"] as const)(
    "the schema of a %s and the engine's problems",
    async (kind) => {
      const { properties = {} } = await readRuleSchema(kind);
      expect(await keysAt(`data.engine.check.keys._keys["${kind.replace("_", " ")}"]`)).toEqual(
        sorted(Object.keys(properties)),
      );
    },
  );

  it("the schema of an invariant and the engine's problems", async () => {
    const { properties = {} } = await readRuleSchema("invariant");
    expect(await keysAt("data.engine.check.invariants._keys")).toEqual(sorted(Object.keys(properties)));
  });

  it("the policy of this test uses every key and has no problem", async () => {
    const { it: grant } = POLICY.area.grants;
    const { no: denial } = POLICY.area.denials;
    const { open } = POLICY.area.public;
    for (const [kind, rule] of Object.entries({ grant, denial, "public rule": open, role: POLICY.roles.r1 })) {
      expect(await keysAt(`data.engine.check.keys._keys["${kind}"]`)).toEqual(sorted(Object.keys(rule)));
    }
    expect(await evaluate("data.engine.problems")).toEqual([]);
  });

  it.each([
    ["grant", "grant", OF_THE_PATH, []],
    ["denial", "denial", OF_THE_PATH, []],
    // The roles that another role includes are among those that its groups, scopes and claims give.
    ["role", "roles", [], ["includes"]],
  ] as const)("the schema of a %s and the index", async (kind, place, added, resolved) => {
    const { properties = {} } = await readRuleSchema(kind);
    const keys = Object.keys(properties).filter((key) => !resolved.some((other) => other === key));
    const index = parsePolicyIndex(await evaluate("data.engine.index.compiled"));
    if (!index.ok) throw new Error(index.error.at);
    expect(sorted(Object.keys(Object(partOf[place](index.value))))).toEqual(sorted([...keys, ...added]));
  });

  it("the engine's index and its parser", async () => {
    const index = parsePolicyIndex(await evaluate("data.engine.index.compiled"));
    if (!index.ok) throw new Error(index.error.at);
    const positions = { params: { id: 1 }, tail: { rest: 2 } };
    const { it: grant, no: denial } = { ...POLICY.area.grants, ...POLICY.area.denials };
    expect(index.value.grants).toEqual({ "area.it": { ...grant, ...positions } });
    expect(index.value.denials["area.no"]).toEqual({ ...denial, ...positions });
  });

  it.each([
    ["grants", "area.it", GRANT_KEYS],
    ["denials", "area.no", DENIAL_KEYS],
  ] as const)("the index of %s and the engine's results", async (kind, name, keys) => {
    const found = Object.values(keys).map((shown) => shown.found);
    const entitlement = Object.values(keys).map((shown) => shown.entitlement);
    expect(await keysAt(`data.engine.explanation.${kind}["${name}"]`)).toEqual(sorted([...found, "outcome"]));
    expect(await keysAt(`data.engine.entitlements.${kind}["${name}"]`)).toEqual(sorted([...entitlement, "unmet"]));
  });
});
