import { type Api, type CachingApi, hasKind } from "../../contract/api-kinds.ts";
import { formatCacheContract } from "../../contract/cache-contract.ts";
import { CACHING_TRAITS } from "../../contract/cache-key.ts";
import type { ApiConfiguration } from "../../contract/contract-id.ts";
import { toIdentitySources } from "../../contract/identity-sources.ts";
import { MAX_TTL_S } from "../../contract/limits.ts";
import type { CacheContract, CachingAuthorizer } from "../../contract/manifest.ts";
import { DEFAULT_TOKEN_SOURCES, fitsCacheKey, type TokenSource } from "../../contract/token-source.ts";

/** The settings of one deployed authorizer. */
export interface AuthorizerSettings {
  readonly name: string;
  /** In seconds; 0 means that nothing is cached. */
  readonly ttlS: number;
  readonly identitySources: readonly string[];
}

/** Tells whether this kind of API may cache the responses for an authorizer's routes. */
export function isCacheable(authorizer: CachingAuthorizer, api: CachingApi): boolean {
  // An API whose events have decoded paths makes the cache key of decoded paths, too.
  const decodesPath = hasKind(api, ({ pathForm }) => pathForm === "decoded");
  return authorizer.class !== "never" && !(decodesPath && authorizer.rest_only);
}

/** Limits a TTL to what the conditions of an authorizer's routes allow, in seconds. */
export function limitTtl({ max_ttl_s: maxTtlS = MAX_TTL_S }: CachingAuthorizer, ttlS: number): number {
  return Math.min(ttlS, maxTtlS);
}

/**
 * Lists the authorizers of one kind of API.
 *
 * AWS does not document which context variables an HTTP API takes as identity sources. So they are identity sources only
 * if the API caches some response. Nothing is cached if no cache key can hold the token.
 */
export function toSettings(
  contract: CacheContract,
  api: CachingApi,
  ttlS: number,
  tokenSources: readonly TokenSource[] = DEFAULT_TOKEN_SOURCES,
): readonly AuthorizerSettings[] {
  const authorizers = Object.entries(contract.authorizers);
  const hasToken = fitsCacheKey(api, tokenSources);
  const isCaching = hasToken && ttlS > 0 && authorizers.some(([, authorizer]) => isCacheable(authorizer, api));
  const hasWholeKey = isCaching || (hasToken && CACHING_TRAITS[api].documentsContext);
  return authorizers.map(([name, authorizer]) => ({
    name,
    ttlS: hasToken && isCacheable(authorizer, api) ? limitTtl(authorizer, ttlS) : 0,
    identitySources: toIdentitySources(api, hasWholeKey ? authorizer[api] : ["token"], tokenSources),
  }));
}

/**
 * Formats `CACHE_CONTRACT`: the identity sources that all caching authorizers have, which the authorizer compares with its
 * policy when it starts.
 *
 * @param tokenSources - The value of `TOKEN_SOURCE`, which the authorizer compares; undefined if both are deployed together
 *   and the token fits into the cache keys of these APIs.
 */
export function toCacheContractVariable(
  contract: CacheContract,
  requested: readonly CachingApi[],
  tokenSources: readonly TokenSource[] | undefined,
): string {
  const apis = requested.filter((api) => tokenSources === undefined || fitsCacheKey(api, tokenSources));
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
    tokenSources,
  });
}

/**
 * Describes the authorizers that {@link toSettings} lists, as far as responses rely on them. An authorizer of the contract whose
 * TTL is higher or lower, but not 0, has the same description. A WebSocket API caches nothing.
 */
export function toConfiguration(
  contract: CacheContract,
  api: Api,
  ttlS: number,
  tokenSources: readonly TokenSource[],
): ApiConfiguration {
  const settings = api === "websocket" ? [] : toSettings(contract, api, ttlS, tokenSources);
  const keyOf = (name: string) => (api === "websocket" ? undefined : contract.authorizers[name]?.[api]);
  return {
    ...{ cacheContract: contract.id, api, type: "REQUEST", response: "iam", hasUsageKey: false, tokenSources },
    cacheScope: api === "rest" && contract.token_documents !== undefined ? "token" : "request",
    authorizers: new Map(settings.map(({ name, ttlS: ownS }) => [name, ownS > 0 ? keyOf(name) : undefined])),
  };
}
