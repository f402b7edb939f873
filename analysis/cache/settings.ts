import { type CachingApi, toIdentitySources } from "../../contract/identity-sources.ts";
import type { CacheContract, CachingAuthorizer } from "../../contract/manifest.ts";

/** An authorizer as a deployment has it. */
export interface AuthorizerSettings {
  readonly name: string;
  /** 0: no cache. */
  readonly ttlS: number;
  readonly identitySources: readonly string[];
}

/** The longest that API Gateway keeps an answer (API reference, "CreateAuthorizer", `authorizerResultTtlInSeconds`). */
export const MAX_TTL_S = 3600;

/** Whether answers of an authorizer's routes may be kept on this kind of API. */
export function isKept(authorizer: CachingAuthorizer, api: CachingApi): boolean {
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
  tokenSource?: string,
): readonly AuthorizerSettings[] {
  const authorizers = Object.entries(contract.authorizers);
  const isCaching = ttlS > 0 && authorizers.some(([, authorizer]) => isKept(authorizer, api));
  return authorizers.map(([name, authorizer]) => ({
    name,
    ttlS: isKept(authorizer, api) ? ttlS : 0,
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
  tokenSource?: string,
): string {
  const common = (api: CachingApi) => {
    const caching = Object.values(contract.authorizers).filter((authorizer) => isKept(authorizer, api));
    const [first, ...others] = caching.map((authorizer) => authorizer[api]);
    return first?.filter((source) => others.every((sources) => sources.includes(source)));
  };
  return JSON.stringify({
    id: contract.id,
    ...(contract.token_answers !== undefined && apis.includes("rest") && { answers: "token" }),
    ...(tokenSource !== undefined && { token_source: tokenSource }),
    ...Object.fromEntries(apis.map((api) => [api, common(api)])),
  });
}
