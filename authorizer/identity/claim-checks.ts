import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtNotBeforeError,
} from "aws-jwt-verify/error";
import { validateJwtFields } from "aws-jwt-verify/jwt";
import type { JwtPayload } from "aws-jwt-verify/jwt-model";
import type { CodeOf } from "../../contract/reason-codes.ts";
import type { Claims } from "./claims.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** How long a token may be valid, and how far the clocks of issuer and Lambda may be apart. In seconds. */
export interface TokenTimes {
  readonly maxLifetimeS: number;
  readonly toleranceS: number;
}

/** A token that was issued further ahead was not issued by a clock. */
const MAX_ISSUED_AHEAD_S = 300;

/**
 * Checks the issuer of a token and its times, with the library's checks of `iss`, `exp` and `nbf`.
 *
 * @returns Why the token is refused.
 */
export function checkTimes(claims: Claims, { issuer }: TrustedIssuer, times: TokenTimes): CodeOf<"token"> | undefined {
  const nowS = Date.now() / 1000;
  const { iss, exp, nbf = 0, iat = nowS } = claims;
  if (typeof iss !== "string" || !isTime(exp) || !isTime(nbf) || !isTime(iat)) return "token.claims_invalid";
  const refused = codeOf(() =>
    validateJwtFields({ iss, exp, nbf }, { issuer, audience: null, graceSeconds: times.toleranceS }),
  );
  if (refused !== undefined) return refused;
  if (iat > nowS + MAX_ISSUED_AHEAD_S) return "token.not_yet_valid";
  return exp - iat > times.maxLifetimeS ? "token.lifetime_refused" : undefined;
}

/**
 * Checks that a token is meant for this API: for Cognito its use and its app client, for other issuers its audience, with
 * the library's checks.
 *
 * @returns Why the token is refused.
 */
export function checkAudience(claims: Claims, { audience, tokenUse }: TrustedIssuer): CodeOf<"token"> | undefined {
  // Times were checked before, and the library would check them again.
  const { aud, client_id, token_use } = claims;
  // Claims came out of JSON.parse, so that each is JSON.
  const payload = { aud, client_id, token_use } as JwtPayload;
  return codeOf(() => {
    if (tokenUse === undefined) validateJwtFields(payload, { issuer: null, audience: [...audience] });
    else validateCognitoJwtFields(payload, { tokenUse: tokenUse === "any" ? null : tokenUse, clientId: [...audience] });
  });
}

/** Runs a check of the library, and translates what it throws. */
function codeOf(check: () => void): CodeOf<"token"> | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof JwtExpiredError) return "token.expired";
    if (error instanceof JwtNotBeforeError) return "token.not_yet_valid";
    if (error instanceof CognitoJwtInvalidTokenUseError) return "token.use_refused";
    const isClient = error instanceof CognitoJwtInvalidClientIdError || error instanceof JwtInvalidAudienceError;
    return isClient ? "token.client_refused" : "token.claims_invalid";
  }
}

/** Tells whether a value is a time: seconds since 1970 (RFC 7519, section 2, NumericDate). */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
