import { createHash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { CLIENT_ID, type Claims, type Machine, type User } from "./users.ts";

/** The id of the user pool that the local issuer emulates, for `TRUSTED_ISSUERS`, if it emulates one only. */
export const USER_POOL_ID = "eu-west-1_Sample000";

/** The lifetime of a token, which is Cognito's default. */
export const TOKEN_LIFETIME_S = 3600;

/** The name of the issuer of accounts that have none, if the policy's roles are tied to several. */
export const LOCAL_ISSUER = "local";

/**
 * Gives the id of the user pool that stands for an issuer.
 *
 * @param named - The names of the issuers that the policy's roles are tied to. If there is one only, the pool of all others is its.
 */
export function userPoolIdOf(issuer: string | undefined, named: readonly string[]): string {
  if (issuer === undefined || issuer === LOCAL_ISSUER || (named.length === 1 && named[0] === issuer))
    return USER_POOL_ID;
  return `eu-west-1_${createHash("sha256").update(issuer).digest("hex").slice(0, 9)}`;
}

function urlOf(issuer: string | undefined, named: readonly string[]): string {
  return `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolIdOf(issuer, named)}`;
}

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

/**
 * Generates keys, and creates the functions that sign; like Cognito, it has different keys for ID and access tokens.
 *
 * @param named - Gives the names of the issuers that the current policy's roles are tied to.
 */
export async function createTokenSigner(named: () => readonly string[]): Promise<TokenSigner> {
  const [id, access] = await Promise.all([createKey(), createKey()]);
  return {
    jwks: { keys: [id.jwk, access.jwk] },
    async signIn(user) {
      const claims = toUserClaims(user, nowS(), named());
      return { id: await id.sign(claims.id), access: await access.sign(claims.access) };
    },
    authorizeMachine: (machine, scopes) => access.sign(toMachineClaims(machine, scopes, nowS(), named())),
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
export function toUserClaims(
  user: User,
  atS: number,
  named: readonly string[],
): { readonly id: Claims; readonly access: Claims } {
  const shared = {
    sub: toSubject(user.name),
    ...(user.groups.length > 0 && { "cognito:groups": user.groups }),
    iss: urlOf(user.issuer, named),
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
export function toMachineClaims(
  { name, issuer, claims }: Machine,
  scopes: readonly string[],
  atS: number,
  named: readonly string[],
): Claims {
  return {
    ...claims,
    sub: name,
    token_use: "access",
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    auth_time: atS,
    iss: urlOf(issuer, named),
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
