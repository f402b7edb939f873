import { type AlgorithmName, DEFAULT_ALGORITHMS } from "../../contract/algorithms.ts";
import type { ClaimPath } from "../../contract/claim-path.ts";
import { type PresetName, presetOf } from "../../contract/issuer-presets.ts";
import {
  type IssuerSetting,
  issuersOf,
  type OidcSetting,
  type TokenUse,
  type UserPoolSetting,
} from "../../contract/issuer-settings.ts";
import type { KindRule } from "../../contract/kind-rules.ts";

/** A URL at which a key set is published, and the issuers for which it is. */
export interface KeyAddress {
  readonly issuers: readonly string[];
  readonly jwksUri: string;
}

/** An issuer whose tokens are trusted, with the values that their claims must have. */
export interface TrustedIssuer {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  /** The name in the settings, which both issuer formats of a user pool share; undefined if it has none. */
  readonly name: string | undefined;
  /** The algorithms that the issuer signs with, at most one for each type of key. */
  readonly algorithms: readonly AlgorithmName[];
  /**
   * Where its keys are published, in the order in which they are fetched if none is cached; at least one. The two
   * issuer formats of a user pool stand for one pool, so that a key of either is a key of both.
   *
   * @see Cognito API reference, "IssuerConfigurationType": a pool publishes at its type's URL, and answers 403 at the other
   */
  readonly keyAddresses: readonly KeyAddress[];
  /** The accepted app clients of a Cognito pool, or the accepted audiences of another issuer; at least one. */
  readonly audience: readonly string[];
  /** The kinds of Cognito tokens that are accepted; undefined for another issuer, whose tokens do not have a kind. */
  readonly tokenUse: TokenUse | undefined;
  /** The provider, if its documentation says what proves a user and a machine. */
  readonly preset: PresetName | undefined;
  /** The claim with the groups; undefined if the issuer has no such claim. */
  readonly groupsClaim: ClaimPath | undefined;
  readonly scopesClaim: ClaimPath;
  /** The claim with the permissions of a machine, if it is another. */
  readonly machineScopesClaim: ClaimPath | undefined;
  /** The claims with the client that a token was issued to; the first that is there counts. */
  readonly clientClaims: readonly string[];
  /** The claims that policies read by a name of their own, by that name. */
  readonly claims: Readonly<Record<string, ClaimPath>>;
  /** Rules of which each proves that a token is a machine's. Cognito's tokens prove it themselves. */
  readonly machines: readonly KindRule[];
  /** Rules of which each proves that a token is a user's. Cognito's tokens prove it themselves. */
  readonly users: readonly KindRule[];
  /** The claim with the id of a machine whose token has no `sub`; undefined if every token must have one. */
  readonly machineIdClaim: ClaimPath | undefined;
}

/** The settings of claims that a user pool does not have, since its claims and their shapes are known. */
const OF_USER_POOL = {
  algorithms: DEFAULT_ALGORITHMS,
  preset: undefined,
  groupsClaim: "cognito:groups",
  scopesClaim: "scope",
  machineScopesClaim: undefined,
  clientClaims: [],
  claims: {},
  machines: [],
  users: [],
  machineIdClaim: undefined,
};

/** Lists the trusted issuers by the value of `iss`. A user pool has an entry for each of its two issuer formats. */
export function toTrustedIssuers(settings: readonly IssuerSetting[]): ReadonlyMap<string, TrustedIssuer> {
  const issuers = settings.flatMap((setting) => {
    if ("issuer" in setting) return [ofProvider(setting)];
    if ("userPoolId" in setting) return ofPool(setting);
    const { userPoolIds, ...shared } = setting;
    return userPoolIds.flatMap((userPoolId) => ofPool({ ...shared, userPoolId }));
  });
  return new Map(issuers.map((one) => [one.issuer, one]));
}

/** Counts the trusted issuers. The two issuer formats of a user pool are one issuer. */
export function countIssuers(issuers: ReadonlyMap<string, TrustedIssuer>): number {
  return new Set([...issuers.keys()].map((issuer) => issuer.replace("//issuer-cognito-idp.", "//cognito-idp."))).size;
}

function ofProvider(setting: OidcSetting): TrustedIssuer {
  const { issuer, name, audience, jwksUri, algorithms = DEFAULT_ALGORITHMS, preset, claims = {} } = setting;
  const { machines = [], users = [], machineIdClaim } = setting;
  const { groupsClaim, scopesClaim = "scope", machineScopesClaim, clientClaim } = presetOf(preset);
  return {
    ...{ issuer, name, algorithms, audience, tokenUse: undefined },
    keyAddresses: [{ issuers: [issuer], jwksUri }],
    ...{ preset, claims, machines, users, machineIdClaim },
    groupsClaim: setting.groupsClaim ?? groupsClaim,
    scopesClaim: setting.scopesClaim ?? scopesClaim,
    machineScopesClaim: setting.scopesClaim === undefined ? machineScopesClaim : undefined,
    clientClaims: clientClaim === undefined ? ["client_id", "azp"] : [clientClaim],
  };
}

function ofPool(setting: UserPoolSetting): readonly TrustedIssuer[] {
  const { name, clientIds, tokenUse } = setting;
  const issuers = issuersOf(setting);
  const keyAddresses =
    setting.jwksUri === undefined
      ? issuers.map((issuer) => ({ issuers: [issuer], jwksUri: `${issuer}/.well-known/jwks.json` }))
      : [{ issuers, jwksUri: setting.jwksUri }];
  return issuers.map((issuer) => ({
    ...{ issuer, name, keyAddresses, audience: clientIds, tokenUse },
    ...OF_USER_POOL,
  }));
}
