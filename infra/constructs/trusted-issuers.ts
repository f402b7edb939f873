import { Stack, Token } from "aws-cdk-lib";
import type { IUserPool, IUserPoolClient } from "aws-cdk-lib/aws-cognito";
import type { IConstruct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import type { IssuerSetting, OidcSetting, UserPoolsSetting } from "../../contract/issuer-settings.ts";
import { formatTrustedIssuers, parseTrustedIssuers } from "../../contract/trusted-issuers.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The property that every issuer may have. */
interface NamedIssuer {
  /**
   * The name by which roles (`issuers`) and the context of responses refer to the issuer. Needed once there are several issuers.
   *
   * @default - no name: no role can be tied to the issuer
   */
  readonly name?: string;
}

/** A user pool whose tokens the authorizer accepts. */
export interface TrustedUserPool extends NamedIssuer {
  readonly userPool: IUserPool;
  /** The app clients whose tokens the authorizer accepts; at least one. */
  readonly clients: readonly IUserPoolClient[];
  /** The accepted kind of token. Access tokens have no custom attributes, unless a trigger adds them. */
  readonly tokenUse: "access" | "id" | "any";
  /**
   * The URL of the pool's key set.
   *
   * @default - the URL of Cognito
   */
  readonly jwksUri?: string;
  /**
   * Acknowledges that somebody has checked a user pool or clients that are not visible at synthesis: users can't write the
   * attributes on which the policy decides, neither through any client of the pool, trusted or not, nor by signing up.
   *
   * @default false - such a pool or client is an error of synthesis, if the policy decides on an attribute
   */
  readonly acknowledgeWritableClaims?: boolean;
}

/** Another OpenID Connect issuer whose tokens the authorizer accepts. */
export interface TrustedOidcIssuer extends NamedIssuer {
  /** The issuer: an https URL, exactly as in the claim `iss` of its tokens. */
  readonly issuer: string;
  /** Accepted values of the claim `aud`; at least one. */
  readonly audience: readonly string[];
  /** The URL of the issuer's key set. */
  readonly jwksUri: string;
  /**
   * The provider, whose documentation says what proves a user and a machine.
   *
   * @default - `users`, `machines` and `machineIdClaim` say it
   */
  readonly preset?: OidcSetting["preset"];
  /**
   * The claim that has the user's groups: its name, or a path as a list of names.
   *
   * @default - that of the preset, or else tokens have no groups
   */
  readonly groupsClaim?: OidcSetting["groupsClaim"];
  /**
   * The claim that has the scopes: its name, or a path as a list of names.
   *
   * @default - that of the preset, or else `scope`
   */
  readonly scopesClaim?: OidcSetting["scopesClaim"];
  /**
   * The claims that policies read by names of their own, by that name.
   *
   * @default - policies read each claim by its own name
   */
  readonly claims?: OidcSetting["claims"];
  /**
   * Rules of which each proves that a token is a user's.
   *
   * @default - those of the preset, or else no token is
   */
  readonly users?: OidcSetting["users"];
  /**
   * Rules of which each proves that a token is a machine's.
   *
   * @default - those of the preset, or else no token is
   */
  readonly machines?: OidcSetting["machines"];
  /**
   * The claim with the id of a machine in a token without `sub`.
   *
   * @default - that of the preset, or else a token without `sub` is refused
   */
  readonly machineIdClaim?: OidcSetting["machineIdClaim"];
  /**
   * The algorithms that the issuer signs with. An RSA key can't tell which algorithm it is for, so list at most one that
   * starts with RS or PS.
   *
   * @default ["RS256"]
   */
  readonly algorithms?: OidcSetting["algorithms"];
}

export type TrustedIssuerProps = TrustedUserPool | TrustedOidcIssuer;

/**
 * Formats trusted issuers for `TRUSTED_ISSUERS`.
 *
 * @param dist - The build, which may have packed further issuers, and knows which names the policy needs.
 * @returns Undefined if all issuers are packed.
 * @throws An error of synthesis if an issuer, its clients or its audience are missing, or the authorizer would refuse the
 *   settings.
 */
export function toTrustedIssuersVariable(
  construct: IConstruct,
  kind: string,
  issuers: readonly TrustedIssuerProps[],
  { packedIssuers, manifest }: Pick<Dist, "packedIssuers" | "manifest">,
): string | undefined {
  if (issuers.length === 0 && packedIssuers === undefined)
    throw toSynthesisError(construct, kind, "trustedIssuers is empty; name a user pool or an issuer");
  const settings = issuers.map((issuer): Exclude<IssuerSetting, UserPoolsSetting> => {
    const named = issuer.name === undefined ? {} : { name: issuer.name };
    if (!("userPool" in issuer)) {
      if (issuer.audience.length > 0) return toOidcSetting(issuer);
      throw toSynthesisError(construct, kind, `${issuer.issuer} has no trusted audience; name one in audience`);
    }
    const { userPool, clients, tokenUse, jwksUri } = issuer;
    if (clients.length === 0) {
      const cause = `the user pool ${userPool.node.path} has no trusted client; name the app clients whose tokens are accepted in clients`;
      throw toSynthesisError(construct, kind, cause);
    }
    const clientIds = clients.map((client) => client.userPoolClientId);
    return {
      ...named,
      userPoolId: userPool.userPoolId,
      clientIds,
      tokenUse,
      ...(jwksUri !== undefined && { jwksUri }),
    };
  });
  const own = settings.length === 0 ? undefined : formatTrustedIssuers(settings.map(withoutTokens));
  const parsed = parseTrustedIssuers(own, packedIssuers);
  if (!parsed.ok) throw toSynthesisError(construct, kind, parsed.error.join("; "));
  const names = parsed.value.map(({ name }) => name);
  const missing = manifest.issuers.named.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const cause = `the policy ties roles to ${missing.join(", ")}, and no trusted issuer has this name; set name of the issuer that is meant`;
    throw toSynthesisError(construct, kind, cause);
  }
  if (own === undefined) return undefined;
  // CloudFormation resolves the parts that are known at deployment only.
  return Stack.of(construct).toJsonString(settings);
}

function toOidcSetting(props: TrustedOidcIssuer): OidcSetting {
  const { name, issuer, audience, jwksUri, algorithms, preset } = props;
  const { groupsClaim, scopesClaim, claims, users, machines, machineIdClaim } = props;
  return {
    ...(name !== undefined && { name }),
    ...{ issuer, audience, jwksUri },
    ...(algorithms !== undefined && { algorithms }),
    ...(preset !== undefined && { preset }),
    ...(groupsClaim !== undefined && { groupsClaim }),
    ...(scopesClaim !== undefined && { scopesClaim }),
    ...(claims !== undefined && { claims }),
    ...(users !== undefined && { users }),
    ...(machines !== undefined && { machines }),
    ...(machineIdClaim !== undefined && { machineIdClaim }),
  };
}

/** Replaces values that are known at deployment only by valid ones, so that the others can be checked at synthesis. */
function withoutTokens(setting: Exclude<IssuerSetting, UserPoolsSetting>, at: number): IssuerSetting {
  const url = (value: string) => (Token.isUnresolved(value) ? `https://unresolved-${at}.invalid/` : value);
  const jwksUri = setting.jwksUri === undefined ? {} : { jwksUri: url(setting.jwksUri) };
  if ("issuer" in setting) {
    // A preset is for the issuers of its provider, which an unresolved one may be.
    const { preset, ...others } = setting;
    const known = preset === undefined || Token.isUnresolved(setting.issuer) ? {} : { preset };
    return { ...others, ...known, ...jwksUri, issuer: url(setting.issuer) };
  }
  const isKnown = !Token.isUnresolved(setting.userPoolId);
  return { ...setting, ...jwksUri, userPoolId: isKnown ? setting.userPoolId : `eu-west-1_Unresolved${at}` };
}
