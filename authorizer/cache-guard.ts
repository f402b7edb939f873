import { type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import type { CachingSetting, DeployedContract } from "../contract/cache-contract.ts";
import type { PackedContract, TrailingSlash } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";

/**
 * Checks that the deployed authorizers may cache the responses of this policy.
 *
 * They may if the policy was built for the same cache contract. With another contract, it is not known which routes depend
 * on which parts of a request. So all cache keys must have every part that the policy depends on.
 *
 * @param setting - The setting that has the cache keys, for the error.
 * @returns The error: why responses must not be cached this way, and what to do.
 */
export function checkContract(
  deployed: DeployedContract,
  built: PackedContract,
  trailingSlash: TrailingSlash = "denied",
  setting: CachingSetting = "CACHE_CONTRACT",
): Result<void, string> {
  const { id, cacheScope, rest, http } = deployed;
  const advice = "deploy the API's authorizers again with this package, or flush their caches and set their TTL to 0";
  if (cacheScope === "token" && (built.token_documents === undefined || built.id !== id)) {
    return err(
      `${setting}: is for the per-token policy documents of another package, which may allow more than this policy; ${advice}`,
    );
  }
  if (built.id === id) return ok(undefined);
  if (built.max_ttl_s !== undefined && (rest !== undefined || http !== undefined)) {
    return err(
      `${setting}: the policy depends on the time, so its responses must not be cached for more than ${built.max_ttl_s} seconds, which the authorizers were not deployed for; ${advice}`,
    );
  }
  if (trailingSlash === "same" && http !== undefined) {
    return err(
      `${setting}: the policy was built with --trailing-slash same, so HTTP APIs must not cache responses of some routes, which the authorizers were not deployed for; ${advice}`,
    );
  }
  for (const parts of [rest, http]) {
    const missing = parts === undefined ? [] : built.key_dependencies.filter((part) => !parts.includes(part));
    if (missing.length > 0) {
      const what = missing.includes("never")
        ? "has responses that must not be cached"
        : `needs ${missing.join(", ")} in the cache key`;
      return err(`${setting}: the policy ${what}, which the authorizers were not deployed for; ${advice}`);
    }
  }
  return ok(undefined);
}

/**
 * Tells whether each cached response of a kind of authorizer is for one method and path, or nothing is cached.
 *
 * @param deployed - Undefined if the deployment does not say how it caches, so that nothing is known.
 */
export function isKeyOfRequest(deployed: DeployedContract | undefined, kind: ApiKind): boolean {
  const { api, tokenIn } = traitsOf(kind);
  // The cache key of a TOKEN authorizer is the token alone, and its event does not show whether it caches.
  if (deployed === undefined || tokenIn === "authorization_token") return false;
  const parts = api === "websocket" ? undefined : deployed[api];
  return parts === undefined || ["method", "path"].every((part) => parts.includes(part));
}
