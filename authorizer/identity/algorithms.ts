import { type KeyObject, verify } from "node:crypto";

/** An algorithm of JWS signatures. */
export interface Algorithm {
  /** The type of its keys (`kty`). */
  readonly keyType: string;
  /** The members of a JWK that make up the public key, besides `kty`. All are texts. */
  readonly members: readonly string[];
  /** Tells whether a key is strong enough. */
  readonly isStrong: (key: KeyObject) => boolean;
  readonly isSignature: (signed: Buffer, signature: Buffer, key: KeyObject) => boolean;
}

/** The shortest key; NIST SP 800-131A, revision 2, disallows RSA signatures by shorter ones. */
const MIN_RSA_BITS = 2048;

/**
 * The algorithms that the authorizer accepts, by their name in `alg`.
 *
 * @see RFC 7518, section 3.1
 */
export const ALGORITHMS = {
  RS256: {
    keyType: "RSA",
    members: ["n", "e"],
    isStrong: ({ asymmetricKeyDetails: { modulusLength = 0, publicExponent = 0n } = {} }) =>
      modulusLength >= MIN_RSA_BITS && publicExponent >= 3n,
    // One call of node:crypto; the check of aws-jwt-verify uses a stream and takes twice the time.
    isSignature: (signed, signature, key) => verify("RSA-SHA256", signed, key, signature),
  },
} as const satisfies Readonly<Record<string, Algorithm>>;

export type AlgorithmName = keyof typeof ALGORITHMS;

/** Tells whether a value names an algorithm that the authorizer accepts. */
export function isAlgorithmName(alg: unknown): alg is AlgorithmName {
  return typeof alg === "string" && Object.hasOwn(ALGORITHMS, alg);
}

/** A public key, and the one algorithm that it is for. A token's header must never choose it (RFC 8725, section 3.1). */
export interface VerificationKey {
  readonly alg: AlgorithmName;
  readonly key: KeyObject;
}
