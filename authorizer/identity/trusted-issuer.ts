import type { ClaimPath } from "../../contract/claim-path.ts";
import { type PresetName, presetOf } from "../../contract/issuer-presets.ts";
import type { KindRule } from "../../contract/kind-rules.ts";
import { type IssuerSetting, issuersOf, type TokenUse } from "../../contract/trusted-issuers.ts";

/** An issuer whose tokens are trusted, with the values that their claims must have. */
export interface TrustedIssuer {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  readonly jwksUri: string;
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
  return new Map(settings.flatMap((setting) => issuersOf(setting).map((issuer) => [issuer, trusted(setting, issuer)])));
}

function trusted(setting: IssuerSetting, issuer: string): TrustedIssuer {
  if (!("userPoolId" in setting)) {
    const { audience, jwksUri, preset, claims = {}, machines = [], users = [], machineIdClaim } = setting;
    const { groupsClaim, scopesClaim = "scope", machineScopesClaim, clientClaim } = presetOf(preset);
    return {
      ...{ issuer, jwksUri, audience, tokenUse: undefined, preset, claims, machines, users, machineIdClaim },
      groupsClaim: setting.groupsClaim ?? groupsClaim,
      scopesClaim: setting.scopesClaim ?? scopesClaim,
      machineScopesClaim: setting.scopesClaim === undefined ? machineScopesClaim : undefined,
      clientClaims: clientClaim === undefined ? ["client_id", "azp"] : [clientClaim],
    };
  }
  const { clientIds, tokenUse, jwksUri = `${issuer}/.well-known/jwks.json` } = setting;
  return { issuer, jwksUri, audience: clientIds, tokenUse, ...OF_USER_POOL };
}
