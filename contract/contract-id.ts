import { createHash } from "node:crypto";
import type { ApiContract } from "./api-contracts.ts";
import type { Api, HttpResponse } from "./api-kinds.ts";
import type { CacheScope } from "./cache-contract.ts";
import type { CacheKeyPart } from "./cache-key.ts";
import { formatTokenSources, type TokenSource } from "./token-source.ts";

/** Everything that API Gateway is configured with for an API, and that a response relies on. */
export interface ApiConfiguration {
  /** The id of the cache contract in the manifest: which routes depend on which parts of a request. */
  readonly cacheContract: string;
  readonly api: Api;
  /** The type of its authorizers; `TOKEN` for REST APIs only. */
  readonly type: "REQUEST" | "TOKEN";
  /** The form of response that its authorizers expect. */
  readonly response: HttpResponse;
  /** Whether responses have the API key of a usage plan, which a REST API may expect. */
  readonly hasUsageKey: boolean;
  readonly cacheScope: CacheScope;
  readonly tokenSources: readonly TokenSource[];
  /** A number that makes another contract of the same configuration; default: 1. */
  readonly generation?: number | undefined;
  /** The cache key of each authorizer; undefined for one that caches nothing. */
  readonly authorizers: ReadonlyMap<string, readonly CacheKeyPart[] | undefined>;
  /** `report` if its authorizers let every request through; missing if they enforce decisions. */
  readonly mode?: "report";
}

/** Computes the id of a contract: 12 hexadecimal digits of a SHA-256 over the configuration of an API. */
export function toContractId(configuration: ApiConfiguration): string {
  const { cacheContract, api, type, response, hasUsageKey, cacheScope, tokenSources } = configuration;
  const { authorizers, generation = 1, mode } = configuration;
  const sorted = [...authorizers].sort(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify({
    cache_contract: cacheContract,
    api,
    type,
    response,
    usage_key: hasUsageKey,
    cache_scope: cacheScope,
    token_source: formatTokenSources(tokenSources),
    authorizers: sorted.map(([name, key]) => [name, key ?? null]),
    ...(generation > 1 && { generation }),
    ...(mode !== undefined && { mode }),
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Reduces a configuration to the part that the Lambda needs: what is in the cache keys of all caching authorizers. */
export function toApiContract({ api, cacheScope, authorizers, mode }: ApiConfiguration): ApiContract {
  const [first, ...others] = [...authorizers.values()].filter((key) => key !== undefined);
  const key = first?.filter((part) => others.every((parts) => parts.includes(part)));
  return { api, cacheScope: key === undefined ? "request" : cacheScope, key, ...(mode !== undefined && { mode }) };
}
