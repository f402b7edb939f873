import { createPublicKey, type KeyObject } from "node:crypto";
import { isJwk, type Jwk } from "aws-jwt-verify/jwk";

/** A public key that tokens are verified with. */
export interface Key {
  readonly jwk: Jwk;
  readonly keyObject: KeyObject;
}

/** The keys of an issuer, by `kid`. */
export type KeySet = ReadonlyMap<string, Key>;

/** NIST SP 800-131A: RSA signatures below this are disallowed. */
const MIN_RSA_BITS = 2048;

/**
 * Reads a JSON Web Key Set. Keys that can't verify an RS256 signature are left out, as is a `kid` that two keys
 * share; the others work.
 *
 * @returns No set if `value` is none, or no key in it can be used.
 * @see RFC 7517, section 5
 */
export function parseKeySet(value: unknown): KeySet | undefined {
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : undefined;
  if (!Array.isArray(keys)) return undefined;
  const set = new Map<string, Key>();
  const shared = new Set<string>();
  for (const jwk of keys) {
    const key = parseKey(jwk);
    if (key?.jwk.kid === undefined) continue;
    if (set.has(key.jwk.kid)) shared.add(key.jwk.kid);
    set.set(key.jwk.kid, key);
  }
  for (const kid of shared) set.delete(kid);
  return set.size > 0 ? set : undefined;
}

function parseKey(jwk: unknown): Key | undefined {
  try {
    if (!isJwk(jwk as Jwk)) return undefined;
    const { kty, n, e, kid, alg, use } = jwk as Jwk;
    if (kty !== "RSA" || n === undefined || e === undefined) return undefined;
    if ((alg ?? "RS256") !== "RS256" || (use ?? "sig") !== "sig") return undefined;
    const keyObject = createPublicKey({ key: { kty, n, e }, format: "jwk" });
    const { modulusLength = 0, publicExponent = 0n } = keyObject.asymmetricKeyDetails ?? {};
    if (modulusLength < MIN_RSA_BITS || publicExponent < 3n) return undefined;
    return kid === undefined ? undefined : { jwk: { kty, n, e, kid, alg: "RS256" }, keyObject };
  } catch {
    return undefined;
  }
}
