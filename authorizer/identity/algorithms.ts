import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from "node:crypto";
import { type AlgorithmName, algorithmOf } from "../../contract/algorithms.ts";

/** A public key, and the one algorithm that it is for. A token's header must never choose it (RFC 8725, section 3.1). */
export interface VerificationKey {
  readonly alg: AlgorithmName;
  readonly key: KeyObject;
}

/** The shortest RSA key; NIST SP 800-131A, revision 2, disallows signatures by shorter ones. */
const MIN_RSA_BITS = 2048;

/** Tells whether a key is strong enough. The curve decides for all keys but RSA's. */
export function isStrong({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails;
  return asymmetricKeyType !== "rsa" || (modulusLength >= MIN_RSA_BITS && publicExponent >= 3n);
}

/**
 * The options of `node:crypto`, by the form of a signature. Where its defaults are right there are none: a key in an object takes
 * twice the time of the key itself.
 */
const OPTIONS: Readonly<Record<ReturnType<typeof algorithmOf>["form"], Omit<VerifyKeyObjectInput, "key"> | undefined>> =
  {
    pkcs1: undefined,
    // Node's default takes a salt of any length. RFC 7518, section 3.5, requires the digest's.
    pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    raw: { dsaEncoding: "ieee-p1363" },
    eddsa: undefined,
  };

/**
 * Tells whether a key made a signature, by the key's own algorithm.
 *
 * It is one call of `node:crypto`; the check of aws-jwt-verify uses a stream and takes twice the time.
 */
export function isSignature(signed: Buffer, signature: Buffer, { alg, key }: VerificationKey): boolean {
  const { digest, form, signatureBytes = signature.length } = algorithmOf(alg);
  if (signature.length !== signatureBytes) return false;
  const options = OPTIONS[form];
  return verify(digest, signed, options === undefined ? key : { ...options, key }, signature);
}
