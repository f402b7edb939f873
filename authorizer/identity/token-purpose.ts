import type { Claims } from "./claims.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

// The patterns are for lower case. One that ignores case takes half a millisecond of a cold start, since Node makes a set of all
// characters for it.

/**
 * Matches what the header `typ` says of a JWT or an access token (RFC 9068, section 2.1). The same key may sign tokens of
 * other types for other purposes (RFC 8725, section 3.11).
 */
const HEADER_TYPES = /^(application\/)?(at\+)?jwt$/;

/** Matches the words for an access or ID token in the claim `typ`; Keycloak writes `Bearer` and `ID`, Rauthy `Bearer` and `Id`. */
const PAYLOAD_TYPES = /^(bearer|access|id|(application\/)?(at\+)?jwt)$/;

/** Matches the word for a token that only its issuer takes: to get new tokens, or to end a session. */
const FOR_THE_ISSUER = /refresh|offline|logout/;

type IsMark = (value: unknown, issuer: TrustedIssuer) => boolean;

const isNamed: IsMark = (value) =>
  [value].flat().some((one) => typeof one === "string" && FOR_THE_ISSUER.test(one.toLowerCase()));
const isThere: IsMark = () => true;

/**
 * Claims that mark a token which is for another purpose than a request to an API, with the values that do.
 *
 * - `events`: a security event (RFC 8417, section 2.2), such as a logout token (OpenID Connect Back-Channel Logout 1.0,
 *   section 2.4), whose header `typ` is only recommended.
 * - `typ`: Keycloak's kind of token (`TokenUtil`): `Bearer` and `ID`, but also `Refresh`, `Offline`, `Logout` and others.
 * - `token_use`, `token_type`, `tokenType`, `type`: the kind of token at issuers whose refresh tokens are signed like the
 *   others: `tokenType` at Casdoor, `token_type` at Simple JWT for Django, `type` at Flask-JWT-Extended. Cognito's
 *   `token_use` is checked with its client.
 * - `token_introspection`: the response to an introspection (RFC 9701, section 5).
 * - `vc`, `vp`: a credential or its presentation (W3C Verifiable Credentials Data Model 1.1, section 6.3.1).
 */
const MARKS = Object.entries<IsMark>({
  events: isThere,
  typ: (value) => typeof value !== "string" || !PAYLOAD_TYPES.test(value.toLowerCase()),
  token_use: (value, issuer) => issuer.tokenUse === undefined && isNamed(value, issuer),
  token_type: isNamed,
  tokenType: isNamed,
  type: isNamed,
  token_introspection: isThere,
  vc: isThere,
  vp: isThere,
});

/** Tells whether the header `typ` is that of a JWT or an access token, or missing. */
export function isTypeOfAccess(typ: unknown): boolean {
  return typ === undefined || (typeof typ === "string" && HEADER_TYPES.test(typ.toLowerCase()));
}

/** Tells whether claims mark a token that is for another purpose than a request to an API. */
export function isForAnotherPurpose(claims: Claims, issuer: TrustedIssuer): boolean {
  return MARKS.some(([claim, marks]) => Object.hasOwn(claims, claim) && marks(claims[claim], issuer));
}
