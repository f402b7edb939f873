import { createHash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { CLIENT_ID, type Claims, type Machine, type User } from "./users.ts";

/** The id of the user pool that the local issuer emulates, for `TRUSTED_ISSUERS`. */
export const USER_POOL_ID = "eu-west-1_Sample000";

/** The lifetime of a token, which is Cognito's default. */
export const TOKEN_LIFETIME_S = 3600;

const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`;

/** The tokens of a user's sign-in. */
interface UserTokens {
  readonly id: string;
  readonly access: string;
}

/** Signs tokens with keys of its own. */
export interface TokenSigner {
  readonly jwks: object;
  readonly signIn: (user: User) => Promise<UserTokens>;
  /** Signs the access token of a machine. */
  readonly authorizeMachine: (machine: Machine, scopes: readonly string[]) => Promise<string>;
}

/** Generates keys, and creates the functions that sign; like Cognito, it has different keys for ID and access tokens. */
export async function createTokenSigner(): Promise<TokenSigner> {
  const [id, access] = await Promise.all([createKey(), createKey()]);
  return {
    jwks: { keys: [id.jwk, access.jwk] },
    async signIn(user) {
      const claims = toUserClaims(user, nowS());
      return { id: await id.sign(claims.id), access: await access.sign(claims.access) };
    },
    authorizeMachine: (machine, scopes) => access.sign(toMachineClaims(machine, scopes, nowS())),
  };
}

/** Makes the claim `sub` of a user. A name has the same one after each start, so that a path with it stays valid. */
export function toSubject(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/**
 * Makes the claims of a user's tokens.
 *
 * @see Cognito developer guide: "Understanding the identity (ID) token", "Understanding the access token"
 */
export function toUserClaims(user: User, atS: number): { readonly id: Claims; readonly access: Claims } {
  const shared = {
    sub: toSubject(user.name),
    ...(user.groups.length > 0 && { "cognito:groups": user.groups }),
    iss: ISSUER,
    origin_jti: randomUUID(),
    event_id: randomUUID(),
    auth_time: atS,
    iat: atS,
    exp: atS + TOKEN_LIFETIME_S,
  };
  return {
    id: {
      ...user.claims,
      ...shared,
      aud: CLIENT_ID,
      token_use: "id",
      "cognito:username": user.name,
      jti: randomUUID(),
    },
    access: {
      ...user.accessClaims,
      ...shared,
      client_id: CLIENT_ID,
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      username: user.name,
      jti: randomUUID(),
    },
  };
}

/**
 * Makes the claims of a machine's access token, which has no user and no groups.
 *
 * @see Cognito developer guide, "Understanding the access token": the subject of client credentials is the client
 */
export function toMachineClaims({ name, claims }: Machine, scopes: readonly string[], atS: number): Claims {
  return {
    ...claims,
    sub: name,
    token_use: "access",
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    auth_time: atS,
    iss: ISSUER,
    exp: atS + TOKEN_LIFETIME_S,
    iat: atS,
    version: 2,
    jti: randomUUID(),
    client_id: name,
  };
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}

async function createKey() {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = randomUUID();
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" },
    sign: (claims: Claims) => new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey),
  };
}
