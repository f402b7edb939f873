import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { createEvent, redirected } from "../support/events.ts";
import { judged } from "../support/judged.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

/** A policy with a route for each way to a role by a claim, and one whose path must equal a claim. */
const POLICIES = {
  "access/roles.rego": `package access.roles

admin := {"groups": {"Admins"}}

writer := {"scopes": {"orders/write"}}

auditor := {"claims": {"realm_roles": {"auditor"}}}
`,
  "access/routes.rego": `package access.routes

grants["groups"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/groups"}

grants["scopes"] := {"roles": {"writer"}, "verbs": {"GET"}, "path": "/scopes"}

grants["claims"] := {"roles": {"auditor"}, "verbs": {"GET"}, "path": "/claims"}

grants["where"] := {
	"roles": {"authenticated"},
	"verbs": {"GET"},
	"path": "/where/{tenant}",
	"where": {"tenant": "tenant"},
}
`,
};

const PATHS = { groups: "/groups", scopes: "/scopes", claims: "/claims", where: "/where/blue" } as const;

type Use = keyof typeof PATHS;

/** Makes the claims of a token with a value in the place of the groups, the scopes, a role's claim or the claim of a path. */
const CLAIMS: Readonly<Record<Use, (value: unknown) => object>> = {
  groups: (groups) => ({ realm_access: { groups } }),
  scopes: (scp) => ({ scp, gty: "client-credentials" }),
  claims: (roles) => ({ realm_access: { roles } }),
  where: (id) => ({ ext: { "tenant.id": id } }),
};

const RIGHT: Readonly<Record<Use, string>> = {
  groups: "Admins",
  scopes: "orders/write",
  claims: "auditor",
  where: "blue",
};

/** The shapes of a claim with the right value `x`; docs/identity-providers.md has the same table. */
const SHAPES: readonly (readonly [shape: string, value: (right: string) => unknown, gives: readonly Use[]])[] = [
  ['`"x"`', (x) => x, ["groups", "scopes", "claims", "where"]],
  ['`"x y"`', (x) => `${x} y`, ["scopes"]],
  ['`"x,y"`', (x) => `${x},y`, []],
  ['`["x", "y"]`', (x) => [x, "y"], ["groups", "scopes", "claims"]],
  ['`["x y"]`', (x) => [`${x} y`], []],
  ['`["x", 7]`', (x) => [x, 7], ["claims"]],
  ['`[["x"]]`', (x) => [[x]], []],
  ['`{"x": true}`', (x) => ({ [x]: true }), []],
  ['`"[\\"x\\",\\"y\\"]"`', (x) => `["${x}","y"]`, ["groups", "scopes", "claims"]],
  ['`"[\\"x\\", \\"y\\"]"`', (x) => `["${x}", "y"]`, ["groups", "scopes", "claims"]],
  ['`"[\\"x\\", 7]"`', (x) => `["${x}", 7]`, []],
  ['`"[\\"x\\","`', (x) => `["${x}",`, []],
  ['`"[x, y]"`', (x) => `[${x}, y]`, []],
  ['`7`, `true`, `null`, `""`, missing', () => 7, []],
];

const ISSUER = "https://shapes.example.com";

let issuer: TestIssuer;
let authorizer: RunningAuthorizer;
beforeAll(async () => {
  issuer = createTestIssuer(ISSUER);
  const setting = {
    ...{ issuer: ISSUER, audience: ["api"], jwksUri: `${ISSUER}/keys` },
    groupsClaim: ["realm_access", "groups"],
    scopesClaim: "scp",
    claims: { realm_roles: ["realm_access", "roles"], tenant: ["ext", "tenant.id"] },
    machines: [{ claim: "gty", value: "client-credentials" }],
  };
  authorizer = await startAuthorizer(
    issuer,
    { TRUSTED_ISSUERS: JSON.stringify([setting]) },
    {},
    { policies: POLICIES },
  );
});
afterAll(() => authorizer[Symbol.asyncDispose]());

async function ask(use: Use, claims: object): Promise<string> {
  const others = { client_id: undefined, username: undefined, token_use: undefined, scope: undefined, aud: "api" };
  const event = createEvent("rest-request", await issuer.sign({ ...others, ...claims }));
  return judged(authorizer, redirected("rest-request", event, "GET", PATHS[use]));
}

const isAllowed = async (use: Use, claims: object) => (await ask(use, claims)) === "allow";

describe("a claim of the shape", () => {
  it.each(SHAPES)("%s gives what the docs say, and never refuses the token", async (_, value, gives) => {
    const given: Use[] = [];
    for (const use of ["groups", "scopes", "claims", "where"] as const) {
      const judgement = await ask(use, CLAIMS[use](value(RIGHT[use])));
      expect(judgement).toMatch(/^(allow|deny (role\.missing|where\.mismatch))$/);
      if (judgement === "allow") given.push(use);
    }
    expect(given).toEqual(gives);
  });

  it.each([true, null, "", undefined, []])("%j gives nothing, like a number", async (value) => {
    for (const use of ["groups", "scopes", "claims", "where"] as const) {
      expect(await isAllowed(use, CLAIMS[use](value))).toBe(false);
    }
  });

  it("is in the table of the docs, with what it gives", async () => {
    const page = await readFile("docs/identity-providers.md", "utf8");
    const mark = (gives: readonly Use[], use: Use) => (gives.includes(use) ? "yes" : "no");
    for (const [shape, , gives] of SHAPES) {
      const cells = (["groups", "scopes", "claims", "where"] as const).map((use) => mark(gives, use));
      expect(page).toContain(`| ${[shape, ...cells].join(" | ")} |`);
    }
  });
});

describe("a path of the settings", () => {
  it("is not taken for a claim whose name has the dots", async () => {
    expect(await isAllowed("claims", { "realm_access.roles": ["auditor"] })).toBe(false);
    expect(await isAllowed("claims", { realm_access: { roles: ["auditor"] } })).toBe(true);
  });

  it("has names with dots as they are", async () => {
    expect(await isAllowed("where", { ext: { tenant: { id: "blue" } } })).toBe(false);
    expect(await isAllowed("where", { ext: { "tenant.id": "blue" } })).toBe(true);
  });

  it("hides a claim of the token with the name that the policy uses", async () => {
    expect(await isAllowed("claims", { realm_roles: ["auditor"] })).toBe(false);
    expect(await isAllowed("where", { tenant: "blue" })).toBe(false);
    expect(await isAllowed("where", { tenant: "red", ext: { "tenant.id": "blue" } })).toBe(true);
  });

  it("is not the path to a property that objects inherit", async () => {
    expect(await isAllowed("claims", { realm_access: { __proto__: { roles: ["auditor"] } } })).toBe(false);
  });

  it("leaves no scope to the claim that usually has them", async () => {
    const machine = { gty: "client-credentials" };
    expect(await isAllowed("scopes", { ...machine, scope: "orders/write" })).toBe(false);
    expect(await isAllowed("scopes", { ...machine, scp: "orders/write" })).toBe(true);
  });
});

describe("the decision log", () => {
  it("names the claims that have no single reading, and no others", async () => {
    await ask("groups", { realm_access: { groups: { Admins: true } }, scp: ["a b"] });
    expect(authorizer.log.at(-1)?.ambiguous_claims).toEqual(["cognito:groups", "scope"]);
    await ask("groups", { realm_access: { groups: ["Admins"] }, scp: ["a", "b"] });
    expect(authorizer.log.at(-1)).not.toHaveProperty("ambiguous_claims");
  });

  it("shows that a token which points to its groups elsewhere is refused", async () => {
    const overage = { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://example.com" } } };
    expect(await ask("groups", overage)).toBe("deny role.missing");
    expect(await ask("groups", { hasgroups: true })).toBe("refuse token.groups_overage");
  });
});
