/** An answer of an authorizer, and when it was made. */
export interface CachedResponse {
  readonly answer: unknown;
  readonly answeredAtMs: number;
}

/** What the cache has for a key: an answer, or a way to keep the one to come. */
export type Lookup =
  | { readonly isHit: true; readonly kept: CachedResponse }
  | { readonly isHit: false; readonly keep: (answer: unknown) => void };

/** The answers of one authorizer on one stage. */
export interface AuthorizerCache {
  readonly find: (key: string, nowMs: number) => Lookup;
  /** Forgets all, what is still to be answered to earlier lookups among it. */
  readonly flush: () => void;
}

/**
 * Keeps whole answers, whatever they say, for as long as their TTL. What a token or policy says of time has no part in it.
 *
 * Two requests that miss at the same time both ask the authorizer, and the later answer stays; AWS does not say.
 *
 * @see API Gateway developer guide, "Use API Gateway Lambda authorizers"
 */
export function createAuthorizerCache(ttlS: number): AuthorizerCache {
  let answers = new Map<string, CachedResponse>();
  return {
    find(key, nowMs) {
      const kept = answers.get(key);
      if (kept !== undefined && nowMs < kept.answeredAtMs + ttlS * 1000) return { isHit: true, kept };
      const current = answers;
      return { isHit: false, keep: (answer) => current.set(key, { answer, answeredAtMs: nowMs }) };
    },
    flush() {
      answers = new Map();
    },
  };
}
