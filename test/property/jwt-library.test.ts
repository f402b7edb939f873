import { CognitoJwtVerifier, JwtVerifier } from "aws-jwt-verify";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { parseKeySet } from "../../authorizer/identity/key-set.ts";
import { createKeySets } from "../../authorizer/identity/key-sets.ts";
import { toTrustedIssuers } from "../../authorizer/identity/trusted-issuer.ts";
import { createVerify, type Verify } from "../../authorizer/identity/verify.ts";
import type { IssuerSetting } from "../../contract/issuer-settings.ts";
import { isText } from "../../contract/json.ts";
import { err } from "../../contract/result.ts";
import { CLIENT_ID, createTestIssuer, type TestIssuer, USER_POOL_ID } from "../support/tokens.ts";

/**
 * The library's own verifier is the oracle: it has the same issuer, and must accept every token that the authorizer
 * accepts. The authorizer refuses more.
 */

const TOKENS = 3_000;
const OIDC = "https://login.example.com";
const TOLERANCE_S = 5;

/**
 * An issuer with the library's verifier, set up as its documentation says; `accepts` throws if the library refuses the
 * token.
 */
interface Side {
  readonly setting: IssuerSetting;
  readonly issuer: TestIssuer;
  readonly accepts: (token: string) => unknown;
}

let sides: readonly Side[];
beforeAll(() => {
  const pool = createTestIssuer();
  const global = createTestIssuer(`https://issuer-cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`);
  const oidc = createTestIssuer(OIDC);
  const cognito = (issuer: TestIssuer, tokenUse: "access" | "id" | "any"): Side => {
    const verifier = CognitoJwtVerifier.create([
      {
        userPoolId: USER_POOL_ID,
        clientId: CLIENT_ID,
        tokenUse: tokenUse === "any" ? null : tokenUse,
        graceSeconds: TOLERANCE_S,
      },
    ]);
    // One key set for both issuer formats.
    verifier.cacheJwks({ keys: [...issuer.jwks.keys] } as never, USER_POOL_ID);
    const setting = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse };
    return { setting, issuer, accepts: (token) => verifier.verifySync(token) };
  };
  const other = JwtVerifier.create({
    issuer: OIDC,
    audience: ["api", "web"],
    jwksUri: `${OIDC}/keys`,
    graceSeconds: TOLERANCE_S,
  });
  other.cacheJwks({ keys: [...oidc.jwks.keys] } as never);
  sides = [
    cognito(pool, "access"),
    cognito(pool, "id"),
    cognito(pool, "any"),
    cognito(global, "any"),
    {
      setting: { issuer: OIDC, audience: ["api", "web"], jwksUri: `${OIDC}/keys`, groupsClaim: "groups" },
      issuer: oidc,
      accepts: (token) => other.verifySync(token),
    },
  ];
});

function createVerifyFor({ setting, issuer }: Side): Verify {
  const keySets = new Map([[issuer.issuer, parseKeySet(issuer.jwks) ?? new Map()]]);
  const unreachable = async () => err("unreachable" as const);
  return createVerify(
    toTrustedIssuers([setting]),
    createKeySets({ fetchKeySet: unreachable, nowMs: () => 0, report: () => {} }, keySets),
    { maxLifetimeS: 86_400, toleranceS: TOLERANCE_S, aheadToleranceS: TOLERANCE_S },
  );
}

/** Values that a claim sometimes has, of every type that JSON has. */
const odd = fc.constantFrom<unknown>("", "x", 0, -1, 1.5, 7, null, true, [], ["x"], [7], {}, { a: 1 }, ["api", 7]);
const time = fc.oneof(
  fc.constantFrom<unknown>(0, -1, "0", null, 1e20),
  fc.integer({ min: -20, max: 20 }).map((s) => ({ inS: s })),
  fc.constant({ inS: 3600 }),
);

const CLAIMS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  sub: odd,
  iss: fc.constantFrom<unknown>(OIDC, "https://other.example.com", "", 7, null),
  aud: fc.oneof(odd, fc.constantFrom<unknown>(CLIENT_ID, [CLIENT_ID], "api", ["api"], ["other", "web"], ["other"])),
  client_id: fc.oneof(odd, fc.constantFrom(CLIENT_ID, "other")),
  azp: odd,
  token_use: fc.constantFrom<unknown>("access", "id", "refresh", "", 7, null, ["access"]),
  username: odd,
  scope: fc.oneof(odd, fc.constant("orders/read orders/write")),
  jti: odd,
  "cognito:groups": fc.oneof(odd, fc.constant(["Admins"])),
  groups: fc.oneof(odd, fc.constant(["Admins"])),
  exp: time,
  nbf: time,
  iat: time,
  auth_time: time,
};

/** Up to three claims that differ from those of an accepted token. */
const changes = fc
  .subarray(Object.keys(CLAIMS), { maxLength: 3 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, CLAIMS[name] ?? odd]))));

const header = fc.record(
  { typ: fc.constantFrom<unknown>("JWT", "at+jwt", "logout+jwt", 7), kid: fc.constantFrom<unknown>("other", "", 7) },
  { requiredKeys: [] },
);

const token = fc.record({
  side: fc.nat(4),
  isId: fc.boolean(),
  changes,
  header: fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: header }),
  missing: fc.option(fc.constantFrom("exp", "sub", "iat", "iss", "aud", "token_use"), { freq: 8, nil: undefined }),
});

it("no token that the authorizer accepts is refused by the library's own verifier", async () => {
  const verifiers = sides.map(createVerifyFor);
  const counts = { accepted: 0, refused: 0 };
  for (const { side: at, isId, changes: changed, header: head, missing } of fc.sample(token, TOKENS)) {
    const [side, verify] = [sides[at], verifiers[at]];
    if (side === undefined || verify === undefined) throw new Error("there is no such side");
    const nowS = Math.floor(Date.now() / 1000);
    const base =
      side.setting && "issuer" in side.setting ? { aud: ["api"] } : isId ? { token_use: "id", aud: CLIENT_ID } : {};
    const claims = Object.fromEntries(
      Object.entries({ ...side.issuer.usualClaims(), ...base, ...changed })
        .filter(([name]) => name !== missing)
        .map(([name, value]) => [name, isRelative(value) ? nowS + value.inS : value]),
    );
    const kid = String(side.issuer.jwks.keys[0]?.kid);
    const text = side.issuer.signText(JSON.stringify({ alg: "RS256", kid, ...head }), JSON.stringify(claims));
    const verified = await verify(text);
    counts[verified.ok ? "accepted" : "refused"] += 1;
    if (!verified.ok) continue;
    // The library wants text, and some issuers send a list. What the authorizer can't read gives no scopes.
    const isOtherScope = "issuer" in side.setting && claims["scope"] !== undefined && !isText(claims["scope"]);
    const library = isOtherScope ? "Error: JWT payload scope claim is not a string" : undefined;
    expect({ claims, head, library: refusalOf(() => side.accepts(text)) }).toEqual({ claims, head, library });
  }
  // The generator reaches both outcomes, so the law is not empty.
  expect(counts.accepted).toBeGreaterThan(TOKENS / 10);
  expect(counts.refused).toBeGreaterThan(TOKENS / 10);
});

it("the library's verifier refuses the tokens that the authorizer refuses, where both check the same field", () => {
  const [side] = sides;
  const usual = side?.issuer.usualClaims() ?? {};
  const kid = String(side?.issuer.jwks.keys[0]?.kid);
  const sign = (claims: object) =>
    side?.issuer.signText(JSON.stringify({ alg: "RS256", kid }), JSON.stringify(claims)) ?? "";
  expect(refusalOf(() => side?.accepts(sign(usual)))).toBeUndefined();
  expect(refusalOf(() => side?.accepts(sign({ ...usual, exp: 1 })))).toMatch(/expired/);
  expect(refusalOf(() => side?.accepts(sign({ ...usual, client_id: "other" })))).toMatch(/Client ID/);
});

function isRelative(value: unknown): value is { readonly inS: number } {
  return typeof value === "object" && value !== null && "inS" in value;
}

function refusalOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
