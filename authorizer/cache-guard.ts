import type { DeployedContract } from "../contract/cache-contract.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";

/**
 * Checks that responses of a policy may be cached as the deployed authorizers would cache them.
 *
 * They may if the policy was built for the same contract. Another policy's routes may depend on more, and which of them do
 * is not known here: so everything that the policy depends on must be in all cache keys.
 *
 * @returns Why not, and what to do.
 */
export function checkContract(deployed: DeployedContract, built: CacheContract): Result<void, string> {
  const { id, cacheScope, rest, http } = deployed;
  const advice = "deploy the API's authorizers again with this package, or flush their caches and set their TTL to 0";
  if (cacheScope === "token" && (built.token_documents === undefined || built.id !== id)) {
    return err(`CACHE_CONTRACT: is for other per-token answers than this package's; ${advice}`);
  }
  if (built.id === id) return ok(undefined);
  for (const sources of [rest, http]) {
    const missing = sources === undefined ? [] : built.key_dependencies.filter((part) => !sources.includes(part));
    if (missing.length > 0) {
      const what = missing.includes("never")
        ? "has answers that must not be kept"
        : `needs ${missing.join(", ")} in the key`;
      return err(`CACHE_CONTRACT: the policy ${what}, which the authorizers were not deployed for; ${advice}`);
    }
  }
  return ok(undefined);
}
