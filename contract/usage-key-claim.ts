import { CONTROL_CHARACTER } from "./control-characters.ts";
import { err, ok, type Result } from "./result.ts";
import { isStandardClaim } from "./standard-claims.ts";

/**
 * Parses `USAGE_KEY_CLAIM`: the claim that holds the API key by which a REST API counts a caller's requests.
 *
 * Claims of the standards and of Cognito are refused. Users write some of them, such as `email` and `nickname`, and could
 * choose whose quota they use. The others are no secrets, and the log or the context has some of them.
 *
 * @returns The name of the claim; undefined if the variable is not set; or a line that says what it must be.
 */
export function parseUsageKeyClaim(text: string | undefined): Result<string | undefined, string> {
  if (text === undefined) return ok(undefined);
  const isName = /^[^\s,]{1,256}$/u.test(text) && !CONTROL_CHARACTER.test(text) && text.isWellFormed();
  if (!isName) return err("USAGE_KEY_CLAIM: must be the name of a claim, like custom:usage_key");
  if (isStandardClaim(text)) {
    return err(
      "USAGE_KEY_CLAIM: must not be a claim of the standards or of Cognito, which users can write or which others can see; " +
        "put the API key into a claim of its own that no user can write, like custom:usage_key",
    );
  }
  return ok(text);
}
