import { readClaim } from "../../contract/claim-path.ts";
import { isObject } from "../../contract/json.ts";
import type { Claims } from "./claims.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/**
 * Tells whether a token leaves out its groups because there are too many.
 *
 * Microsoft Entra does so above 200 groups, and says in `_claim_names` or `hasgroups` that there are some. To a policy the user
 * would be in no group, so that a denial for a group would not apply.
 *
 * @see Microsoft identity platform, "Configure group claims for applications", "Groups overage claim"
 */
export function hasGroupsOverage(claims: Claims, { groupsClaim }: Pick<TrustedIssuer, "groupsClaim">): boolean {
  if (groupsClaim === undefined || readClaim(claims, groupsClaim) !== undefined) return false;
  const { _claim_names: names, hasgroups } = claims;
  return (
    (isObject(names) && Object.hasOwn(names, [groupsClaim].flat()[0] ?? "")) ||
    hasgroups === true ||
    hasgroups === "true"
  );
}
