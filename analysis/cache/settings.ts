import type { CachingApi } from "../../contract/api-kinds.ts";
import { formatCacheContract } from "../../contract/cache-contract.ts";
import { toIdentitySources } from "../../contract/identity-sources.ts";
import type { CacheContract, CachingAuthorizer } from "../../contract/manifest.ts";
import type { TokenSource } from "../../contract/token-source.ts";

/** An authorizer as a deployment has it. */
export interface AuthorizerSettings {
  readonly name: string;
  /** 0: no cache. */
  readonly ttlS: number;
  readonly identitySources: readonly string[];
}

/** Whether answers of an authorizer's routes may be kept on this kind of API. */
export function isCacheable(authorizer: CachingAuthorizer, api: CachingApi): boolean {
  return authorizer.class !== "never" && !(api === "http" && authorizer.rest_only);
}

/**
 * The authorizers of one kind of API.
 *
 * AWS does not say which context variables an HTTP API takes; they are asked for only if some of its answers are kept.
 */
export function toSettings(
  contract: CacheContract,
  api: CachingApi,
  ttlS: number,
  tokenSource?: TokenSource,
): readonly AuthorizerSettings[] {
  const authorizers = Object.entries(contract.authorizers);
  const isCaching = ttlS > 0 && authorizers.some(([, authorizer]) => isCacheable(authorizer, api));
  return authorizers.map(([name, authorizer]) => ({
    name,
    ttlS: isCacheable(authorizer, api) ? ttlS : 0,
    identitySources: toIdentitySources(api, api === "http" && !isCaching ? ["token"] : authorizer[api], tokenSource),
  }));
}

/**
 * The value of `CACHE_CONTRACT`: what all authorizers with a cache have in their key, for the guard at run time.
 *
 * @param tokenSource - Where these keys have the token, as `TOKEN_SOURCE` has to say.
 */
export function toCacheContractVariable(
  contract: CacheContract,
  apis: readonly CachingApi[],
  tokenSource?: TokenSource,
): string {
  const common = (api: CachingApi) => {
    const caching = Object.values(contract.authorizers).filter((authorizer) => isCacheable(authorizer, api));
    const [first, ...others] = caching.map((authorizer) => authorizer[api]);
    return first?.filter((source) => others.every((sources) => sources.includes(source)));
  };
  return formatCacheContract({
    id: contract.id,
    cacheScope: contract.token_documents !== undefined && apis.includes("rest") ? "token" : "request",
    rest: apis.includes("rest") ? common("rest") : undefined,
    http: apis.includes("http") ? common("http") : undefined,
    tokenSource,
  });
}
