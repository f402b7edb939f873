import { createPublicKey } from "node:crypto";
import { ALGORITHMS, type Algorithm, isAlgorithmName, type VerificationKey } from "./algorithms.ts";

/** The public keys of an issuer, by `kid`; `ambiguous` if the issuer published several keys with one `kid`. */
export type KeySet = ReadonlyMap<string, VerificationKey | "ambiguous">;

/** The largest number of keys in a set; Cognito publishes two, large issuers a dozen. */
const MAX_KEYS = 100;

/**
 * Parses a JSON Web Key Set. It leaves out keys of other algorithms than {@link ALGORITHMS}. A key without
 * `alg` is for the first algorithm of its type.
 *
 * @returns Undefined if `value` is not a key set, has more than 100 keys, or has no usable key.
 * @see RFC 7517, section 5
 */
export function parseKeySet(value: unknown): KeySet | undefined {
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  const set = new Map<string, VerificationKey | "ambiguous">();
  for (const jwk of keys) {
    const [kid, key] = parseKey(jwk) ?? [];
    if (kid !== undefined && key !== undefined) set.set(kid, set.has(kid) ? "ambiguous" : key);
  }
  return set.size > 0 ? set : undefined;
}

function parseKey(jwk: unknown): readonly [string, VerificationKey] | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const fields = jwk as Readonly<Record<string, unknown>>;
  const { kty, kid, alg = defaultOf(kty), use = "sig", key_ops } = fields;
  if (typeof kid !== "string" || !isAlgorithmName(alg) || use !== "sig") return undefined;
  const { keyType, members, isStrong }: Algorithm = ALGORITHMS[alg];
  if (kty !== keyType || !members.every((name) => typeof fields[name] === "string")) return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes("verify"))) return undefined;
  try {
    // A private key would have more members.
    const publicMembers = Object.fromEntries(members.map((name) => [name, fields[name]]));
    const key = createPublicKey({ key: { kty: keyType, ...publicMembers }, format: "jwk" });
    return isStrong(key) ? [kid, { alg, key }] : undefined;
  } catch {
    return undefined;
  }
}

function defaultOf(kty: unknown): string | undefined {
  return Object.entries(ALGORITHMS).find(([, { keyType }]) => keyType === kty)?.[0];
}
