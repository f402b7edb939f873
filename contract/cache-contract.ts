import { BASE_CACHE_KEY, type CacheKeyPart, isCacheKeyPart } from "./cache-key.ts";
import { isObject, isText, isTexts, parseJson } from "./json.ts";
import { err, ok, type Result } from "./result.ts";
import { formatTokenSources, parseTokenSources, type TokenSource } from "./token-source.ts";

/** The requests that a cached response is valid for: those with the same cache key, or all routes of one token. */
export type CacheScope = "request" | "token";

/**
 * The caching that a deployment has set up: `CACHE_CONTRACT`, which the deployment writes and the Lambda reads.
 *
 * For each kind of API it lists the parts of a request that are in the cache keys of all caching authorizers. A kind that
 * is missing caches nothing.
 */
export interface DeployedContract {
  /** The id of the cache contract in the manifest that it was made from. */
  readonly id: string;
  /** With `token`, the cache key of routes of class `token` is the token alone. */
  readonly cacheScope: CacheScope;
  readonly rest: readonly CacheKeyPart[] | undefined;
  readonly http: readonly CacheKeyPart[] | undefined;
  /** The parts of a request that carry the token; undefined if the deployment does not say. */
  readonly tokenSources: readonly TokenSource[] | undefined;
}

/** The settings that say how deployed authorizers cache: for all APIs together, and for each by its alias. */
export type CachingSetting = "CACHE_CONTRACT" | "API_CONTRACTS";

const KEYS = ["id", "cache_scope", "token_source", "rest", "http"];

/**
 * Parses `CACHE_CONTRACT`: `{"id": "sha256:…", "rest": ["token", "method", "path"], "http": ["token", "route", "method",
 * "path"]}`, perhaps with `"cache_scope": "token"` and `"token_source": "header:Authorization"`.
 *
 * @returns The contract, undefined if the variable is not set, or a line for every error.
 */
export function parseCacheContract(text: string | undefined): Result<DeployedContract | undefined, readonly string[]> {
  if (text === undefined) return ok(undefined);
  const value = parseJson(text);
  if (!isObject(value)) return err([`${NAME}: must be a JSON object; rego-authorizer cache-contract prints it`]);
  const { id, cache_scope: cacheScope = "request", rest, http, token_source: sourceText } = value;
  const tokenSources =
    sourceText === undefined ? undefined : parseTokenSources(isText(sourceText) ? sourceText : "", "token_source");
  const errors = [
    ...(Object.keys(value).every((key) => KEYS.includes(key))
      ? []
      : [`has an unknown key; its keys are ${KEYS.join(", ")}`]),
    ...checkKeyParts("rest", rest, cacheScope === "token" ? ["token"] : BASE_CACHE_KEY.rest),
    ...checkKeyParts("http", http, BASE_CACHE_KEY.http),
  ];
  if (typeof id !== "string") errors.push("id must be the id of the cache contract in the manifest");
  if (cacheScope !== "request" && cacheScope !== "token") errors.push("cache_scope must be request or token");
  if (tokenSources?.ok === false) errors.push(tokenSources.error);
  if (errors.length > 0) return err(errors.map((error) => `${NAME}: ${error}`));
  return ok({
    id: String(id),
    cacheScope: cacheScope === "token" ? "token" : "request",
    rest: isTexts(rest) ? rest : undefined,
    http: isTexts(http) ? http : undefined,
    tokenSources: tokenSources?.ok ? tokenSources.value : undefined,
  });
}

/** Formats a contract for `CACHE_CONTRACT`; the inverse of {@link parseCacheContract}. */
export function formatCacheContract({ id, cacheScope, rest, http, tokenSources }: DeployedContract): string {
  return JSON.stringify({
    id,
    ...(cacheScope === "token" && { cache_scope: cacheScope }),
    ...(tokenSources !== undefined && { token_source: formatTokenSources(tokenSources) }),
    ...(rest !== undefined && { rest }),
    ...(http !== undefined && { http }),
  });
}

const NAME = "CACHE_CONTRACT";

/** Checks the parts of a request that a cache key has. */
export function checkKeyParts(name: string, parts: unknown, base: readonly CacheKeyPart[]): readonly string[] {
  if (parts === undefined) return [];
  if (!isTexts(parts) || !parts.every(isCacheKeyPart))
    return [`${name} must be a list of parts of a request, like ${JSON.stringify(base)}`];
  const missing = base.filter((part) => !parts.includes(part));
  return missing.length === 0 ? [] : [`${name} must have ${missing.join(", ")}`];
}
