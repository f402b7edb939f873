import { JwtExpiredError, JwtInvalidSignatureAlgorithmError, JwtNotBeforeError } from "aws-jwt-verify/error";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";
import { verifyJwtSync } from "aws-jwt-verify/jwt-verifier";
import type { CodeOf } from "../errors.ts";
import { err, type Result } from "../result.ts";
import type { FindKey } from "./key-sets.ts";
import { type Principal, toPrincipal } from "./principal.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Verifies a token and makes the principal of its claims. */
export type Verify = (token: string) => Promise<Result<Principal, CodeOf<"token"> | CodeOf<"keys">>>;

/**
 * The one place where `aws-jwt-verify` is named.
 *
 * It checks signature, `iss`, `exp` and `nbf`. What it leaves to its caller is checked here: the issuer is looked up
 * before any key is fetched, RS256 is the only algorithm, and extensions that must be understood (`crit`) are refused.
 *
 * @param issuers - By the value of `iss`.
 */
export function createVerify(issuers: ReadonlyMap<string, TrustedIssuer>, findKey: FindKey): Verify {
  return async function verify(token) {
    const parts = decompose(token);
    if (parts === undefined) return err("token.malformed");
    const { header, payload } = parts;
    const issuer = payload.iss === undefined ? undefined : issuers.get(payload.iss);
    if (issuer === undefined) return err("token.issuer_unknown");
    if (header.alg !== "RS256") return err("token.algorithm_refused");
    if ("crit" in header || header.kid === undefined) return err("token.header_refused");

    const key = await findKey(issuer, header.kid);
    if (!key.ok) return key;
    try {
      const options = { issuer: issuer.issuer, audience: null };
      const claims = verifyJwtSync(token, key.value.jwk, options, () => key.value.keyObject);
      return toPrincipal(claims, issuer);
    } catch (error) {
      return err(codeOf(error));
    }
  };
}

function decompose(token: string): { header: JwtHeader; payload: JwtPayload } | undefined {
  try {
    return decomposeUnverifiedJwt(token);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): CodeOf<"token"> {
  if (error instanceof JwtExpiredError) return "token.expired";
  if (error instanceof JwtNotBeforeError) return "token.not_yet_valid";
  if (error instanceof JwtInvalidSignatureAlgorithmError) return "token.algorithm_refused";
  return "token.signature_invalid";
}
