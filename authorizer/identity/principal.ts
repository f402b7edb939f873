import { readClaim } from "../../contract/claim-path.ts";
import { CONTROL_CHARACTER } from "../../contract/control-characters.ts";
import { isTexts } from "../../contract/json.ts";
import { isFulfilled, type KindRule } from "../../contract/kind-rules.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { checkAudience } from "./claim-checks.ts";
import type { Claims } from "./claims.ts";
import { hasGroupsOverage } from "./groups-overage.ts";
import { toPolicyClaims } from "./policy-claims.ts";
import { PRESET_PROOFS, type Proofs } from "./preset-proofs.ts";
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
  /** The names of claims that have no single reading, so that they give nothing; for the log. */
  readonly ambiguousClaims?: readonly string[];
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
  const { exp, aud, jti } = claims;
  const { id, kind } = identityOf(claims, issuer);
  if (typeof exp !== "number" || !isSubject(id) || !isAudience(aud) || !isTextOrMissing(jti))
    return err("token.claims_invalid");
  if (issuer.tokenUse !== undefined && !isOfCognito(claims)) return err("token.claims_invalid");
  if (hasGroupsOverage(claims, issuer)) return err("token.groups_overage");
  const refusal = checkAudience(claims, issuer);
  if (refusal !== undefined) return err(refusal);

  const principal = { id, kind, issuer: issuer.issuer, issuer_name: issuer.name };
  if (issuer.tokenUse === undefined) {
    const [client] = issuer.clientClaims.flatMap((name) => text(claims[name]) ?? []);
    const { claims: read, ambiguousClaims } = toPolicyClaims(claims, issuer, kind === "machine");
    return ok({ ...principal, client_id: client, token_use: undefined, claims: read, ambiguousClaims });
  }
  const use = claims["token_use"] === "id" ? "id" : "access";
  const client = text(claims[use === "id" ? "aud" : "client_id"]);
  return ok({ ...principal, client_id: client, token_use: use, claims });
}

/** Tells whether claims have the shapes in which Cognito always writes them: groups as a list, scopes as a text. */
function isOfCognito({ "cognito:groups": groups, scope }: Claims): boolean {
  return (groups === undefined || groups === null || isTexts(groups)) && isTextOrMissing(scope);
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
  const { isMachine, isUser, machineIdClaim } =
    issuer.preset === undefined ? toProofs(issuer) : PRESET_PROOFS[issuer.preset];
  if (sub !== undefined || machineIdClaim === undefined)
    return { id: sub, kind: kindOf(isMachine(claims), isUser(claims)) };
  // A user always has a `sub`, so a token without one that seems to be a user's contradicts itself.
  const isContradiction = isUser(claims) || (issuer.preset !== undefined && !isMachine(claims));
  return { id: isContradiction ? undefined : readClaim(claims, machineIdClaim), kind: "machine" };
}

function toProofs({ machines, users, machineIdClaim }: TrustedIssuer): Proofs {
  const oneOf = (rules: readonly KindRule[]) => (claims: Claims) => rules.some((rule) => isFulfilled(rule, claims));
  return { isMachine: oneOf(machines), isUser: oneOf(users), machineIdClaim };
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
    !CONTROL_CHARACTER.test(value)
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
