import { describe, expect, it } from "vitest";
import { createExplainRefusal } from "../../../../authorizer/identity/explain-refusal.ts";
import { toTrustedIssuers } from "../../../../authorizer/identity/trusted-issuer.ts";
import type { Code } from "../../../../contract/reason-codes.ts";
import { parseTrustedIssuers } from "../../../../contract/trusted-issuers.ts";

const TENANT = "8a2b1c3d-0000-4000-8000-0123456789ab";
const STAFF = "https://login.example.com/Staff";
const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const SECRET = "hunter2";

const SETTINGS = parseTrustedIssuers(
  JSON.stringify([
    { userPoolId: "eu-west-1_Test00000", clientIds: ["client"], tokenUse: "access" },
    ...[STAFF, ENTRA, "https://slash.example.com/", "https://accounts.google.com"].map((issuer) => ({
      issuer,
      audience: ["api"],
      jwksUri: `${issuer}/keys`,
      groupsClaim: "groups",
    })),
  ]),
);
if (!SETTINGS.ok) throw new Error(SETTINGS.error.join());
const ISSUERS = toTrustedIssuers(SETTINGS.value);

function tokenOf(claims: object, header: object = {}): string {
  const [head, payload] = [
    { alg: "RS256", kid: SECRET, ...header },
    { sub: SECRET, iss: STAFF, ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  return `${head}.${payload}.c2ln`;
}

function explain(...refusals: readonly (readonly [Code, (string | undefined)?])[]): readonly string[] {
  const lines: string[] = [];
  const explainRefusal = createExplainRefusal(ISSUERS, (line) => lines.push(line));
  for (const [code, token] of refusals) explainRefusal(code, token);
  return lines;
}

const nowS = Math.floor(Date.now() / 1000);

describe("a refusal is explained by a line that names the issuer and the setting", () => {
  it.each<[Code, object, object, RegExp]>([
    ["token.algorithm_refused", {}, { alg: "ES256" }, /signed with ES256.*algorithms/],
    ["token.header_refused", {}, { kid: undefined }, /kid/],
    ["token.header_refused", {}, { crit: ["b64"] }, /critical/],
    ["token.header_refused", {}, { typ: "logout+jwt" }, /another purpose/],
    ["token.key_unknown", {}, {}, /jwksUri.*KEY_SETS/],
    ["token.key_ambiguous", {}, {}, /two keys/],
    ["token.signature_invalid", {}, {}, /jwksUri/],
    ["token.expired", { exp: nowS - 100_000 }, {}, /more than a day ago/],
    ["token.not_yet_valid", { nbf: nowS + 600 }, {}, /CLOCK_TOLERANCE_S/],
    ["token.not_yet_valid", { iat: Date.now() }, {}, /iat in milliseconds/],
    ["token.lifetime_refused", { exp: Date.now() }, {}, /exp in milliseconds/],
    ["token.lifetime_refused", { exp: nowS + 1e6 }, {}, /MAX_TOKEN_LIFETIME_S/],
    ["token.client_refused", {}, {}, /audience/],
    ["token.use_refused", {}, {}, /tokenUse/],
    ["token.claims_invalid", { sub: undefined }, {}, /no claim sub/],
    ["token.claims_invalid", { exp: "7" }, {}, /wrong type/],
    ["token.groups_overage", {}, {}, /too many/],
  ])("%s, of a token with the claims %j and the header %j", (code, claims, header, line) => {
    const lines = explain([code, tokenOf(claims, header)]);
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(lines[0]?.startsWith(`${code}: a token of ${STAFF} `)).toBe(true);
    expect(lines.join()).not.toContain(SECRET);
  });

  it("a token that is too large", () => {
    expect(explain(["token.too_large"])).toEqual([expect.stringMatching(/8192 characters/)]);
  });

  it.each([
    [`${STAFF}/`, STAFF, "a slash at its end"],
    ["https://slash.example.com", "https://slash.example.com/", "a slash at its end"],
    [STAFF.toLowerCase(), STAFF, "upper and lower case"],
    ["accounts.google.com", "https://accounts.google.com", "its scheme"],
    ["http://accounts.google.com", "https://accounts.google.com", "its scheme"],
    ["https://accounts.google.com:443", "https://accounts.google.com", "its port"],
    [`https://sts.windows.net/${TENANT}/`, ENTRA, "the version of Entra's tokens"],
    [
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_test00000",
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Test00000",
      "upper and lower case",
    ],
  ])("an unknown issuer %s that is almost %s: it differs by %s", (iss, trusted, difference) => {
    expect(explain(["token.issuer_unknown", tokenOf({ iss })])).toEqual([
      expect.stringContaining(`differs from ${trusted} by ${difference}`),
    ]);
  });
});

describe("nothing is said", () => {
  it.each<[string, Code, string | undefined]>([
    ["of an issuer that is like no trusted one", "token.issuer_unknown", tokenOf({ iss: "https://evil.example.com" })],
    [
      "of another tenant of Entra",
      "token.issuer_unknown",
      tokenOf({ iss: `https://sts.windows.net/${TENANT.replace("8", "9")}/` }),
    ],
    ["of an algorithm that no setting can allow", "token.algorithm_refused", tokenOf({}, { alg: "HS256" })],
    ["of an algorithm that does not exist", "token.algorithm_refused", tokenOf({}, { alg: SECRET })],
    ["of a token that has just expired", "token.expired", tokenOf({ exp: nowS - 10 })],
    ["of no token", "token.missing", undefined],
    ["of a text that is not a token", "token.malformed", "a.b.c"],
  ])("%s", (_, code, token) => {
    expect(explain([code, token])).toEqual([]);
  });

  it("twice, and nothing without end", () => {
    const wrong = tokenOf({ iss: `${STAFF}/` });
    expect(explain(...Array(1_000).fill(["token.issuer_unknown", wrong]))).toHaveLength(1);
    const many = Array.from({ length: 500 }, (_, at) => ({
      issuer: `https://${at}.example.com`,
      audience: ["api"],
      jwksUri: "https://keys.example.com",
    }));
    const settings = parseTrustedIssuers(JSON.stringify(many));
    if (!settings.ok) throw new Error(settings.error.join());
    const lines: string[] = [];
    const explainRefusal = createExplainRefusal(toTrustedIssuers(settings.value), (line) => lines.push(line));
    for (const { issuer } of many) explainRefusal("token.key_unknown", tokenOf({ iss: issuer }));
    expect(lines).toHaveLength(100);
  });
});
