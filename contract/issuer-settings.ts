import type { AlgorithmName } from "./algorithms.ts";
import type { ClaimPath } from "./claim-path.ts";
import type { PresetName } from "./issuer-presets.ts";
import type { KindRule } from "./kind-rules.ts";

/** The key that every entry may have. */
interface NamedSetting {
  /** The name by which roles, responses and conditions refer to the issuer; no other entry may have it. */
  readonly name?: string;
}

/** A Cognito user pool whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface UserPoolSetting extends NamedSetting {
  readonly userPoolId: string;
  /** The app clients whose tokens are accepted; at least one. */
  readonly clientIds: readonly string[];
  readonly tokenUse: TokenUse;
  /** The URL of its key set; default: Cognito's own URL. */
  readonly jwksUri?: string;
}

/** User pools of one kind, such as one for each tenant, which share a name. */
export interface UserPoolsSetting extends Pick<UserPoolSetting, "name" | "clientIds" | "tokenUse"> {
  /** At least one. Each has its key set at Cognito's own URL. */
  readonly userPoolIds: readonly string[];
}

/** Another OpenID Connect issuer whose tokens are accepted, as `TRUSTED_ISSUERS` has it. */
export interface OidcSetting extends NamedSetting {
  /** The exact value of the claim `iss`. */
  readonly issuer: string;
  /** Values of the claim `aud`; at least one. */
  readonly audience: readonly string[];
  readonly jwksUri: string;
  /** The provider, whose documentation says what proves a user and a machine; default: `users` and `machines` say it. */
  readonly preset?: PresetName;
  /** The claim with the groups; default: that of the preset, or else the issuer has no groups. */
  readonly groupsClaim?: ClaimPath;
  /** The claim with the scopes; default: that of the preset, or else `scope`. */
  readonly scopesClaim?: ClaimPath;
  /** The claims that policies read by a name of their own, by that name. */
  readonly claims?: Readonly<Record<string, ClaimPath>>;
  /** Rules of which each alone proves that a token is a machine's; default: nothing proves it. */
  readonly machines?: readonly KindRule[];
  /** Rules of which each alone proves that a token is a user's; default: nothing proves it. */
  readonly users?: readonly KindRule[];
  /** The claim with a machine's id in a token without `sub`, which is a machine's then; default: every token has a `sub`. */
  readonly machineIdClaim?: ClaimPath;
  /** The algorithms that the issuer signs with, at most one for each type of key; default: RS256. */
  readonly algorithms?: readonly AlgorithmName[];
}

export type IssuerSetting = UserPoolSetting | UserPoolsSetting | OidcSetting;

/** The kinds of Cognito tokens that are accepted. */
export type TokenUse = "access" | "id" | "any";

const USER_POOL_ID = /^([a-z]{2,4}(?:-[a-z]+)+-\d)_[A-Za-z0-9]+$/;

/** Tells whether a value is the id of a user pool, like `eu-west-1_Abc123`. */
export function isUserPoolId(value: unknown): value is string {
  return typeof value === "string" && USER_POOL_ID.test(value);
}

/**
 * Lists the values of `iss` that a setting stands for. A user pool has two issuer formats.
 *
 * @see Cognito developer guide, "Understanding user pool JSON web tokens"
 */
export function issuersOf(setting: IssuerSetting): readonly string[] {
  return issuersIn({ ...setting });
}

/** Lists the values of `iss` of an entry that may have errors, so that an issuer which is there twice is found in any case. */
export function issuersIn({ issuer, userPoolId, userPoolIds }: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof issuer === "string") return [issuer];
  return [userPoolId, userPoolIds].flat().flatMap((pool) => (isUserPoolId(pool) ? issuersOfPool(pool) : []));
}

function issuersOfPool(pool: string): readonly string[] {
  const region = pool.slice(0, pool.indexOf("_"));
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return ["cognito-idp", "issuer-cognito-idp"].map((service) => `https://${service}.${region}.${domain}/${pool}`);
}
