import { isTexts } from "../../contract/json.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { checkAudience } from "./claim-checks.ts";
import type { Claims } from "./claims.ts";
import { hasGroupsOverage } from "./groups-overage.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** The user or machine that sends a request, made from verified claims. The names are those of the policy's input. */
export interface Principal {
  readonly id: string;
  readonly kind: "user" | "machine";
  readonly issuer: string;
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
  const { sub, exp, scope, jti, aud } = claims;
  if (
    typeof exp !== "number" ||
    !isSubject(sub) ||
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

  const principal = { id: sub, issuer: issuer.issuer };
  if (issuer.tokenUse === undefined) {
    const client = text(claims["client_id"]) ?? text(claims["azp"]);
    return ok({
      ...principal,
      kind: client === sub ? "machine" : "user",
      client_id: client,
      token_use: undefined,
      claims: withoutCognito(claims, groups.value),
    });
  }
  const use = claims["token_use"] === "id" ? "id" : "access";
  const client = text(claims[use === "id" ? "aud" : "client_id"]);
  const isMachine = use === "access" && sub === client && claims["username"] === undefined;
  return ok({ ...principal, kind: isMachine ? "machine" : "user", client_id: client, token_use: use, claims });
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
