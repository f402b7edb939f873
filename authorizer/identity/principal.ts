import { readClaim } from "../../contract/claim-path.ts";
import { isTexts } from "../../contract/json.ts";
import { isFulfilled, type KindRule } from "../../contract/kind-rules.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { checkAudience } from "./claim-checks.ts";
import type { Claims } from "./claims.ts";
import { hasGroupsOverage } from "./groups-overage.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Who sends a request, made from verified claims. The names are those of the policy's input. */
export interface Principal {
  readonly id: string;
  /** Undefined unless the token proves one of them, and not the other. */
  readonly kind: "user" | "machine" | undefined;
  readonly issuer: string;
  /** The name of the issuer in the settings; undefined if it has none. */
  readonly issuer_name: string | undefined;
  readonly client_id: string | undefined;
  readonly token_use: "access" | "id" | undefined;
  readonly claims: Claims;
}

/** The longest `sub`: Cognito's UUIDs have 36 characters, OpenID Connect allows 255 (Core 1.0, section 2). */
const MAX_SUBJECT_CHARS = 255;

/**
 * Makes the principal from verified claims.
 *
 * @returns The principal, or the reason for refusing the token.
 * @see Cognito developer guide: "Understanding the identity (ID) token", "Understanding the access token"
 */
export function toPrincipal(claims: Claims, issuer: TrustedIssuer): Result<Principal, CodeOf<"token">> {
  const { exp, scope, jti, aud } = claims;
  const identity = identityOf(claims, issuer);
  if (
    typeof exp !== "number" ||
    !isSubject(identity.id) ||
    !isTextOrMissing(scope) ||
    !isTextOrMissing(jti) ||
    !isAudience(aud)
  )
    return err("token.claims_invalid");
  if (hasGroupsOverage(claims, issuer)) return err("token.groups_overage");
  const groups = groupsOf(claims, issuer);
  if (!groups.ok) return groups;
  const refusal = checkAudience(claims, issuer);
  if (refusal !== undefined) return err(refusal);

  const principal = { id: identity.id, kind: identity.kind, issuer: issuer.issuer, issuer_name: issuer.name };
  if (issuer.tokenUse === undefined) {
    const client = text(claims["client_id"]) ?? text(claims["azp"]);
    return ok({ ...principal, client_id: client, token_use: undefined, claims: withoutCognito(claims, groups.value) });
  }
  const use = claims["token_use"] === "id" ? "id" : "access";
  return ok({ ...principal, client_id: text(claims[use === "id" ? "aud" : "client_id"]), token_use: use, claims });
}

/** The id of a principal, not yet checked, and its kind. */
interface Identity {
  readonly id: unknown;
  readonly kind: Principal["kind"];
}

function identityOf(claims: Claims, issuer: TrustedIssuer): Identity {
  const { sub } = claims;
  if (issuer.tokenUse !== undefined)
    return { id: sub, kind: kindOf(isMachineOfCognito(claims), isUserOfCognito(claims)) };
  const proves = (rules: readonly KindRule[]) => rules.some((rule) => isFulfilled(rule, claims));
  const isUser = proves(issuer.users);
  if (sub !== undefined || issuer.machineIdClaim === undefined)
    return { id: sub, kind: kindOf(proves(issuer.machines), isUser) };
  // A user always has a `sub`, so a token without one that seems to be a user's contradicts itself.
  return { id: isUser ? undefined : readClaim(claims, issuer.machineIdClaim), kind: "machine" };
}

function kindOf(isMachine: boolean, isUser: boolean): Principal["kind"] {
  if (isMachine === isUser) return undefined;
  return isMachine ? "machine" : "user";
}

/** Tells whether an access token of Cognito is one of the client-credentials grant, whose subject is the client. */
function isMachineOfCognito({ token_use, sub, client_id, username }: Claims): boolean {
  return token_use === "access" && sub === client_id && username === undefined;
}

/** Tells whether a token of Cognito is a user's: an ID token, or an access token with a user's name. */
function isUserOfCognito({ token_use, username }: Claims): boolean {
  return token_use === "id" || (token_use === "access" && text(username) !== undefined);
}

function isTextOrMissing(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

/** Tells whether a value can be the claim `aud`: a string or a list of strings (RFC 7519, section 4.1.3). */
function isAudience(value: unknown): boolean {
  return isTextOrMissing(value) || isTexts(value);
}

function isSubject(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value !== "" &&
    value.length <= MAX_SUBJECT_CHARS &&
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  );
}

function groupsOf(claims: Claims, issuer: TrustedIssuer): Result<readonly string[], "token.claims_invalid"> {
  const groups = issuer.groupsClaim === undefined ? undefined : claims[issuer.groupsClaim];
  if (groups === undefined || groups === null) return ok([]);
  return isTexts(groups) ? ok(groups) : err("token.claims_invalid");
}

/** Removes the `cognito:` claims, which only Cognito may issue; adds the issuer's groups under the name that policies use. */
function withoutCognito(claims: Claims, groups: readonly string[]): Claims {
  const own = Object.entries(claims).filter(([name]) => !name.startsWith("cognito:"));
  return Object.fromEntries([...own, ["cognito:groups", groups]]);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
