import { verify as verifySignature } from "node:crypto";
import type { CodeOf } from "../../contract/reason-codes.ts";
import { err, type Result } from "../../contract/result.ts";
import { checkTimes, type TokenTimes } from "./claim-checks.ts";
import type { FindKey } from "./key-sets.ts";
import { parseToken } from "./parse-token.ts";
import { type Principal, toPrincipal } from "./principal.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Verifies a token and makes the principal of its claims. */
export type Verify = (token: string) => Promise<Result<Principal, CodeOf<"token"> | CodeOf<"keys">>>;

/**
 * Matches the header `typ` of a JWT or an access token (RFC 9068, section 2.1). Tokens of other types are for another
 * purpose, such as logging out, though they are signed by the same key (RFC 8725, section 3.11).
 */
const TYPES = /^(application\/)?(at\+)?jwt$/i;

/**
 * Creates the verification of tokens.
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
    const fault = checkTimes(claims, issuer, times);
    return fault === undefined ? toPrincipal(claims, issuer) : err(fault);
  };
}
