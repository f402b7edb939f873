/** The claims that RFC 7519 registers for every token. */
const OF_TOKENS = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/** The claims of OpenID Connect Core 1.0: of ID tokens (section 2), and about the user (section 5.1). */
const OF_OPENID = [
  ...["auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "sid"],
  ...["name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"],
  ...["website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale"],
  ...["phone_number", "phone_number_verified", "address", "updated_at"],
];

/** The claims of access tokens in RFC 9068, sections 2.2 and 2.2.3. */
const OF_ACCESS_TOKENS = ["client_id", "scope"];

/**
 * The claims that Cognito adds.
 *
 * @see Amazon Cognito developer guide, "Understanding the identity (ID) token" and "Understanding the access token"
 */
const OF_COGNITO = [
  ...["cognito:groups", "cognito:preferred_role", "cognito:roles", "cognito:username"],
  ...["device_key", "event_id", "identities", "origin_jti", "token_use", "username", "version"],
];

/**
 * The claims of a time that has passed when a token is used. The policy does not get one that is in the future, or in
 * milliseconds, so that it counts as missing.
 */
export const TIMES_THAT_HAVE_PASSED: readonly string[] = ["auth_time", "iat", "nbf"];

const STANDARD = new Set([...OF_TOKENS, ...OF_OPENID, ...OF_ACCESS_TOKENS, ...OF_COGNITO]);

/** Tells whether a claim needs no declaration, since a standard or Cognito defines it. */
export function isStandardClaim(name: string): boolean {
  return STANDARD.has(name);
}
