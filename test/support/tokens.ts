import { generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { type JWK, SignJWT } from "jose";

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
export function createTestIssuer(issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`): TestIssuer {
  const kid = `key-of-${new URL(issuer).host}`;
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk: JWK = { ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" };
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
      new SignJWT({ ...usualClaims(), ...claims })
        .setProtectedHeader({ alg: "RS256", kid, ...header })
        .sign(privateKey),
    signText(header, payload) {
      const signed = [header, payload].map((part) => Buffer.from(part).toString("base64url")).join(".");
      return `${signed}.${signBytes("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
    },
  };
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
