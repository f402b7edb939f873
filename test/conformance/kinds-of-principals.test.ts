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
