import { createHmac, createPublicKey } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { VerificationKey } from "../../../../authorizer/identity/algorithms.ts";
import { parseKeySet } from "../../../../authorizer/identity/key-set.ts";
import { createKeySets } from "../../../../authorizer/identity/key-sets.ts";
import { type TrustedIssuer, toTrustedIssuers } from "../../../../authorizer/identity/trusted-issuer.ts";
import { createVerify, type Verify } from "../../../../authorizer/identity/verify.ts";
import { err, ok } from "../../../../contract/result.ts";
import { parseTrustedIssuers } from "../../../../contract/trusted-issuers.ts";
import {
  AS_ID_TOKEN,
  AS_MACHINE,
  CLIENT_ID,
  createTestIssuer,
  type TestIssuer,
  USER_POOL_ID,
} from "../../../support/tokens.ts";

const OTHER_ISSUER = "https://login.example.com";

let issuer: TestIssuer;
let other: TestIssuer;
let verify: Verify;
let issuers: ReadonlyMap<string, TrustedIssuer>;

const TIMES = { maxLifetimeS: 86_400, toleranceS: 0 };

beforeAll(async () => {
  issuer = createTestIssuer();
  other = createTestIssuer(OTHER_ISSUER);
  const settings = parseTrustedIssuers(
    JSON.stringify([
      { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" },
      { issuer: OTHER_ISSUER, audience: ["api"], jwksUri: `${OTHER_ISSUER}/keys` },
    ]),
  );
  if (!settings.ok) throw new Error(settings.error.join());
  issuers = toTrustedIssuers(settings.value);
  const keySets = new Map([issuer, other].map(({ issuer, jwks }) => [issuer, parseKeySet(jwks) ?? new Map()]));
  const unreachable = async () => err("unreachable" as const);
  verify = createVerify(
    issuers,
    createKeySets({ fetchKeySet: unreachable, nowMs: () => 0, report: () => {} }, keySets),
    TIMES,
  );
});

async function codeOf(token: string | Promise<string>): Promise<string> {
  const principal = await verify(await token);
  return principal.ok ? (principal.value.kind ?? "neither") : principal.error;
}

function parts(token: string) {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return { header, payload, signature };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

describe("accepts", () => {
  it.each([
    ["an access token", {}, "user"],
    ["an ID token", AS_ID_TOKEN, "user"],
    ["a machine's token", AS_MACHINE, "machine"],
    ["a token that is valid from now on", { nbf: Math.floor(Date.now() / 1000) - 1 }, "user"],
  ])("%s", async (_, claims, kind) => {
    expect(await codeOf(issuer.sign(claims))).toBe(kind);
  });

  it("a token of another issuer", async () => {
    expect(await codeOf(other.sign({ aud: "api", token_use: undefined }))).toBe("neither");
  });
});

describe("refuses", () => {
  it("a token whose header names another algorithm than the key is for", async () => {
    const [jwk] = issuer.jwks.keys;
    const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
    const algorithms: readonly VerificationKey["alg"][] = ["RS256", "RS512"];
    const codes = algorithms.map(async (alg) => {
      const verified = await createVerify(issuers, async () => ok({ alg, key }), TIMES)(await issuer.sign());
      return verified.ok ? verified.value.kind : verified.error;
    });
    expect(await Promise.all(codes)).toEqual(["user", "token.algorithm_refused"]);
  });

  it.each([
    ["a token that has expired", { exp: Math.floor(Date.now() / 1000) - 1 }, "token.expired"],
    ["a token that is not valid yet", { nbf: Math.floor(Date.now() / 1000) + 600 }, "token.not_yet_valid"],
    ["a token that never expires", { exp: undefined }, "token.claims_invalid"],
    ["a token of an unknown issuer", { iss: "https://evil.example.com" }, "token.issuer_unknown"],
    ["a token without an issuer", { iss: undefined }, "token.issuer_unknown"],
    [
      "a token whose issuer has a trailing slash",
      { iss: `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}/` },
      "token.issuer_unknown",
    ],
    ["a token that another trusted issuer signed", { iss: OTHER_ISSUER }, "token.key_unknown"],
  ])("%s", async (_, claims, code) => {
    expect(await codeOf(issuer.sign(claims))).toBe(code);
  });

  it.each([
    ["critical extensions", { crit: ["exp"], exp: 1 }, "token.header_refused"],
    ["no key id", { kid: undefined }, "token.header_refused"],
  ])("a token with %s", async (_, header, code) => {
    const { payload } = parts(await issuer.sign());
    const { keys } = issuer.jwks;
    const head = JSON.parse(JSON.stringify({ alg: "RS256", kid: keys[0]?.kid, ...header }));
    expect(await codeOf(`${encoded(head)}.${payload}.c2ln`)).toBe(code);
  });

  it.each(["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "EdDSA"])(
    "a token of algorithm %s",
    async (alg) => {
      const { payload } = parts(await issuer.sign());
      const kid = issuer.jwks.keys[0]?.kid;
      expect(await codeOf(`${encoded({ alg, kid })}.${payload}.c2ln`)).toBe("token.algorithm_refused");
    },
  );

  it("a token signed with the public key as a shared secret", async () => {
    const { payload } = parts(await issuer.sign());
    const [jwk] = issuer.jwks.keys;
    const head = encoded({ alg: "HS256", kid: jwk?.kid });
    const secret = JSON.stringify(jwk);
    const signature = createHmac("sha256", secret).update(`${head}.${payload}`).digest("base64url");
    expect(await codeOf(`${head}.${payload}.${signature}`)).toBe("token.algorithm_refused");
  });

  it("a token that brings its own key", async () => {
    const forger = createTestIssuer();
    const [jwk] = forger.jwks.keys;
    expect(await codeOf(forger.sign({}, { jwk, jku: "https://evil.example.com/keys" }))).toBe(
      "token.signature_invalid",
    );
  });

  it("a token whose claims were changed", async () => {
    const { header, payload, signature } = parts(await issuer.sign());
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const changed = encoded({ ...claims, "cognito:groups": ["Admins"] });
    expect(await codeOf(`${header}.${changed}.${signature}`)).toBe("token.signature_invalid");
  });

  it("a token whose signature was cut", async () => {
    const { header, payload, signature } = parts(await issuer.sign());
    const cut = Buffer.from(signature, "base64url").subarray(1).toString("base64url");
    expect(await codeOf(`${header}.${payload}.${cut}`)).toBe("token.signature_invalid");
  });

  it("a token of an unknown key, while the issuer is unavailable", async () => {
    expect(await codeOf(issuer.sign({}, { kid: "unknown" }))).toBe("token.key_unknown");
  });

  it.each(["e30.e30.e30", "bnVsbA.e30.e30", "e30.W10.e30", "x.y.z"])("a malformed token: %s", async (token) => {
    expect(await codeOf(token)).toMatch(/^token\.(malformed|issuer_unknown)$/);
  });
});
