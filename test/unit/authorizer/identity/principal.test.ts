import { describe, expect, it } from "vitest";
import { toPrincipal } from "../../../../authorizer/identity/principal.ts";
import type { TrustedIssuer } from "../../../../authorizer/identity/trusted-issuer.ts";
import { createTrustedIssuer } from "../../../support/trusted-issuer.ts";

const POOL: TrustedIssuer = {
  ...createTrustedIssuer("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sample000"),
  name: "staff",
  audience: ["client-a", "client-b"],
  tokenUse: "any",
  groupsClaim: "cognito:groups",
};
const OIDC = createTrustedIssuer("https://login.example.com", {
  name: "staff",
  machines: [{ claim: "client_id", equals: "sub" }],
  users: [{ claim: "uid", present: true }],
  groupsClaim: "groups",
});
const MACHINE_IDS: TrustedIssuer = { ...OIDC, machineIdClaim: "azp" };
const ACCESS = {
  sub: "7d8c",
  iss: POOL.issuer,
  exp: 1,
  token_use: "access",
  client_id: "client-b",
  username: "tester",
};
const ID = { sub: "7d8c", iss: POOL.issuer, exp: 1, token_use: "id", aud: "client-a", "cognito:username": "tester" };
const FOREIGN = { sub: "auth0|7", iss: OIDC.issuer, exp: 1, aud: ["other", "api"], azp: "web" };

describe("the principal", () => {
  it.each([
    [
      "of a user's access token",
      POOL,
      ACCESS,
      { id: "7d8c", kind: "user", client_id: "client-b", token_use: "access" },
    ],
    ["of a user's ID token", POOL, ID, { id: "7d8c", kind: "user", client_id: "client-a", token_use: "id" }],
    [
      "of a machine's access token",
      POOL,
      { ...ACCESS, sub: "client-b", username: undefined },
      { id: "client-b", kind: "machine" },
    ],
    ["of a user whose sub is the client's id", POOL, { ...ACCESS, sub: "client-b" }, { kind: "user" }],
    [
      "of an access token without a name whose sub is not the client's id, which proves neither",
      POOL,
      { ...ACCESS, username: undefined },
      { kind: undefined },
    ],
    [
      "of an access token whose name is empty, which proves neither",
      POOL,
      { ...ACCESS, sub: "client-b", username: "" },
      { kind: undefined },
    ],
    [
      "of a client without a name",
      OIDC,
      { ...FOREIGN, azp: "", client_id: "" },
      { kind: undefined, client_id: undefined },
    ],
    ["of a client in another claim", OIDC, { ...FOREIGN, client_id: "other" }, { client_id: "other" }],
    ["of a client that is not a string", OIDC, { ...FOREIGN, azp: ["web"] }, { client_id: undefined }],
    ["of a subject of 255 characters", POOL, { ...ACCESS, sub: "s".repeat(255) }, { kind: "user" }],
    ["of an ID token whose sub is the client's id", POOL, { ...ID, sub: "client-a" }, { kind: "user" }],
    [
      "of another issuer's user",
      OIDC,
      { ...FOREIGN, uid: "00u1" },
      { id: "auth0|7", kind: "user", client_id: "web", token_use: undefined },
    ],
    ["of another issuer's machine", OIDC, { ...FOREIGN, sub: "svc", client_id: "svc" }, { kind: "machine" }],
    ["of another issuer, by no rule", OIDC, FOREIGN, { kind: undefined }],
    [
      "of another issuer, by rules of both",
      OIDC,
      { ...FOREIGN, sub: "7", client_id: "7", uid: "7" },
      { kind: undefined },
    ],
    [
      "of an issuer without rules",
      { ...OIDC, machines: [], users: [] },
      { ...FOREIGN, sub: "web" },
      { kind: undefined },
    ],
    ["of a machine without a sub", MACHINE_IDS, { ...FOREIGN, sub: undefined }, { id: "web", kind: "machine" }],
    [
      "of a preset's machine without a sub",
      { ...OIDC, preset: "duende" as const },
      { ...FOREIGN, sub: undefined, client_id: "svc" },
      { id: "svc", kind: "machine" },
    ],
    ["of a token for one audience", OIDC, { ...FOREIGN, aud: "api" }, { client_id: "web" }],
    ["of a token without groups", POOL, { ...ACCESS, "cognito:groups": null }, { kind: "user" }],
  ])("%s", (_, issuer, claims, expected) => {
    expect(toPrincipal(claims, issuer)).toMatchObject({ ok: true, value: { ...expected, issuer: issuer.issuer } });
  });

  it("of a user pool has the claims unchanged", () => {
    const claims = { ...ACCESS, "cognito:groups": ["Admins"] };
    expect(toPrincipal(claims, POOL)).toMatchObject({ value: { claims } });
  });

  it("of another issuer has its groups in the claim that policies read, and no other `cognito:` claim", () => {
    const claims = {
      ...FOREIGN,
      groups: ["Admins"],
      "cognito:groups": ["Forged"],
      "cognito:roles": ["arn:aws:iam::1:role/Forged"],
    };
    const principal = toPrincipal(claims, OIDC);
    expect(principal.ok && principal.value.claims).toEqual({
      ...FOREIGN,
      groups: ["Admins"],
      "cognito:groups": ["Admins"],
    });
  });

  it("of another issuer has the client in the claim of its provider", () => {
    const claims = { ...FOREIGN, cid: "svc", client_id: "other" };
    expect(toPrincipal(claims, { ...OIDC, clientClaims: ["cid"] })).toMatchObject({ value: { client_id: "svc" } });
  });

  it("of another issuer has claims of odd shapes left out and named, and is not refused", () => {
    const principal = toPrincipal({ ...FOREIGN, groups: { a: 1 }, scope: ["a b"] }, OIDC);
    expect(principal).toMatchObject({ value: { ambiguousClaims: ["cognito:groups", "scope"] } });
    expect(principal.ok && principal.value.claims).toEqual({
      ...FOREIGN,
      groups: { a: 1 },
      "cognito:groups": [],
    });
  });

  it("of another issuer without a groups claim has no groups", () => {
    const principal = toPrincipal({ ...FOREIGN, "cognito:groups": ["Forged"] }, { ...OIDC, groupsClaim: undefined });
    expect(principal.ok && principal.value.claims["cognito:groups"]).toEqual([]);
  });
});

describe("a token for another audience or purpose", () => {
  it.each([
    ["another client", POOL, { ...ACCESS, client_id: "client-c" }, "token.client_refused"],
    ["another audience of an ID token", POOL, { ...ID, aud: "client-c" }, "token.client_refused"],
    [
      "our client as audience of another client's access token",
      POOL,
      { ...ACCESS, client_id: "client-c", aud: "client-a" },
      "token.client_refused",
    ],
    ["no client", POOL, { ...ACCESS, client_id: undefined }, "token.client_refused"],
    ["a list of clients", POOL, { ...ACCESS, client_id: ["client-a"] }, "token.client_refused"],
    ["another issuer's token for others", OIDC, { ...FOREIGN, aud: ["other"] }, "token.client_refused"],
    ["another issuer's token for nobody", OIDC, { ...FOREIGN, aud: undefined }, "token.client_refused"],
    ["an ID token where access tokens are taken", { ...POOL, tokenUse: "access" as const }, ID, "token.use_refused"],
    ["no sub, where every token must have one", OIDC, { ...FOREIGN, sub: undefined }, "token.claims_invalid"],
    ["no sub, and no machine's id", MACHINE_IDS, { ...FOREIGN, sub: undefined, azp: [] }, "token.claims_invalid"],
    ["a user without a sub", MACHINE_IDS, { ...FOREIGN, sub: undefined, uid: "7" }, "token.claims_invalid"],
    [
      "a preset's user without a sub",
      { ...OIDC, preset: "duende" as const },
      { ...FOREIGN, sub: undefined, client_id: "web", idp: "local" },
      "token.claims_invalid",
    ],
    ["a sub that is null beside a machine's id", MACHINE_IDS, { ...FOREIGN, sub: null }, "token.claims_invalid"],
    ["an access token where ID tokens are taken", { ...POOL, tokenUse: "id" as const }, ACCESS, "token.use_refused"],
    ["a token without a use", POOL, { ...ACCESS, token_use: undefined }, "token.use_refused"],
    ["a token with another use", POOL, { ...ACCESS, token_use: "refresh" }, "token.use_refused"],
    ["a list of uses", POOL, { ...ACCESS, token_use: ["access"] }, "token.use_refused"],
    ["no expiry", POOL, { ...ACCESS, exp: undefined }, "token.claims_invalid"],
    ["no subject", POOL, { ...ACCESS, sub: undefined }, "token.claims_invalid"],
    ["an empty subject", POOL, { ...ACCESS, sub: "" }, "token.claims_invalid"],
    ["a subject with a NUL", POOL, { ...ACCESS, sub: "a\u0000b" }, "token.claims_invalid"],
    ["a subject with a lone surrogate", POOL, { ...ACCESS, sub: "\ud800" }, "token.claims_invalid"],
    ["an overlong subject", POOL, { ...ACCESS, sub: "a".repeat(256) }, "token.claims_invalid"],
    ["groups as a string", POOL, { ...ACCESS, "cognito:groups": "Admins" }, "token.claims_invalid"],
    ["groups as an object", POOL, { ...ACCESS, "cognito:groups": { 0: "Admins" } }, "token.claims_invalid"],
    ["groups within groups", POOL, { ...ACCESS, "cognito:groups": [["Admins"]] }, "token.claims_invalid"],
    ["groups of two types", POOL, { ...ACCESS, "cognito:groups": ["Admins", 1] }, "token.claims_invalid"],
    ["scopes as a list", POOL, { ...ACCESS, scope: ["a"] }, "token.claims_invalid"],
  ])("%s", (_, issuer, claims, code) => {
    expect(toPrincipal(claims, issuer)).toEqual({ ok: false, error: code });
  });
});

describe("a token that leaves out its groups, because there are too many", () => {
  const codeOf = (claims: object, issuer = OIDC) => {
    const principal = toPrincipal({ ...FOREIGN, ...claims }, issuer);
    return principal.ok ? "accepted" : principal.error;
  };

  it.each([{ _claim_names: { groups: "src1" } }, { hasgroups: true }, { hasgroups: "true" }])(
    "is refused: %j",
    (claims) => {
      expect(codeOf(claims)).toBe("token.groups_overage");
      expect(codeOf({ ...claims, groups: ["Staff"] })).toBe("accepted");
      expect(codeOf(claims, { ...OIDC, groupsClaim: undefined })).toBe("accepted");
    },
  );

  it.each([{}, { _claim_names: { roles: "src1" } }, { _claim_names: "groups" }, { hasgroups: false }])(
    "is another token than %j",
    (claims) => {
      expect(codeOf(claims)).toBe("accepted");
    },
  );
});
