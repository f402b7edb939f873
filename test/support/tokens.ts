import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** An issuer with a key of its own, for tests. */
export interface TestIssuer {
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Signs claims; a claim set to `undefined` is left out. */
  readonly sign: (
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
}

export const USER_POOL_ID = "eu-west-1_Test00000";
export const CLIENT_ID = "testclient";

/** The issuer of the user pool; its tokens are access tokens of a user in no group, unless the claims say otherwise. */
export async function createTestIssuer(
  issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`,
): Promise<TestIssuer> {
  const kid = `key-of-${new URL(issuer).host}`;
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
  return {
    issuer,
    jwks: { keys: [jwk] },
    sign(claims = {}, header = {}) {
      const nowS = Math.floor(Date.now() / 1000);
      const usual = {
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
      return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: "RS256", kid, ...header }).sign(privateKey);
    },
  };
}

/** What makes an ID token of it. */
export const AS_ID_TOKEN = {
  token_use: "id",
  aud: CLIENT_ID,
  "cognito:username": "tester",
  client_id: undefined,
  username: undefined,
  scope: undefined,
} as const;

/** What makes it a machine's, as the client-credentials grant does. */
export const AS_MACHINE = { sub: CLIENT_ID, username: undefined } as const;
