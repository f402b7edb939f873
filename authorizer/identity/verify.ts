import { verify as verifySignature } from "node:crypto";
import { JwtExpiredError, JwtNotBeforeError } from "aws-jwt-verify/error";
import { decomposeUnverifiedJwt, validateJwtFields } from "aws-jwt-verify/jwt";
import type { CodeOf } from "../errors.ts";
import { err, type Result } from "../result.ts";
import type { FindKey } from "./key-sets.ts";
import { type Principal, toPrincipal } from "./principal.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Verifies a token and makes the principal of its claims. */
export type Verify = (token: string) => Promise<Result<Principal, CodeOf<"token"> | CodeOf<"keys">>>;

/**
 * The one place where `aws-jwt-verify` is named: it takes the token apart, and checks `iss`, `exp` and `nbf`.
 *
 * The issuer is looked up before a key is fetched, and there is one algorithm, RS256, whatever header and key say.
 * Extensions that must be understood (`crit`) are refused. The signature is checked in one call of `node:crypto`: the
 * library's own takes a stream and twice the time.
 *
 * @param issuers - By the value of `iss`.
 * @see RFC 7515, section 5.2 (message signature validation); RFC 7518, section 3.3 (RS256)
 */
export function createVerify(issuers: ReadonlyMap<string, TrustedIssuer>, findKey: FindKey): Verify {
  return async function verify(token) {
    const parts = decompose(token);
    if (parts === undefined) return err("token.malformed");
    const { header, headerB64, payload, payloadB64, signatureB64 } = parts;
    const issuer = payload.iss === undefined ? undefined : issuers.get(payload.iss);
    if (issuer === undefined) return err("token.issuer_unknown");
    if (header.alg !== "RS256") return err("token.algorithm_refused");
    if ("crit" in header || header.kid === undefined) return err("token.header_refused");

    const key = await findKey(issuer, header.kid);
    if (!key.ok) return key;
    const signed = Buffer.from(`${headerB64}.${payloadB64}`);
    if (!verifySignature("RSA-SHA256", signed, key.value, Buffer.from(signatureB64, "base64url"))) {
      return err("token.signature_invalid");
    }
    try {
      validateJwtFields(payload, { issuer: issuer.issuer, audience: null });
    } catch (error) {
      return err(codeOf(error));
    }
    return toPrincipal(payload, issuer);
  };
}

function decompose(token: string): ReturnType<typeof decomposeUnverifiedJwt> | undefined {
  try {
    return decomposeUnverifiedJwt(token);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): CodeOf<"token"> {
  if (error instanceof JwtExpiredError) return "token.expired";
  return error instanceof JwtNotBeforeError ? "token.not_yet_valid" : "token.claims_invalid";
}
