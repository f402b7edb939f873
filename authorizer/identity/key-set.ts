import { createPublicKey, type KeyObject } from "node:crypto";

/** The public keys of an issuer, by `kid`; `ambiguous` if the issuer published several keys with one `kid`. */
export type KeySet = ReadonlyMap<string, KeyObject | "ambiguous">;

/** The shortest key; NIST SP 800-131A, revision 2, disallows RSA signatures by shorter ones. */
const MIN_RSA_BITS = 2048;

/** The largest number of keys in a set; Cognito publishes two, large issuers a dozen. */
const MAX_KEYS = 100;

/**
 * Parses a JSON Web Key Set. It leaves out keys that can't verify an RS256 signature.
 *
 * @returns Undefined if `value` is not a key set, has more than 100 keys, or has no usable key.
 * @see RFC 7517, section 5
 */
export function parseKeySet(value: unknown): KeySet | undefined {
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  const set = new Map<string, KeyObject | "ambiguous">();
  for (const jwk of keys) {
    const [kid, key] = parseKey(jwk) ?? [];
    if (kid !== undefined && key !== undefined) set.set(kid, set.has(kid) ? "ambiguous" : key);
  }
  return set.size > 0 ? set : undefined;
}

function parseKey(jwk: unknown): readonly [string, KeyObject] | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kty, n, e, kid, alg = "RS256", use = "sig", key_ops } = jwk as Readonly<Record<string, unknown>>;
  if (typeof kid !== "string" || kty !== "RSA" || alg !== "RS256" || use !== "sig") return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes("verify"))) return undefined;
  if (typeof n !== "string" || typeof e !== "string") return undefined;
  try {
    const key = createPublicKey({ key: { kty, n, e }, format: "jwk" });
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    return modulusLength < MIN_RSA_BITS || publicExponent < 3n ? undefined : [kid, key];
  } catch {
    return undefined;
  }
}
