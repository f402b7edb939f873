import type { CachingApi } from "./api-kinds.ts";

/**
 * A part of a request that a cached response may depend on, by its name in the cache contract: `token`, `method`, `path`,
 * `route`, `source_ip`, `domain`, `header.<name>`, `query.<name>`.
 */
export type CacheKeyPart = string;

/** The context variables of API Gateway, without `context.`, by the part of a request that they hold. */
export const CONTEXT_OF_PART = {
  method: "httpMethod",
  path: "path",
  route: "routeKey",
  source_ip: "identity.sourceIp",
  domain: "domainName",
} as const satisfies Readonly<Record<string, string>>;

/**
 * The parts that every cache key has, by kind of API. A response is valid for one method and path. An HTTP API shares
 * responses among all routes unless the route is in the key.
 */
export const BASE_CACHE_KEY: Readonly<Record<CachingApi, readonly CacheKeyPart[]>> = {
  rest: ["token", "method", "path"],
  http: ["token", "route", "method", "path"],
};

interface CachingTraits {
  /** The TTL of an authorizer, in seconds, if a deployment names none. */
  readonly defaultTtlS: number;
  /** Whether AWS documents the context variables that can be identity sources. If not, only an API that caches has them. */
  readonly documentsContext: boolean;
}

/** The traits of caching, by kind of API. An HTTP API caches only on request, because `documentsContext` is false. */
export const CACHING_TRAITS: Readonly<Record<CachingApi, CachingTraits>> = {
  rest: { defaultTtlS: 60, documentsContext: true },
  http: { defaultTtlS: 0, documentsContext: false },
};

/** Tells whether a text names a part of a request that can be in a cache key. */
export function isCacheKeyPart(text: string): boolean {
  return text === "token" || Object.hasOwn(CONTEXT_OF_PART, text) || /^(header|query)\../s.test(text);
}

/** Tells whether a part can be missing from a request; API Gateway then answers 401 without invoking the authorizer. */
export function isMandatory(part: CacheKeyPart): boolean {
  return part.startsWith("header.") || part.startsWith("query.");
}
