import { toTrustedIssuers } from "../../authorizer/identity/trusted-issuer.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { parseTrustedIssuers } from "../../contract/trusted-issuers.ts";
import type { TrustedIssuers } from "./caller.ts";

/**
 * Makes the trusted issuers of `TRUSTED_ISSUERS` and of entries from a file, as the authorizer does.
 *
 * @returns The issuers, undefined if neither is there, or a line for every error. A line repeats no value.
 */
export function readTrustedIssuers(
  text: string | undefined,
  file: string,
  entries: readonly unknown[] | undefined,
): Result<TrustedIssuers | undefined, readonly string[]> {
  if (text === undefined && entries === undefined) return ok(undefined);
  const settings = parseTrustedIssuers(text, entries === undefined ? undefined : { file, entries });
  return settings.ok ? ok(toTrustedIssuers(settings.value)) : err(settings.error);
}
