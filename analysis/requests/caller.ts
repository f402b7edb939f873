import type { Claims } from "../../authorizer/identity/claims.ts";
import { type Principal, toPrincipal } from "../../authorizer/identity/principal.ts";
import { isForAnotherPurpose, isTypeOfAccess } from "../../authorizer/identity/token-purpose.ts";
import { type TrustedIssuer, toTrustedIssuers } from "../../authorizer/identity/trusted-issuer.ts";
import { isText } from "../../contract/json.ts";
import type { UserTokenUse } from "../../contract/manifest.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { IdentityClaims } from "./read-claims.ts";

/** Who asks: a principal of which parts may be missing. */
export type Caller = Pick<Principal, "claims"> & Partial<Omit<Principal, "claims">>;

/** The caller, and what the reader must know about it; or the reason for which the authorizer refuses the token. */
export type CallerReading =
  | { readonly kind: "caller"; readonly caller: Caller; readonly notes: readonly string[] }
  | { readonly kind: "refused"; readonly code: CodeOf<"token">; readonly notes: readonly string[] };

export type TrustedIssuers = ReadonlyMap<string, TrustedIssuer>;

const NAME_SETTINGS = "name the settings with --issuers or TRUSTED_ISSUERS";
const AS_THEY_ARE = `no trusted issuers are set, so that the claims are read as they are; ${NAME_SETTINGS}`;
const OF_ANY_POOL = `no trusted issuers are set, so that any user pool and client counts; ${NAME_SETTINGS}`;

/**
 * Makes the caller from the claims of a token as the authorizer does, without verifying it.
 *
 * @param issuers - The trusted issuers; undefined: a token of Cognito is read as one, and the claims of others as policies read them.
 * @returns The caller or why the token is refused; or a line that says why its issuer can't be told.
 */
export function toCaller(
  given: IdentityClaims,
  issuers: TrustedIssuers | undefined,
  userTokenUse: UserTokenUse | undefined,
): Result<CallerReading, string> {
  const { claims } = given;
  const notes = given.from === "token" ? toTokenNotes(claims) : [];
  const refused = (code: CodeOf<"token">) => ok<CallerReading>({ kind: "refused", code, notes });
  const issuer = issuers === undefined ? toUserPool(claims) : findIssuer(claims, issuers);
  if (issuer === undefined && issuers === undefined)
    return ok({ kind: "caller", caller: toPlainCaller(claims), notes: [...notes, AS_THEY_ARE] });
  if (issuer === undefined) {
    if (claims["iss"] !== undefined || given.from === "token") return refused("token.issuer_unknown");
    return err("the claims have no iss, and several issuers are trusted; add the iss of the token's issuer");
  }
  if (given.from === "token") {
    if (!isTypeOfAccess(given.header["typ"])) return refused("token.header_refused");
    if (isForAnotherPurpose(claims, issuer)) return refused("token.wrong_purpose");
  }
  const filled = given.from === "token" ? {} : toMissing(claims, issuer);
  const principal = toPrincipal({ ...claims, ...filled }, issuer);
  if (!principal.ok) return refused(principal.error);
  const { token_use: use, kind } = principal.value;
  const isUseJudged = use !== undefined && !Object.hasOwn(filled, "token_use");
  if (userTokenUse !== undefined && kind !== "machine" && isUseJudged && use !== userTokenUse)
    return refused("token.use_refused");
  const all = issuers === undefined ? [...notes, OF_ANY_POOL] : notes;
  return ok({ kind: "caller", caller: withoutFilled(principal.value, filled), notes: all });
}

function toTokenNotes({ exp }: Claims): readonly string[] {
  const note = "the token was decoded, not verified: neither its signature nor its times were checked";
  if (typeof exp !== "number" || exp * 1000 > Date.now()) return [note];
  const at = exp * 1000 > MAX_DATE_MS ? "" : ` at ${new Date(exp * 1000).toISOString()}`;
  return [note, `the token expired${at}; the authorizer refuses it with token.expired, whatever the policy decides`];
}

/** The latest time that a Date can have. */
const MAX_DATE_MS = 8.64e15;

const USER_POOL = /^https:\/\/(?:issuer-)?cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([a-z0-9_-]+)$/i;

/** Makes a user pool that accepts every token of Cognito; undefined for claims of another issuer. */
function toUserPool(claims: Claims): TrustedIssuer | undefined {
  const { iss, token_use: use, client_id: client, aud } = claims;
  const isOfPool = isText(iss) ? USER_POOL.test(iss) : use === "id" || use === "access";
  if (!isOfPool) return undefined;
  const clientIds = [client, aud].flat().filter(isText);
  const pools = toTrustedIssuers([{ userPoolId: "eu-west-1_0", clientIds: [...clientIds, FILLED], tokenUse: "any" }]);
  const [pool] = pools.values();
  return pool && { ...pool, issuer: isText(iss) ? iss : "" };
}

/** Finds the issuer that claims name, or the only one if they name none. The two issuer formats of a user pool are one issuer. */
function findIssuer({ iss }: Claims, issuers: TrustedIssuers): TrustedIssuer | undefined {
  if (isText(iss)) return issuers.get(iss);
  const all = [...issuers.values()];
  const isOne = new Set(all.map(({ keyAddresses }) => JSON.stringify(keyAddresses))).size === 1;
  return iss === undefined && isOne ? all[0] : undefined;
}

/** Makes the caller of claims that are as policies read them. Nothing proves its kind. */
function toPlainCaller(claims: Claims): Caller {
  const { sub, iss } = claims;
  return { ...(isText(sub) && { id: sub }), ...(isText(iss) && { issuer: iss }), claims };
}

/** Stands for a claim that every token has, and that was not given. */
const FILLED = "not-given";

/** Lists the claims that every token of an issuer has, as far as they were not given. */
function toMissing(claims: Claims, { audience, tokenUse }: TrustedIssuer): Claims {
  const use = tokenUse === "id" ? "id" : "access";
  const isAccess = tokenUse !== undefined && (claims["token_use"] ?? use) === "access";
  const needed: Claims = {
    exp: Number.MAX_SAFE_INTEGER,
    sub: FILLED,
    ...(tokenUse !== undefined && { token_use: use }),
    [isAccess ? "client_id" : "aud"]: audience[0] ?? FILLED,
  };
  return Object.fromEntries(Object.entries(needed).filter(([name]) => claims[name] === undefined));
}

/** Leaves out what was filled in, so that no condition takes it for a claim. */
function withoutFilled({ id, client_id, token_use, ...principal }: Principal, filled: Claims): Caller {
  const isFilled = (name: string) => Object.hasOwn(filled, name);
  const claims = Object.fromEntries(Object.entries(principal.claims).filter(([name]) => !isFilled(name)));
  return {
    ...principal,
    ...(!isFilled("sub") && { id }),
    ...(!isFilled("aud") && !isFilled("client_id") && { client_id }),
    ...(!isFilled("token_use") && { token_use }),
    claims,
  };
}
