import { type IssuerSetting, issuersOf, type TokenUse, type UserPoolSetting } from "../../contract/trusted-issuers.ts";

/** A URL at which a key set is published, and the issuers for which it is. */
export interface KeyAddress {
  readonly issuers: readonly string[];
  readonly jwksUri: string;
}

/** An issuer whose tokens are trusted, with the values that their claims must have. */
export interface TrustedIssuer {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  readonly jwksUri: string;
  /**
   * Where its keys are published, in the order in which they are fetched if none is cached; default: at `jwksUri`. The two
   * issuer formats of a user pool stand for one pool, so that a key of either is a key of both.
   *
   * @see Cognito API reference, "IssuerConfigurationType": a pool publishes at its type's URL, and answers 403 at the other
   */
  readonly keyAddresses?: readonly KeyAddress[];
  /** The accepted app clients of a Cognito pool, or the accepted audiences of another issuer; at least one. */
  readonly audience: readonly string[];
  /** The kinds of Cognito tokens that are accepted; undefined for another issuer, whose tokens do not have a kind. */
  readonly tokenUse: TokenUse | undefined;
  /** The claim that lists the groups; undefined if the issuer has no such claim. */
  readonly groupsClaim: string | undefined;
}

/** Lists the trusted issuers by the value of `iss`. A user pool has an entry for each of its two issuer formats. */
export function toTrustedIssuers(settings: readonly IssuerSetting[]): ReadonlyMap<string, TrustedIssuer> {
  return new Map(settings.flatMap((setting) => issuersOf(setting).map((issuer) => [issuer, trusted(setting, issuer)])));
}

function trusted(setting: IssuerSetting, issuer: string): TrustedIssuer {
  if (!("userPoolId" in setting)) {
    const { audience, jwksUri, groupsClaim } = setting;
    return { issuer, jwksUri, audience, tokenUse: undefined, groupsClaim };
  }
  const { clientIds, tokenUse } = setting;
  const keyAddresses = toKeyAddresses(setting);
  const jwksUri = keyAddresses.find(({ issuers }) => issuers.includes(issuer))?.jwksUri ?? toCognitoUri(issuer);
  return { issuer, jwksUri, keyAddresses, audience: clientIds, tokenUse, groupsClaim: "cognito:groups" };
}

function toKeyAddresses(setting: UserPoolSetting): readonly KeyAddress[] {
  const issuers = issuersOf(setting);
  const { jwksUri } = setting;
  if (jwksUri !== undefined) return [{ issuers, jwksUri }];
  return issuers.map((issuer) => ({ issuers: [issuer], jwksUri: toCognitoUri(issuer) }));
}

function toCognitoUri(issuer: string): string {
  return `${issuer}/.well-known/jwks.json`;
}
