import { constants, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { type JWK, SignJWT } from "jose";
import { type AlgorithmName, algorithmOf } from "../../contract/algorithms.ts";

/** An issuer with a key of its own, for tests. */
export interface TestIssuer {
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly privateKey: KeyObject;
  /** The claims of {@link sign} before changes. */
  readonly usualClaims: () => Readonly<Record<string, unknown>>;
  /** Signs claims; a claim set to `undefined` is left out. */
  readonly sign: (
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
  /** Signs a header and payload as they are, text or bytes. */
  readonly signText: (header: string | Buffer, payload: string | Buffer) => string;
}

export const USER_POOL_ID = "eu-west-1_Test00000";
export const CLIENT_ID = "testclient";

/** Creates the issuer of the user pool. By default its tokens are access tokens of a user in no group. */
export function createTestIssuer(
  issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`,
  alg: AlgorithmName = "RS256",
): TestIssuer {
  const kid = `key-of-${new URL(issuer).host}`;
  const { publicKey, privateKey } = createKeyPair(alg);
  const jwk: JWK = { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" };
  const usualClaims = () => {
    const nowS = Math.floor(Date.now() / 1000);
    return {
      sub: "7d8ca528-4931-4254-9273-ea5ee853f271",
      iss: issuer,
      client_id: CLIENT_ID,
      username: "tester",
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      auth_time: nowS,
      iat: nowS,
      exp: nowS + 3600,
    };
  };
  return {
    issuer,
    jwks: { keys: [jwk] },
    privateKey,
    usualClaims,
    sign: (claims = {}, header = {}) =>
      new SignJWT({ ...usualClaims(), ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
    signText(header, payload) {
      const signed = [header, payload].map((part) => Buffer.from(part).toString("base64url")).join(".");
      return `${signed}.${signAs(alg, Buffer.from(signed), privateKey).toString("base64url")}`;
    },
  };
}

/** Generates a key pair for an algorithm. */
export function createKeyPair(alg: AlgorithmName) {
  const { keyType, curve = "" } = algorithmOf(alg);
  if (keyType === "RSA") return generateKeyPairSync("rsa", { modulusLength: 2048 });
  return keyType === "EC" ? generateKeyPairSync("ec", { namedCurve: curve }) : generateKeyPairSync("ed25519");
}

/** Signs bytes with an algorithm, as RFC 7518 says. */
export function signAs(alg: AlgorithmName, data: Buffer, key: KeyObject): Buffer {
  const digest = alg === "EdDSA" ? null : `sha${alg.slice(2)}`;
  if (alg.startsWith("PS")) {
    const saltLength = Number(alg.slice(2)) / 8;
    return signBytes(digest, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  }
  return signBytes(digest, data, { key, ...(alg.startsWith("ES") && { dsaEncoding: "ieee-p1363" as const }) });
}

/** Claims that turn the token into an ID token. */
export const AS_ID_TOKEN = {
  token_use: "id",
  aud: CLIENT_ID,
  "cognito:username": "tester",
  client_id: undefined,
  username: undefined,
  scope: undefined,
} as const;

/** Claims that turn the token into a machine's, as the client-credentials grant does. */
export const AS_MACHINE = { sub: CLIENT_ID, username: undefined } as const;
