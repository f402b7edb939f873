import { createPublicKey } from "node:crypto";
import { type AlgorithmName, algorithmOf, DEFAULT_ALGORITHMS, says } from "../../contract/algorithms.ts";
import { isObject } from "../../contract/json.ts";
import { isStrong, type VerificationKey } from "./algorithms.ts";

/** The public keys of an issuer, by `kid`; `ambiguous` if the issuer published several keys with one `kid`. */
export type KeySet = ReadonlyMap<string, VerificationKey | "ambiguous">;

/** The largest number of keys in a set; Cognito publishes two, large issuers a dozen. */
const MAX_KEYS = 100;

/** The members of a JWK that make up the public key, besides `kty`, by its type. All are texts. */
const MEMBERS = { RSA: ["n", "e"], EC: ["crv", "x", "y"], OKP: ["crv", "x"] } as const;

/**
 * Parses a JSON Web Key Set. Each key is for the one of the issuer's algorithms that is made for this type of key; its `alg`
 * may be missing, but must not say another. Keys for other algorithms are left out.
 *
 * @param algorithms - The issuer's algorithms; no two are for one type of key. Default: RS256.
 * @returns Undefined if `value` is not a key set, has more than 100 keys, or has no usable key.
 * @see RFC 7517, section 5
 */
export function parseKeySet(
  value: unknown,
  algorithms: readonly AlgorithmName[] = DEFAULT_ALGORITHMS,
): KeySet | undefined {
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  const set = new Map<string, VerificationKey | "ambiguous">();
  for (const jwk of keys) {
    const [kid, key] = parseKey(jwk, algorithms) ?? [];
    if (kid !== undefined && key !== undefined) set.set(kid, set.has(kid) ? "ambiguous" : key);
  }
  return set.size > 0 ? set : undefined;
}

/** Tells whether a key set has a key of the type that one of an issuer's algorithms is for, without reading the key. */
export function hasKeyFor(value: unknown, algorithms: readonly AlgorithmName[]): boolean {
  const keys = isObject(value) ? value["keys"] : undefined;
  return Array.isArray(keys) && keys.some((jwk) => isObject(jwk) && algorithms.some((name) => isFor(jwk, name)));
}

function parseKey(jwk: unknown, algorithms: readonly AlgorithmName[]): readonly [string, VerificationKey] | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const fields = jwk as Readonly<Record<string, unknown>>;
  const { kid, use = "sig", key_ops } = fields;
  const alg = algorithms.find((name) => isFor(fields, name));
  if (typeof kid !== "string" || alg === undefined || use !== "sig") return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes("verify"))) return undefined;
  const { keyType } = algorithmOf(alg);
  const members = MEMBERS[keyType];
  if (!members.every((name) => typeof fields[name] === "string")) return undefined;
  try {
    // A private key would have more members.
    const publicMembers = Object.fromEntries(members.map((name) => [name, fields[name]]));
    const key = createPublicKey({ key: { kty: keyType, ...publicMembers }, format: "jwk" });
    return isStrong(key) ? [kid, { alg, key }] : undefined;
  } catch {
    return undefined;
  }
}

function isFor({ kty, crv, alg }: Readonly<Record<string, unknown>>, name: AlgorithmName): boolean {
  const { keyType, curve } = algorithmOf(name);
  return kty === keyType && (curve === undefined || crv === curve) && (alg === undefined || says(alg, name));
}
