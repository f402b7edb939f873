import type { PolicyIssuers } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";

/**
 * Compares the trusted issuers with the issuers that the policy's roles are tied to.
 *
 * @param names - The names of the entries, each of which stands for one issuer or for pools of one kind.
 * @returns Warnings about what only one issuer makes unambiguous; or a line for each name that no trusted issuer has. Nobody would
 *   hold a role that is tied to it, and a denial for the role would forbid nobody.
 */
export function checkIssuers(
  names: readonly (string | undefined)[],
  { named, of_any: ofAny, of_any_more: more = 0 }: PolicyIssuers,
): Result<readonly string[], readonly string[]> {
  const missing = named.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    return err(
      missing.map(
        (name) =>
          `TRUSTED_ISSUERS: no entry has the name ${JSON.stringify(name)}, which the policy ties roles to; add "name" to the entry that is meant, or correct the policy`,
      ),
    );
  }
  if (names.length < 2) return ok([]);
  const listed = `${ofAny.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return ok([
    ...(ofAny.length === 0
      ? []
      : [
          `more than one issuer is trusted, and the principals of each can have ${listed}; if another issuer's groups, ` +
            "scopes and claims are not meant, tie the roles with issuers",
        ]),
    ...(names.includes(undefined)
      ? [
          "TRUSTED_ISSUERS: more than one issuer is trusted, and some entry has no name; two issuers can have the same sub, and the " +
            "context of a response tells them apart by the name only",
        ]
      : []),
  ]);
}
