import {
  constants,
  createHash,
  createPrivateKey,
  type JsonWebKeyInput,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseKeySet } from "../../authorizer/identity/key-set.ts";
import { createKeySets } from "../../authorizer/identity/key-sets.ts";
import { toTrustedIssuers } from "../../authorizer/identity/trusted-issuer.ts";
import { createVerify } from "../../authorizer/identity/verify.ts";
import { err } from "../../contract/result.ts";
import { parseTrustedIssuers } from "../../contract/trusted-issuers.ts";

const ISSUER = "https://login.example.com";
const RAW = constants.RSA_NO_PADDING;

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: string;
  readonly result: "valid" | "invalid";
}

interface Group {
  readonly comment: string;
  readonly private: Readonly<Record<string, unknown>>;
  readonly public?: Readonly<Record<string, unknown>>;
  readonly tests: readonly Vector[];
}

const { testGroups } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/wycheproof/json_web_signature_test.json"), "utf8"),
) as { testGroups: readonly Group[] };

const nowS = Math.floor(Date.now() / 1000);
const claims = { iss: ISSUER, aud: "api", sub: "me", iat: nowS, exp: nowS + 3600 };
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function verdictOf(token: string, jwk: unknown): Promise<string> {
  const issuers = parseTrustedIssuers(
    JSON.stringify([{ issuer: ISSUER, audience: ["api"], jwksUri: `${ISSUER}/keys` }]),
  );
  const keySet = parseKeySet({ keys: [jwk] });
  const findKey = createKeySets(
    { fetchKeySet: async () => err("unreachable" as const), nowMs: () => 0, report: () => {} },
    new Map(keySet && [[ISSUER, keySet]]),
  );
  if (!issuers.ok) throw new Error(issuers.error.join());
  const verify = createVerify(toTrustedIssuers(issuers.value), findKey, { maxLifetimeS: 86_400, toleranceS: 0 });
  const principal = await verify(token);
  return principal.ok ? "accepted" : principal.error;
}

/** Adds the `kid` that a token needs here to the header. */
function withKid(header: string, kid: unknown): string {
  try {
    return encode({ kid, ...JSON.parse(Buffer.from(header, "base64url").toString()) });
  } catch {
    return header;
  }
}

/**
 * Signs claims in place of a vector's payload: each part that differs from the valid vector differs in the same way.
 */
function resigned(vector: Vector, valid: Vector, { kid, ...jwk }: Group["private"]): string {
  const [validHeader = "", validPayload = "", validSignature = ""] = valid.jws.split(".");
  const [header, payload, signature] = vector.jws.split(".");
  const key = createPrivateKey({ key: jwk, format: "jwk" } as JsonWebKeyInput);
  const goodHeader = withKid(validHeader, kid);
  const data = `${goodHeader}.${encode(claims)}`;
  const parts = [
    header === validHeader ? goodHeader : header && withKid(header, kid),
    payload === validPayload ? encode(claims) : payload && encode({ ...claims, sub: "you" }),
    signature === validSignature
      ? sign("RSA-SHA256", Buffer.from(data), key).toString("base64url")
      : signature && remade(signature, `${validHeader}.${validPayload}`, data, key),
  ];
  return parts.filter((part) => part !== undefined).join(".");
}

/** Recovers the block that was signed, padding and defects included, and puts the digest of other data into it. */
function remade(signature: string, was: string, is: string, key: KeyObject): string {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  try {
    const block = publicDecrypt({ key, padding: RAW }, Buffer.from(signature, "base64url"));
    const at = block.indexOf(digest(was));
    if (at !== -1) digest(is).copy(block, at);
    return privateEncrypt({ key, padding: RAW }, block).toString("base64url");
  } catch {
    return signature;
  }
}

const seen = { accepted: 0, refused: 0 };

it.each(
  testGroups.map((group) => [`${group.comment} ${group.private["alg"]} ${group.private["kty"]}`, group] as const),
)("%s", async (_, group) => {
  // A modified vector comes after the valid one that it is made from.
  let valid = group.tests[0];
  for (const vector of group.tests) {
    if (vector.result === "valid") valid = vector;
    const isRs256 = group.private["kty"] === "RSA" && group.private["alg"] === "RS256";
    // The issuer is trusted with RS256 alone, so another algorithm is refused by name, whatever the signature.
    const token = isRs256 && valid !== undefined ? resigned(vector, valid, group.private) : overClaims(vector);
    const verdict = await verdictOf(token, group.public);
    const isAccepted = vector.result === "valid" && isRs256;
    expect([vector.tcId, vector.comment, verdict]).toEqual([
      vector.tcId,
      vector.comment,
      isAccepted ? "accepted" : expect.stringMatching(/^token\.|^keys\.unavailable$/),
    ]);
    seen[isAccepted ? "accepted" : "refused"] += 1;
  }
});

function overClaims({ jws }: Vector): string {
  const [header, , ...rest] = jws.split(".");
  return [header, encode(claims), ...rest].join(".");
}

it("accepts some vectors and refuses most", () => {
  expect(seen).toEqual({ accepted: 8, refused: 393 });
});
