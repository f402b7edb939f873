/**
 * A part of a request that a cached response may depend on, by its name in `CACHE_CONTRACT`: `token`, `method`, `path`,
 * `route`, `source_ip`, `domain`, `header.<name>`, `query.<name>`.
 */
export type CacheKeyPart = string;

/** The parts that every cache key has, by kind of API. Without them a response for one request would serve others. */
export const BASE_CACHE_KEY: Readonly<Record<"rest" | "http", readonly CacheKeyPart[]>> = {
  rest: ["token", "method", "path"],
  http: ["token", "route", "method", "path"],
};
