import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { createEvent, redirected } from "../support/events.ts";
import { AS_MACHINE, CLIENT_ID, createTestIssuer, type TestIssuer, USER_POOL_ID } from "../support/tokens.ts";

const POLICIES = {
  "access/roles.rego": `package access.roles

admin := {"groups": {"Admins"}, "issuers": {"staff"}, "includes": {"reader"}}

reader := {"groups": {"Readers"}}

auditor := {"claims": {"department": {"Audit"}}, "issuers": {"staff", "partner"}}

service := {"scopes": {"api/call"}, "issuers": {"staff"}}

customer := {"groups": {"Customers"}, "issuers": {"staff"}}
`,
  "access/shop.rego": `package access.shop

grants["admin"] := {"roles": {"admin"}, "verbs": {"GET"}, "path": "/admin"}

grants["read"] := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/read"}

grants["audit"] := {"roles": {"auditor"}, "verbs": {"GET"}, "path": "/audit"}

grants["call"] := {"roles": {"service"}, "verbs": {"GET"}, "path": "/call"}

grants["own"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/users/{id}", "where": {"id": "sub"}}
`,
};

const PARTNER = "https://login.partner.example";
const OTHER = "https://login.other.example";
const POOL = { name: "staff", userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
const oidc = (issuer: string, name?: string) => {
  return {
    ...(name && { name }),
    issuer,
    audience: [CLIENT_ID],
    jwksUri: `${issuer}/keys`,
    groupsClaim: "cognito:groups",
  };
};
const TRUSTED_ISSUERS = JSON.stringify([POOL, oidc(PARTNER, "partner"), oidc(OTHER)]);

let issuers: Readonly<Record<"staff" | "partner" | "other", TestIssuer>>;
let authorizer: RunningAuthorizer;
beforeAll(async () => {
  issuers = { staff: createTestIssuer(), partner: createTestIssuer(PARTNER), other: createTestIssuer(OTHER) };
  authorizer = await startAuthorizer(
    issuers.staff,
    { TRUSTED_ISSUERS },
    {},
    { policies: POLICIES, others: [issuers.partner, issuers.other] },
  );
});
afterAll(() => authorizer[Symbol.asyncDispose]());

type Name = keyof typeof issuers;

async function ask(
  from: Name,
  path: string,
  claims: Readonly<Record<string, unknown>>,
  kind: ApiKind = "rest-request",
) {
  const token = await issuers[from].sign({ aud: CLIENT_ID, ...claims });
  const invocation = await authorizer.invoke(redirected(kind, createEvent(kind, token), "GET", path));
  if ("error" in invocation)
    return { effect: invocation.error, principalId: undefined, context: {} as Readonly<Record<string, string>> };
  const { policyDocument, context, principalId } = invocation.response as {
    principalId: string;
    policyDocument: { Statement: readonly { Effect: string }[] };
    context: Readonly<Record<string, string>>;
  };
  return { effect: policyDocument.Statement[0]?.Effect, principalId, context };
}

const effectFor = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).effect;

describe("a role that is tied to issuers", () => {
  const admins = { "cognito:groups": ["Admins"] };
  const audit = { department: "Audit" };
  const machine = { ...AS_MACHINE, scope: "api/call" };
  const customer = { sub: "42", "cognito:groups": ["Customers"] };

  it.each<[string, Name, string, Readonly<Record<string, unknown>>, string]>([
    ["comes by the groups of its issuer", "staff", "/admin", admins, "Allow"],
    ["brings the roles that it includes", "staff", "/read", admins, "Allow"],
    ["comes by no group of another issuer", "partner", "/admin", admins, "Deny"],
    ["comes by no group of an issuer without a name", "other", "/admin", admins, "Deny"],
    ["leaves a role that it includes to every issuer", "partner", "/read", { "cognito:groups": ["Readers"] }, "Allow"],
    ["comes by the claims of one of its issuers", "staff", "/audit", audit, "Allow"],
    ["comes by the claims of another of its issuers", "partner", "/audit", audit, "Allow"],
    ["comes by no claim of a third issuer", "other", "/audit", audit, "Deny"],
    ["comes by the scopes of its issuer", "staff", "/call", machine, "Allow"],
    ["comes by no scope of another issuer", "partner", "/call", machine, "Deny"],
    ["ties what `where` compares", "staff", "/users/42", customer, "Allow"],
    ["keeps `where` from another issuer's user with the same sub", "partner", "/users/42", customer, "Deny"],
  ])("%s", async (_, from, path, claims, effect) => {
    expect(await effectFor(from, path, claims)).toBe(effect);
  });

  it("is not opened by a claim with the name of the issuer's field", async () => {
    expect(await effectFor("partner", "/admin", { ...admins, issuer_name: "staff", issuer: "staff" })).toBe("Deny");
  });
});

describe("two principals with one sub of different issuers", () => {
  const readers = { sub: "42", "cognito:groups": ["Readers"] };

  it("are told apart by the issuer's name in the context, for every kind of API", async () => {
    for (const kind of ["rest-request", "rest-token", "http-1", "http-2"] as const) {
      const [staff, partner] = [
        await ask("staff", "/read", readers, kind),
        await ask("partner", "/read", readers, kind),
      ];
      expect([kind, staff.effect, staff.context["issuer"]]).toEqual([kind, "Allow", "staff"]);
      expect([kind, partner.effect, partner.context["issuer"]]).toEqual([kind, "Allow", "partner"]);
      expect(staff.principalId).toBe(partner.principalId);
    }
  });

  it("have no issuer in the context if it has no name", async () => {
    const { effect, context } = await ask("other", "/read", readers);
    expect([effect, Object.hasOwn(context, "issuer")]).toEqual(["Allow", false]);
  });

  it("are told apart by the issuer in the decision log", async () => {
    const before = authorizer.log.length;
    await ask("staff", "/read", readers);
    await ask("partner", "/nowhere", readers);
    const logged = authorizer.log.slice(before).map(({ input }) => Object(Object(input).principal).issuer);
    expect(logged).toEqual([issuers.staff.issuer, PARTNER]);
  });
});

it("both issuer formats of a user pool are the issuer of its name", async () => {
  const pool = issuers.staff.issuer.replace("cognito-idp", "issuer-cognito-idp");
  const twin = createTestIssuer(pool);
  const options = { policies: POLICIES, others: [twin] };
  const settings = JSON.stringify([POOL, oidc(PARTNER, "partner")]);
  await using both = await startAuthorizer(issuers.staff, { TRUSTED_ISSUERS: settings }, {}, options);
  for (const issuer of [issuers.staff, twin]) {
    const event = createEvent("rest-request", await issuer.sign({ "cognito:groups": ["Admins"] }));
    const invocation = await both.invoke(redirected("rest-request", event, "GET", "/admin"));
    expect(JSON.stringify(invocation)).toContain('"Allow"');
  }
});
