import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, KINDS, redirected } from "../support/events.ts";
import { judged } from "../support/judged.ts";
import {
  AS_ID_TOKEN,
  AS_MACHINE,
  CLIENT_ID,
  createTestIssuer,
  type TestIssuer,
  USER_POOL_ID,
} from "../support/tokens.ts";

/** A policy with a route for people, one for machines and one for everybody; a WebSocket asks for them by `?for=`. */
const POLICIES = {
  "access/roles.rego": `package access.roles

service := {"scopes": {"orders/read"}}
`,
  "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

a_person if input.principal.kind == "user"

a_machine if input.principal.kind == "machine"

for_people if input.request.query.for[0] == "people"

for_machines if input.request.query.for[0] == "machines"

for_services if input.request.query.for[0] == "services"

for_all if input.request.query.for[0] == "all"
`,
  "access/routes.rego": `package access.routes

grants["people"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/people", "when": {"a_person"}}

grants["machines"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/machines", "when": {"a_machine"}}

grants["services"] := {"roles": {"service"}, "verbs": {"GET"}, "path": "/services"}

grants["all"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/all"}

grants["connect_people"] := {"roles": {"authenticated"}, "verbs": {"CONNECT"}, "path": "/", "when": {"a_person", "for_people"}}

grants["connect_machines"] := {
	"roles": {"authenticated"},
	"verbs": {"CONNECT"},
	"path": "/",
	"when": {"a_machine", "for_machines"},
}

grants["connect_services"] := {"roles": {"service"}, "verbs": {"CONNECT"}, "path": "/", "when": {"for_services"}}

grants["connect_all"] := {"roles": {"authenticated"}, "verbs": {"CONNECT"}, "path": "/", "when": {"for_all"}}
`,
};

const ROUTES = ["all", "people", "machines", "services"] as const;

/** The routes that are open to each kind; a machine has the scope of the services. */
const OPEN = { user: ["all", "people"], machine: ["all", "machines", "services"], neither: ["all"] } as const;

type Claims = Readonly<Record<string, unknown>>;

/** Tokens of a provider, each with its name, its claims and the kind that it proves. */
interface Provider {
  readonly setting: Claims;
  readonly issuer: TestIssuer;
  readonly tokens: readonly (readonly [name: string, claims: Claims, kind: keyof typeof OPEN])[];
}

/** Creates a provider whose tokens have no claim of Cognito. */
function providerOf(issuer: string, setting: Claims, tokens: Provider["tokens"]): Provider {
  const others = { client_id: undefined, username: undefined, token_use: undefined, auth_time: undefined, aud: "api" };
  return {
    setting: { issuer, audience: ["api"], jwksUri: `${issuer.replace(/\/$/, "")}/keys`, ...setting },
    issuer: createTestIssuer(issuer),
    tokens: tokens.map(([name, claims, kind]) => [name, { ...others, scope: "orders/read", ...claims }, kind]),
  };
}

const PROVIDERS: Readonly<Record<string, Provider>> = {
  Cognito: {
    setting: { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" },
    issuer: createTestIssuer(),
    tokens: [
      ["a user's access token", { scope: "orders/read" }, "user"],
      ["a user's ID token", AS_ID_TOKEN, "user"],
      ["a machine's token", { ...AS_MACHINE, scope: "orders/read" }, "machine"],
      ["an access token without a name", { username: undefined, scope: "orders/read" }, "neither"],
      ["a machine's token with an empty name", { ...AS_MACHINE, username: "", scope: "orders/read" }, "neither"],
    ],
  },
  "an issuer without rules": providerOf("https://plain.example.com", {}, [
    ["a user's token", { sub: "7d8c", azp: "web" }, "neither"],
    ["a token whose sub is its client", { sub: "web", client_id: "web" }, "neither"],
  ]),
  "an issuer with rules": providerOf(
    "https://rules.example.com",
    {
      machines: [{ claim: "gty", value: "client-credentials" }],
      users: [{ claim: ["ext", "person"], value: true }],
    },
    [
      ["a user's token", { sub: "7d8c", ext: { person: true } }, "user"],
      ["a machine's token", { sub: "robot", gty: "client-credentials" }, "machine"],
      ["a token that proves both", { gty: "client-credentials", ext: { person: true } }, "neither"],
      ["a token whose sub is its client", { sub: "web", client_id: "web" }, "neither"],
    ],
  ),
  Auth0: providerOf("https://tenant.eu.auth0.com/", { preset: "auth0" }, [
    ["a user's token", { sub: "auth0|5f7c8ec7c33c6c004bbafe82", azp: "web" }, "user"],
    ["a user's token in the profile of RFC 9068", { sub: "google-oauth2|1057", client_id: "web" }, "user"],
    ["a machine's token", { sub: "svc@clients", azp: "svc", gty: "client-credentials" }, "machine"],
    ["a machine's token in the profile of RFC 9068", { sub: "svc@clients", client_id: "svc" }, "machine"],
    ["a subject of another client", { sub: "other@clients", azp: "svc", gty: "client-credentials" }, "neither"],
    ["a user's token of the machines' grant", { sub: "auth0|5f7c", azp: "svc", gty: "client-credentials" }, "neither"],
    ["a machine's subject of a user's grant", { sub: "svc@clients", azp: "svc", gty: "password" }, "neither"],
    ["a user named like a machine", { sub: "auth0|svc@clients", azp: "svc" }, "user"],
  ]),
  Okta: providerOf("https://example.okta.com/oauth2/default", { preset: "okta" }, [
    ["a user's token", { sub: "ann@example.com", uid: "00u1", cid: "web", scp: ["orders/read"] }, "user"],
    ["a machine's token", { sub: "0oa1", cid: "0oa1", scp: ["a", "orders/read"] }, "machine"],
    ["a user's token whose sub is its client", { sub: "0oa1", uid: "00u1", cid: "0oa1", scp: ["orders/read"] }, "user"],
    ["a token of a client for another subject", { sub: "ann", cid: "0oa1", scp: ["orders/read"] }, "neither"],
    ["an ID token", { sub: "00u1", amr: ["pwd"], preferred_username: "ann" }, "neither"],
  ]),
  "Entra v1": providerOf("https://sts.windows.net/11111111-1111-4111-8111-111111111111/", { preset: "entra-v1" }, [
    ["a user's token", { sub: "pairwise", appid: "web", appidacr: "0", scp: "access_as_user" }, "user"],
    [
      "a machine's token",
      { sub: "object", appid: "svc", appidacr: "1", idtyp: "app", roles: ["orders/read"] },
      "machine",
    ],
    [
      "a machine's token without the optional claim",
      { sub: "object", appid: "svc", appidacr: "1", roles: ["orders/read"] },
      "neither",
    ],
    [
      "a user of a confidential client",
      { sub: "pairwise", appid: "svc", appidacr: "1", scp: "x", roles: ["orders/read"] },
      "user",
    ],
  ]),
  "Entra v2": providerOf(
    "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0",
    { preset: "entra-v2" },
    [
      ["a user's token", { sub: "pairwise", azp: "web", azpacr: "0", scp: "access_as_user openid" }, "user"],
      ["a user's token that says so", { sub: "pairwise", azp: "web", idtyp: "user" }, "user"],
      [
        "a machine's token",
        { sub: "object", azp: "svc", azpacr: "2", idtyp: "app", roles: ["orders/read"] },
        "machine",
      ],
      [
        "a machine's token without the optional claim",
        { sub: "object", azp: "svc", azpacr: "2", roles: ["orders/read"] },
        "neither",
      ],
      [
        "a machine's token with scopes",
        { sub: "object", azp: "svc", idtyp: "app", scp: "orders/read", roles: ["orders/read"] },
        "machine",
      ],
      ["a token of a third type", { sub: "device", azp: "svc", idtyp: "device", scp: "x" }, "neither"],
      ["a sub that is the client", { sub: "svc", azp: "svc" }, "neither"],
    ],
  ),
  Keycloak: providerOf("https://login.example.com/realms/shop", { preset: "keycloak" }, [
    ["a user's token", { sub: "7d8c", azp: "web", sid: "s1", preferred_username: "ann" }, "user"],
    [
      "a machine's token",
      { sub: "f00d", azp: "Svc", client_id: "Svc", preferred_username: "service-account-svc" },
      "machine",
    ],
    [
      "a machine's token of older versions",
      { sub: "f00d", azp: "svc", clientId: "svc", preferred_username: "service-account-svc" },
      "machine",
    ],
    [
      "a machine's token with a session",
      { sub: "f00d", azp: "svc", client_id: "svc", sid: "s1", preferred_username: "service-account-svc" },
      "machine",
    ],
    [
      "a user named like a service account",
      { sub: "7d8c", azp: "web", sid: "s1", preferred_username: "service-account-svc" },
      "neither",
    ],
    [
      "a machine's token without its client",
      { sub: "f00d", azp: "svc", preferred_username: "service-account-svc" },
      "neither",
    ],
    ["a lightweight token", { sub: "7d8c", azp: "web", sid: "s1" }, "neither"],
  ]),
  Duende: providerOf("https://identity.example.com", { preset: "duende" }, [
    [
      "a user's token",
      { sub: "818727", client_id: "web", idp: "local", amr: ["pwd"], scope: ["openid", "orders/read"] },
      "user",
    ],
    ["a machine's token", { sub: undefined, client_id: "svc", scope: ["orders/read"] }, "machine"],
    ["a token of a client with a sub of its own", { sub: "svc", client_id: "svc", scope: ["orders/read"] }, "neither"],
  ]),
  Google: providerOf("https://accounts.google.com", { preset: "google" }, [
    ["a user's ID token", { sub: "1076", azp: "12.apps.googleusercontent.com", email: "ann@example.com" }, "user"],
    [
      "a service account's ID token",
      { sub: "1137", azp: "1137", email: "svc@shop.iam.gserviceaccount.com" },
      "machine",
    ],
    ["a service account's ID token without its address", { sub: "1137", azp: "1137" }, "machine"],
    ["an ID token of a client that nothing says is a person's", { sub: "1076", azp: "svc" }, "neither"],
  ]),
};

let authorizer: RunningAuthorizer;
beforeAll(async () => {
  const providers = Object.values(PROVIDERS);
  authorizer = await startAuthorizer(
    providers.map(({ issuer }) => issuer),
    { TRUSTED_ISSUERS: JSON.stringify(providers.map(({ setting }) => setting)) },
    {},
    { policies: POLICIES },
  );
});
afterAll(() => authorizer[Symbol.asyncDispose]());

/** Names the routes that a token opens on a kind of API. */
async function openTo(kind: (typeof KINDS)[number], token: string): Promise<readonly string[]> {
  const open: string[] = [];
  for (const route of ROUTES) {
    const event = createEvent(kind, token);
    const asked =
      kind === "websocket"
        ? changed(event, { "queryStringParameters.for": route, "multiValueQueryStringParameters.for": [route] })
        : redirected(kind, event, "GET", `/${route}`);
    if ((await judged(authorizer, asked)) === "allow") open.push(route);
  }
  return open;
}

describe.each(Object.entries(PROVIDERS))("of %s", (_, { issuer, tokens }) => {
  describe.each(KINDS)("on %s", (kind) => {
    it.each(tokens)("%s opens what its kind may open, and nothing else", async (_, claims, expected) => {
      expect(await openTo(kind, await issuer.sign(claims))).toEqual(OPEN[expected]);
    });
  });
});
