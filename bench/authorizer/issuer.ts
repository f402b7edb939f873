import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { AlgorithmName } from "../../contract/algorithms.ts";

/** The client that all tokens are for. */
export const CLIENT = "benchclient";

/** The user pool of the issuer with RS256. */
export const POOL = "eu-west-1_Bench0000";

/** An issuer of the benchmark. */
export interface BenchIssuer {
  readonly alg: AlgorithmName;
  readonly issuer: string;
  readonly jwk: JWK;
  /** Signs the token of a customer. */
  readonly sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>;
}

/** Creates an issuer that signs with an algorithm: for RS256 a user pool of Cognito, which signs with nothing else. */
export async function createIssuer(alg: AlgorithmName): Promise<BenchIssuer> {
  const isPool = alg === "RS256";
  const issuer = isPool
    ? `https://cognito-idp.eu-west-1.amazonaws.com/${POOL}`
    : `https://${alg.toLowerCase()}.example.com`;
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: alg, alg, use: "sig" };
  return {
    alg,
    issuer,
    jwk,
    sign: (claims) => {
      const nowS = Math.floor(Date.now() / 1_000);
      const times = { auth_time: nowS, iat: nowS, exp: nowS + 3_600 };
      const customer = { "cognito:groups": ["Customers"], "custom:customer_id": "42" };
      const own = { sub: "7d8ca528-4931-4254-9273-ea5ee853f271", iss: issuer, aud: CLIENT, token_use: "id" };
      return new SignJWT({ ...own, ...times, ...customer, ...claims })
        .setProtectedHeader({ alg, kid: alg })
        .sign(privateKey);
    },
  };
}

/** Formats the setting `TRUSTED_ISSUERS` of an issuer. */
export function toTrustedIssuers({ alg, issuer }: BenchIssuer): string {
  const entry =
    alg === "RS256"
      ? { userPoolId: POOL, clientIds: [CLIENT], tokenUse: "id" }
      : { issuer, audience: [CLIENT], jwksUri: issuer, groupsClaim: "cognito:groups", algorithms: [alg] };
  return JSON.stringify([entry]);
}
