/** A cached response of an authorizer, and the time at which the authorizer returned it. */
export interface CachedResponse {
  readonly response: unknown;
  readonly respondedAtMs: number;
}

/** The result of a look-up: the cached response, or a function that caches the response to come. */
export type Lookup =
  | { readonly isHit: true; readonly cached: CachedResponse }
  | { readonly isHit: false; readonly store: (response: unknown) => void };

/** The cached responses of one authorizer on one stage. */
export interface AuthorizerCache {
  /** @param ttlS - The TTL of the authorizer at this time, in seconds. */
  readonly find: (key: string, nowMs: number, ttlS: number) => Lookup;
  /** Removes all cached responses. A response that is awaited at this time is not cached either. */
  readonly flush: () => void;
}

/**
 * Creates a cache of whole responses. Each is cached for the TTL, even if its token expires earlier or the policy depends on
 * the time.
 *
 * If two requests miss at the same time, both invoke the authorizer, and the later response is cached. AWS does not
 * document this.
 *
 * @see API Gateway developer guide, "Use API Gateway Lambda authorizers"
 */
export function createAuthorizerCache(): AuthorizerCache {
  let responses = new Map<string, CachedResponse>();
  return {
    find(key, nowMs, ttlS) {
      const cached = responses.get(key);
      if (cached !== undefined && nowMs < cached.respondedAtMs + ttlS * 1000) return { isHit: true, cached };
      const current = responses;
      return { isHit: false, store: (response) => current.set(key, { response, respondedAtMs: nowMs }) };
    },
    flush() {
      responses = new Map();
    },
  };
}
