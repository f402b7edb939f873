import { MAX_TOKEN_CHARS } from "../../contract/limits.ts";
import type { Code } from "../../contract/reason-codes.ts";
import { AHEAD_TOLERANCE_S } from "./claim-checks.ts";
import { createFindNearest } from "./nearest-issuer.ts";
import { parseToken, type Token } from "./parse-token.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Tells an operator why tokens are refused: a line for each cause and issuer, once. */
export type ExplainRefusal = (code: Code, token?: string) => void;

/** The longest that the lines may become, and how many refusals of one code are looked at. Anybody can cause refusals. */
const MAX_LINES = 100;
const MAX_EXAMINED = 1_000;

const DAY_S = 86_400;
/** Seconds since 1970 have 10 digits until the year 2286; milliseconds have 13. */
const MIN_MILLISECONDS = 100_000_000_000;

/** The algorithms that a line may name. The name in a token is never repeated. */
const NAMEABLE_ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** A token that was refused, and the trusted issuer that it names. */
type Refused = Token & { readonly issuer: TrustedIssuer };

/** The advice by code, after the name of the issuer. A code without an entry says enough, or is anybody's noise. */
const ADVICE: Partial<Record<Code, (refused: Refused) => string | undefined>> = {
  "token.algorithm_refused": ({ header: { alg } }) => {
    const name = NAMEABLE_ALGORITHMS.find((known) => known === alg);
    return (
      name &&
      `is signed with ${name}, which is not accepted of this issuer; add it to the algorithms of its entry in TRUSTED_ISSUERS, or let the issuer sign with RS256`
    );
  },
  "token.header_refused": ({ header: { kid, crit } }) => {
    if (crit !== undefined) return "has critical extensions (crit), which the authorizer does not know";
    if (typeof kid !== "string") return "has no key id (kid), without which its key can't be found";
    return "has the typ of a token for another purpose; send an access token, or an ID token of Cognito";
  },
  "token.key_unknown": () =>
    "names a key that is not in the issuer's key set; if it is genuine, look at the entry's jwksUri, or build again with newer KEY_SETS",
  "token.key_ambiguous": () =>
    "names a key id (kid) that two keys of the issuer's key set have; the issuer must give each its own",
  "token.signature_invalid": () =>
    "is not signed by the issuer's key; if it is genuine, the entry's jwksUri has the keys of another environment",
  "token.expired": ({ claims: { exp } }) =>
    typeof exp === "number" && exp < Date.now() / 1000 - DAY_S
      ? "expired more than a day ago; its client does not renew its tokens, or the issuer's clock is wrong"
      : undefined,
  "token.not_yet_valid": ({ claims }) =>
    inMilliseconds(claims) ??
    `was issued in the future by this Lambda's clock; set the issuer's clock, or raise CLOCK_TOLERANCE_S (at most ${AHEAD_TOLERANCE_S})`,
  "token.lifetime_refused": ({ claims }) =>
    inMilliseconds(claims) ??
    "is valid for longer than MAX_TOKEN_LIFETIME_S; let the issuer shorten its lifetime, or raise the setting",
  "token.client_refused": ({ issuer: { tokenUse } }) =>
    `is for another client or audience; if it is meant for this API, add it to the ${tokenUse === undefined ? "audience" : "clientIds"} of the entry in TRUSTED_ISSUERS`,
  "token.use_refused": () =>
    "is an ID token where access tokens are accepted, or the reverse; send the other one, or look at the entry's tokenUse and the policy's custom.token_use",
  "token.claims_invalid": ({ claims }) => {
    const missing = ["sub", "exp"].find((name) => claims[name] === undefined);
    return missing === undefined
      ? "has a claim of the wrong type: exp, nbf, iat, sub, aud, scope, jti or the groups"
      : `has no claim ${missing}`;
  },
  "token.groups_overage": () =>
    "leaves out its groups, because there are too many for a token; let the issuer send only the groups of this application, or app roles",
};

/**
 * Creates the function that explains refusals.
 *
 * A line names issuers and settings, and repeats no value of a token: whoever sends tokens must not write the log.
 */
export function createExplainRefusal(
  issuers: ReadonlyMap<string, TrustedIssuer>,
  warn: (line: string) => void,
): ExplainRefusal {
  const said = new Set<string>();
  const examined = new Map<Code, number>();
  const findNearest = createFindNearest(issuers);

  function say(line: string | undefined): void {
    if (line === undefined || said.has(line) || said.size >= MAX_LINES) return;
    said.add(line);
    warn(line);
  }

  function toLine(code: Code, text: string): string | undefined {
    const token = parseToken(text);
    const iss = token.ok ? token.value.claims["iss"] : undefined;
    if (!token.ok || typeof iss !== "string") return undefined;
    const issuer = issuers.get(iss);
    const near = issuer === undefined ? findNearest(iss) : undefined;
    if (near !== undefined) {
      return `${code}: a token's issuer differs from ${near.issuer.issuer} by ${near.difference}; TRUSTED_ISSUERS must have it exactly as the tokens do`;
    }
    const advice = issuer && ADVICE[code]?.({ ...token.value, issuer });
    return advice && `${code}: a token of ${issuer.issuer} ${advice}`;
  }

  return function explainRefusal(code, token) {
    if (code === "token.too_large") {
      say(
        `${code}: a token has more than ${MAX_TOKEN_CHARS} characters; let its issuer send fewer groups and claims, such as only the groups of this application`,
      );
    }
    const count = examined.get(code) ?? 0;
    if (token === undefined || count >= MAX_EXAMINED) return;
    examined.set(code, count + 1);
    say(toLine(code, token));
  };
}

function inMilliseconds(claims: Readonly<Record<string, unknown>>): string | undefined {
  const name = ["exp", "iat", "nbf"].find((time) => {
    const value = claims[time];
    return typeof value === "number" && value >= MIN_MILLISECONDS;
  });
  return name && `has its time ${name} in milliseconds; RFC 7519 wants seconds`;
}
