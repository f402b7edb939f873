import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtExpiredError,
  JwtInvalidAudienceError,
} from "aws-jwt-verify/error";
import { validateJwtFields } from "aws-jwt-verify/jwt";
import type { JwtPayload } from "aws-jwt-verify/jwt-model";
import type { CodeOf } from "../../contract/reason-codes.ts";
import type { Claims } from "./claims.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** The longest lifetime of a token, and how far the clocks of issuer and Lambda may differ, in seconds. */
export interface TokenTimes {
  readonly maxLifetimeS: number;
  /** For `exp`. */
  readonly toleranceS: number;
  /** For `nbf` and `iat`; default: {@link AHEAD_TOLERANCE_S}. */
  readonly aheadToleranceS?: number;
}

/** How far in the future `nbf` and `iat` may be. A token of a clock that is fast is early, not wrong. */
export const AHEAD_TOLERANCE_S = 300;

/**
 * Checks the issuer and the times of a token, with the library's checks of `iss` and `exp`.
 *
 * @returns The reason for refusing the token; undefined if the checks pass.
 */
export function checkTimes(claims: Claims, { issuer }: TrustedIssuer, times: TokenTimes): CodeOf<"token"> | undefined {
  const { maxLifetimeS, toleranceS, aheadToleranceS = AHEAD_TOLERANCE_S } = times;
  const nowS = Date.now() / 1000;
  const { iss, exp, nbf = 0, iat = nowS } = claims;
  if (typeof iss !== "string" || !isTime(exp) || !isTime(nbf) || !isTime(iat)) return "token.claims_invalid";
  const refusal = codeOf(() => validateJwtFields({ iss, exp }, { issuer, audience: null, graceSeconds: toleranceS }));
  if (refusal !== undefined) return refusal;
  if (Math.max(nbf, iat) > nowS + aheadToleranceS) return "token.not_yet_valid";
  return exp - iat > maxLifetimeS ? "token.lifetime_refused" : undefined;
}

/**
 * Checks that a token is meant for this API, with the library's checks. For Cognito these are the use and the app client of
 * the token, for other issuers the audience.
 *
 * @returns The reason for refusing the token; undefined if the checks pass.
 */
export function checkAudience(claims: Claims, { audience, tokenUse }: TrustedIssuer): CodeOf<"token"> | undefined {
  // The payload leaves out `exp` and `nbf`, since the library would check the times again.
  const { aud, client_id, token_use } = claims;
  // The claims come from JSON.parse, so each of them is JSON.
  const payload = { aud, client_id, token_use } as JwtPayload;
  return codeOf(() => {
    if (tokenUse === undefined) validateJwtFields(payload, { issuer: null, audience: [...audience] });
    else validateCognitoJwtFields(payload, { tokenUse: tokenUse === "any" ? null : tokenUse, clientId: [...audience] });
  });
}

/** Runs a check of the library, and translates the error that it throws into a code. */
function codeOf(check: () => void): CodeOf<"token"> | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof JwtExpiredError) return "token.expired";
    if (error instanceof CognitoJwtInvalidTokenUseError) return "token.use_refused";
    const isClient = error instanceof CognitoJwtInvalidClientIdError || error instanceof JwtInvalidAudienceError;
    return isClient ? "token.client_refused" : "token.claims_invalid";
  }
}

/** Tells whether a value is a time: seconds since 1970 (RFC 7519, section 2, NumericDate). */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
