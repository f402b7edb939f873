import { CONTROL_CHARACTER } from "./control-characters.ts";
import { isTexts, parseJson } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** A claim that the response passes on to the back end. */
export interface ContextClaim {
  readonly claim: string;
  /** Its key in the context: letters, digits and underscores. */
  readonly key: string;
}

/**
 * The keys of `$context.authorizer` that the authorizer or API Gateway sets, in lower case.
 *
 * @see API Gateway developer guide, "Variables for data models, authorizers, mapping templates, and CloudWatch access logging"
 */
const OWNED = new Set([
  ...["principalid", "roles", "grants", "reason", "revision", "issuer"],
  ...["claims", "scopes", "jwt", "lambda", "iam", "error", "errormessage", "property"],
  ...["integrationlatency", "integrationstatus", "latency", "requestid", "status", "integrationerror"],
  ...["policydocument", "usageidentifierkey", "isauthorized", "context", "authorizerid"],
]);

/** The greatest number of claims. */
const MAX_CLAIMS = 20;

/** The longest name of a claim, in characters. */
const MAX_NAME_CHARS = 256;

/**
 * Parses `CONTEXT_CLAIMS`: names of claims with commas between them, or a JSON list of them.
 *
 * @returns The claims with their keys, or a line for every error. A line repeats no name, but counts from 1.
 */
export function parseContextClaims(text: string | undefined): Result<readonly ContextClaim[], readonly string[]> {
  if (text === undefined) return ok([]);
  const names = text.trimStart().startsWith("[") ? parseJson(text) : text.split(",").map((name) => name.trim());
  if (!isTexts(names) || names.length === 0 || names.length > MAX_CLAIMS)
    return err([
      `CONTEXT_CLAIMS: must name 1 to ${MAX_CLAIMS} claims, like email,custom:tenant, or be a JSON list of them`,
    ]);
  const errors: string[] = [];
  const claims: ContextClaim[] = [];
  const seen = new Map<string, number>();
  for (const [at, claim] of names.entries()) {
    const report = (cause: string) => errors.push(`CONTEXT_CLAIMS: name ${at + 1} ${cause}`);
    const key = toContextKey(claim);
    const other = seen.get(key.toLowerCase());
    if (claim === "" || claim.length > MAX_NAME_CHARS || !claim.isWellFormed() || CONTROL_CHARACTER.test(claim)) {
      report(`must be the name of a claim, of at most ${MAX_NAME_CHARS} characters`);
    } else if (!/^[A-Za-z]/.test(key)) {
      report("must begin with a letter, as the keys of a context do");
    } else if (OWNED.has(key.toLowerCase())) {
      report("would have a key of the authorizer's or of API Gateway's own; pass on another claim");
    } else if (other !== undefined) {
      report(`would have the same key as name ${other}; letters' case, and signs such as : and -, make no other key`);
    } else {
      seen.set(key.toLowerCase(), at + 1);
      claims.push({ claim, key });
    }
  }
  return errors.length === 0 ? ok(claims) : err(errors);
}

/** Makes the context key of a claim: every character but letters, digits and underscores becomes an underscore. */
function toContextKey(claim: string): string {
  return claim.replaceAll(/\W/g, "_");
}
