import { exportJWK, generateKeyPair, SignJWT } from "jose";

const POOL = "eu-west-1_Bench0000";
const CLIENT = "benchclient";
const ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL}`;
const KEY_ID = "bench";

/** A Cognito user pool of a measurement: its tokens are real, and its keys are packed, so that nothing is fetched. */
export interface UserPool {
  /** The JSON text of the key sets that a build packs. */
  readonly packedKeys: string;
  /** The variables of the Lambda. */
  readonly environment: Readonly<Record<string, string>>;
  /** The JSON text of what other handlers are told of the pool. */
  readonly settings: string;
  /** Signs an access token of a member of some groups, valid for an hour. */
  readonly sign: (groups: readonly string[], claims?: Readonly<Record<string, unknown>>) => Promise<string>;
}

/** Creates a user pool with a new key. */
export async function createUserPool(): Promise<UserPool> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: "RS256", use: "sig" };
  const keySet = { keys: [jwk] };
  const trusted = { userPoolId: POOL, clientIds: [CLIENT], tokenUse: "any" };
  return {
    packedKeys: JSON.stringify({ [ISSUER]: keySet }),
    environment: { TRUSTED_ISSUERS: JSON.stringify([trusted]) },
    settings: JSON.stringify({ issuer: ISSUER, userPoolId: POOL, clientId: CLIENT, keySet }),
    sign(groups, claims = {}) {
      const nowS = Math.floor(Date.now() / 1000);
      const own = { sub: "7d8ca528-4931-4254-9273-ea5ee853f271", iss: ISSUER, client_id: CLIENT, token_use: "access" };
      const times = { auth_time: nowS, iat: nowS, exp: nowS + 3600 };
      return new SignJWT({ ...own, username: "bench", "cognito:groups": groups, ...times, ...claims })
        .setProtectedHeader({ alg: "RS256", kid: KEY_ID })
        .sign(privateKey);
    },
  };
}
