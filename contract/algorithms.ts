/** An algorithm of JWS signatures, and the one kind of key that it is for. */
interface SignatureAlgorithm {
  /** The type of its keys: the member `kty` of a JWK. */
  readonly keyType: "RSA" | "EC" | "OKP";
  /** The curve of its keys: the member `crv`. An RSA key has none, so it can't tell which algorithm it is for. */
  readonly curve?: string;
  /** The digest that is signed; null if the algorithm has its own. */
  readonly digest: "sha256" | "sha384" | "sha512" | null;
  /** The form of a signature. `pss` has a salt as long as the digest, `raw` is the two numbers, each as long as the curve's. */
  readonly form: "pkcs1" | "pss" | "raw" | "eddsa";
  /** The length of a `raw` signature. */
  readonly signatureBytes?: number;
  /** Another name of the same algorithm. */
  readonly otherName?: string;
}

/**
 * The algorithms that an issuer may be trusted with. All are public-key signatures: with a shared secret, whoever can verify
 * a token could make one.
 *
 * @see RFC 7518, section 3.1 (`RS…`, `PS…`, `ES…`); RFC 8037, section 3.1 (`EdDSA`); RFC 9864, section 2.2 (`Ed25519`, which
 *   names what `EdDSA` with this curve is)
 */
export const ALGORITHMS = {
  RS256: { keyType: "RSA", digest: "sha256", form: "pkcs1" },
  RS384: { keyType: "RSA", digest: "sha384", form: "pkcs1" },
  RS512: { keyType: "RSA", digest: "sha512", form: "pkcs1" },
  PS256: { keyType: "RSA", digest: "sha256", form: "pss" },
  PS384: { keyType: "RSA", digest: "sha384", form: "pss" },
  PS512: { keyType: "RSA", digest: "sha512", form: "pss" },
  ES256: { keyType: "EC", curve: "P-256", digest: "sha256", form: "raw", signatureBytes: 64 },
  ES384: { keyType: "EC", curve: "P-384", digest: "sha384", form: "raw", signatureBytes: 96 },
  ES512: { keyType: "EC", curve: "P-521", digest: "sha512", form: "raw", signatureBytes: 132 },
  EdDSA: { keyType: "OKP", curve: "Ed25519", digest: null, form: "eddsa", otherName: "Ed25519" },
} as const satisfies Readonly<Record<string, SignatureAlgorithm>>;

/** The name of an algorithm, as settings have it. */
export type AlgorithmName = keyof typeof ALGORITHMS;

/** The algorithms of an issuer whose setting names none: what OpenID Connect Core 1.0, section 15.1, requires of each. */
export const DEFAULT_ALGORITHMS: readonly AlgorithmName[] = ["RS256"];

/** Looks up an algorithm. */
export function algorithmOf(name: AlgorithmName): SignatureAlgorithm {
  return ALGORITHMS[name];
}

/** Tells whether `alg`, of a token's header or of a key, says an algorithm. */
export function says(alg: unknown, name: AlgorithmName): boolean {
  return alg === name || (alg !== undefined && alg === algorithmOf(name).otherName);
}

/**
 * Tells whether a value is a list of algorithms that an issuer can have: at least one, and no two for one kind of key. Of two,
 * an attacker could choose the one that the issuer's key was not made for (RFC 8725, section 3.1).
 */
export function isAlgorithms(value: unknown): value is readonly AlgorithmName[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isAlgorithmName)) return false;
  return new Set(value.map(kindOfKey)).size === value.length;
}

function isAlgorithmName(value: unknown): value is AlgorithmName {
  return typeof value === "string" && Object.hasOwn(ALGORITHMS, value);
}

function kindOfKey(name: AlgorithmName): string {
  const { keyType, curve = "" } = algorithmOf(name);
  return `${keyType} ${curve}`;
}
