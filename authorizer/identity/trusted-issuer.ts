import { type IssuerSetting, issuersOf, type TokenUse } from "../../contract/trusted-issuers.ts";

/** An issuer whose tokens are trusted, and what they must say. */
export interface TrustedIssuer {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** Whom a token must be for: an app client of the Cognito pool, else an audience. At least one. */
  readonly audience: readonly string[];
  /** Which of Cognito's two kinds of tokens are accepted; undefined for another issuer, whose tokens don't say. */
  readonly tokenUse: TokenUse | undefined;
  /** The claim that lists the groups; undefined if the issuer has no such claim. */
  readonly groupsClaim: string | undefined;
}

/** Lists the trusted issuers by the value of `iss`. A user pool stands for both of its issuer formats. */
export function toTrustedIssuers(settings: readonly IssuerSetting[]): ReadonlyMap<string, TrustedIssuer> {
  return new Map(settings.flatMap((setting) => issuersOf(setting).map((issuer) => [issuer, trusted(setting, issuer)])));
}

function trusted(setting: IssuerSetting, issuer: string): TrustedIssuer {
  if (!("userPoolId" in setting)) {
    const { audience, jwksUri, groupsClaim } = setting;
    return { issuer, jwksUri, audience, tokenUse: undefined, groupsClaim };
  }
  const { clientIds, tokenUse, jwksUri = `${issuer}/.well-known/jwks.json` } = setting;
  return { issuer, jwksUri, audience: clientIds, tokenUse, groupsClaim: "cognito:groups" };
}
