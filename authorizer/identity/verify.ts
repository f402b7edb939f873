import { verify as verifySignature } from "node:crypto";
import { JwtExpiredError, JwtNotBeforeError } from "aws-jwt-verify/error";
import { validateJwtFields } from "aws-jwt-verify/jwt";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, type Result } from "../../contract/result.ts";
import type { FindKey } from "./key-sets.ts";
import { parseToken } from "./parse-token.ts";
import { type Claims, type Principal, toPrincipal } from "./principal.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Verifies a token and makes the principal of its claims. */
export type Verify = (token: string) => Promise<Result<Principal, CodeOf<"token"> | CodeOf<"keys">>>;

/** How long a token may be valid, and how far the clocks of issuer and Lambda may be apart. In seconds. */
export interface TokenTimes {
  readonly maxLifetimeS: number;
  readonly toleranceS: number;
}

/** A token that was issued further ahead was not issued by a clock. */
const MAX_ISSUED_AHEAD_S = 300;

/**
 * What a token may say that it is: nothing, a JWT, or an access token (RFC 9068, section 2.1). Others are for another
 * purpose, such as to log out, though signed by the same key (RFC 8725, section 3.11).
 */
const TYPES = /^(application\/)?(at\+)?jwt$/i;

/**
 * The one place where `aws-jwt-verify` is named: it checks `iss`, `exp` and `nbf`.
 *
 * The issuer is looked up before a key is fetched, and there is one algorithm, RS256, whatever header and key say.
 * Extensions that must be understood (`crit`) are refused. The signature is checked in one call of `node:crypto`: the
 * library's own takes a stream and twice the time.
 *
 * @param issuers - By the value of `iss`.
 * @see RFC 7515, section 5.2 (message signature validation); RFC 7518, section 3.3 (RS256)
 */
export function createVerify(issuers: ReadonlyMap<string, TrustedIssuer>, findKey: FindKey, times: TokenTimes): Verify {
  return async function verify(text) {
    const token = parseToken(text);
    if (!token.ok) return token;
    const { header, claims, signed, signature } = token.value;
    const issuer = typeof claims["iss"] === "string" ? issuers.get(claims["iss"]) : undefined;
    if (issuer === undefined) return err("token.issuer_unknown");
    const { alg, kid, typ = "JWT", crit } = header;
    if (alg !== "RS256") return err("token.algorithm_refused");
    if (typeof kid !== "string" || typeof typ !== "string" || !TYPES.test(typ) || crit !== undefined) {
      return err("token.header_refused");
    }
    const key = await findKey(issuer, kid);
    if (!key.ok) return key;
    if (!verifySignature("RSA-SHA256", signed, key.value, signature)) return err("token.signature_invalid");
    const fault = checkTimes(claims, issuer.issuer, times);
    return fault === undefined ? toPrincipal(claims, issuer) : err(fault);
  };
}

function checkTimes(claims: Claims, issuer: string, times: TokenTimes): CodeOf<"token"> | undefined {
  const nowS = Date.now() / 1000;
  const { exp, nbf = 0, iat = nowS } = claims;
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat)) return "token.claims_invalid";
  try {
    validateJwtFields({ iss: issuer, exp, nbf }, { issuer, audience: null, graceSeconds: times.toleranceS });
  } catch (error) {
    if (error instanceof JwtExpiredError) return "token.expired";
    return error instanceof JwtNotBeforeError ? "token.not_yet_valid" : "token.claims_invalid";
  }
  if (iat > nowS + MAX_ISSUED_AHEAD_S) return "token.not_yet_valid";
  return exp - iat > times.maxLifetimeS ? "token.lifetime_refused" : undefined;
}

/** Seconds since 1970 (RFC 7519, section 2, NumericDate). */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
