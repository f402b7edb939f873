import { MAX_ISSUER_NAME_CHARS } from "./limits.ts";

/** Matches the names of issuers: words that stand in a policy, a log and a header without quotes. */
const NAME = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${MAX_ISSUER_NAME_CHARS - 1}}$`);

/** The form of the name of an issuer, for messages. */
export const NAME_FORM = `a name of letters, digits, ".", "_" and "-", at most ${MAX_ISSUER_NAME_CHARS} characters, if it is given`;

/** Tells whether a value can be the name of an issuer. */
export function isIssuerName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}
