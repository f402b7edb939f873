import { says } from "../../contract/algorithms.ts";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, type Result } from "../../contract/result.ts";
import { isSignature } from "./algorithms.ts";
import { checkBinding } from "./bound-token.ts";
import { checkTimes, type TokenTimes } from "./claim-checks.ts";
import type { FindKey, RemainingMs } from "./key-sets.ts";
import { parseToken } from "./parse-token.ts";
import { type Principal, toPrincipal } from "./principal.ts";
import { isForAnotherPurpose, isTypeOfAccess } from "./token-purpose.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** The facts about the request that a token came with. */
interface Circumstances {
  /** The client's certificate, if a token that is bound to it may be accepted. */
  readonly certificatePem?: string | undefined;
  readonly remainingMs?: RemainingMs | undefined;
}

/** Verifies a token and makes the principal from its claims. */
export type Verify = (
  token: string,
  circumstances?: Circumstances,
) => Promise<Result<Principal, CodeOf<"token"> | CodeOf<"keys">>>;

/**
 * Creates the function that verifies tokens.
 *
 * It looks up the issuer before it fetches a key. The algorithm of the header must be one of the issuer's, and the key's own. Critical extensions
 * (`crit`) are refused.
 *
 * @param issuers - The trusted issuers, by the value of `iss`.
 * @see RFC 7515, section 5.2 (message signature validation)
 */
export function createVerify(issuers: ReadonlyMap<string, TrustedIssuer>, findKey: FindKey, times: TokenTimes): Verify {
  return async function verify(text, { certificatePem, remainingMs } = {}) {
    const token = parseToken(text);
    if (!token.ok) return token;
    const { header, claims, signed, signature } = token.value;
    const issuer = typeof claims["iss"] === "string" ? issuers.get(claims["iss"]) : undefined;
    if (issuer === undefined) return err("token.issuer_unknown");
    const { alg, kid, typ, crit } = header;
    const algorithm = issuer.algorithms.find((name) => says(alg, name));
    if (algorithm === undefined) return err("token.algorithm_refused");
    if (typeof kid !== "string" || !isTypeOfAccess(typ) || crit !== undefined) {
      return err("token.header_refused");
    }
    const found = await findKey(issuer, kid, remainingMs);
    if (!found.ok) return found;
    if (found.value.alg !== algorithm) return err("token.algorithm_refused");
    if (!isSignature(signed, signature, found.value)) return err("token.signature_invalid");
    const refusal = checkTimes(claims, issuer, times) ?? checkBinding(claims, certificatePem);
    if (refusal !== undefined) return err(refusal);
    return isForAnotherPurpose(claims, issuer) ? err("token.wrong_purpose") : toPrincipal(claims, issuer);
  };
}
