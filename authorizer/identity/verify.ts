import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, type Result } from "../../contract/result.ts";
import { ALGORITHMS, isAlgorithmName } from "./algorithms.ts";
import { checkTimes, type TokenTimes } from "./claim-checks.ts";
import type { FindKey, RemainingMs } from "./key-sets.ts";
import { parseToken } from "./parse-token.ts";
import { type Principal, toPrincipal } from "./principal.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Verifies a token and makes the principal from its claims. */
export type Verify = (
  token: string,
  remainingMs?: RemainingMs,
) => Promise<Result<Principal, CodeOf<"token"> | CodeOf<"keys">>>;

/**
 * Matches the header `typ` of a JWT or an access token (RFC 9068, section 2.1). The same key may sign tokens of other types
 * for other purposes, such as logging out (RFC 8725, section 3.11).
 */
const TYPES = /^(application\/)?(at\+)?jwt$/i;

/**
 * Creates the function that verifies tokens.
 *
 * It looks up the issuer before it fetches a key. The algorithm of the header must be the key's own. Critical extensions
 * (`crit`) are refused.
 *
 * @param issuers - The trusted issuers, by the value of `iss`.
 * @see RFC 7515, section 5.2 (message signature validation)
 */
export function createVerify(issuers: ReadonlyMap<string, TrustedIssuer>, findKey: FindKey, times: TokenTimes): Verify {
  return async function verify(text, remainingMs) {
    const token = parseToken(text);
    if (!token.ok) return token;
    const { header, claims, signed, signature } = token.value;
    const issuer = typeof claims["iss"] === "string" ? issuers.get(claims["iss"]) : undefined;
    if (issuer === undefined) return err("token.issuer_unknown");
    const { alg, kid, typ = "JWT", crit } = header;
    if (!isAlgorithmName(alg)) return err("token.algorithm_refused");
    if (typeof kid !== "string" || typeof typ !== "string" || !TYPES.test(typ) || crit !== undefined) {
      return err("token.header_refused");
    }
    const found = await findKey(issuer, kid, remainingMs);
    if (!found.ok) return found;
    const { alg: algOfKey, key } = found.value;
    if (alg !== algOfKey) return err("token.algorithm_refused");
    if (!ALGORITHMS[algOfKey].isSignature(signed, signature, key)) return err("token.signature_invalid");
    const refusal = checkTimes(claims, issuer, times);
    return refusal === undefined ? toPrincipal(claims, issuer) : err(refusal);
  };
}
