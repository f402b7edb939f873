import type { Duration } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { isCacheable, limitTtl } from "../../analysis/cache/settings.ts";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { CACHING_TRAITS, type CacheKeyPart } from "../../contract/cache-key.ts";
import type { ApiConfiguration } from "../../contract/contract-id.ts";
import { toIdentitySources } from "../../contract/identity-sources.ts";
import { MAX_TTL_S } from "../../contract/limits.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import { DEFAULT_TOKEN_SOURCES, fitsCacheKey, type TokenSource } from "../../contract/token-source.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The name of one API. */
export interface NamedApi {
  /**
   * The name of the API in the alias by which it invokes the authorizer, and in the decision log: letters, digits and hyphens. If it
   * changes, the API gets another alias.
   *
   * @default - the path of the API's construct, without its stack if that is the authorizer's; for a document its kind of API
   */
  readonly apiName?: string;
}

/** How long API Gateway caches the authorizer's responses for one API. */
export interface CachingProps extends NamedApi {
  /**
   * The TTL of the routes whose responses may be cached, at most an hour. All other routes have no cache. Routes with a
   * condition that says `late_by` have a lower one, if that is lower.
   *
   * While a response is cached, API Gateway does not notice that the token has expired or was revoked, that its user has left
   * a group, or that the policy has changed, unless the cache is flushed ({@link AuthorizerCacheFlush}).
   *
   * @default - 60 seconds for a REST API; no cache for an HTTP API, since AWS does not document which context variables its
   *   cache key may have. The authorizer checks at run time that the key is complete, so a TTL is safe to try.
   */
  readonly ttl?: Duration;
  /**
   * The TTL of single authorizers, by the names that `rego-authorizer cache-contract` prints.
   *
   * @default - `ttl`
   */
  readonly ttlByAuthorizer?: Readonly<Record<string, Duration>>;
  /**
   * Several domains or base paths lead to the same stage. The domain is then part of the cache key.
   *
   * @default false
   */
  readonly multipleDomains?: boolean;
}

type Ttls = { readonly ttl: Duration | undefined; readonly ttlByAuthorizer: Readonly<Record<string, Duration>> };

/** How one authorizer of an API caches its responses. */
export interface AuthorizerCaching {
  readonly name: string;
  /** 0: no cache. */
  readonly ttlS: number;
  /** The parts of the cache key, in the words of the cache contract. */
  readonly keyParts: readonly CacheKeyPart[];
}

/**
 * Resolves the requested TTLs to the caching of each authorizer, by its name.
 *
 * @throws An error of synthesis if a TTL is not valid, or the cache contract does not allow it.
 */
export function resolveCaching(
  construct: IConstruct,
  contract: CacheContract,
  api: CachingApi,
  { ttl, ttlByAuthorizer = {}, multipleDomains = false }: CachingProps,
  tokenSources: readonly TokenSource[] = DEFAULT_TOKEN_SOURCES,
): ReadonlyMap<string, AuthorizerCaching> {
  const fail = (cause: string) => toSynthesisError(construct, "PolicyAuthorizer", cause);
  const names = Object.keys(contract.authorizers);
  checkTtlsResolved(construct, { ttl, ttlByAuthorizer });
  for (const requested of [ttl, ...Object.values(ttlByAuthorizer)]) {
    if (requested !== undefined && requested.toSeconds() > MAX_TTL_S)
      throw fail(
        `a TTL of ${requested.toSeconds()} seconds is more than the ${MAX_TTL_S} that API Gateway allows; set a lower one`,
      );
  }
  for (const name of Object.keys(ttlByAuthorizer)) {
    if (!names.includes(name))
      throw fail(`ttlByAuthorizer: no authorizer is called ${name}; the authorizers are ${names.join(", ")}`);
  }
  if (!fitsCacheKey(api, tokenSources)) {
    if (
      [ttl, ...Object.values(ttlByAuthorizer)].some((requested) => requested !== undefined && requested.toSeconds() > 0)
    )
      throw fail(
        `responses must not be cached, since no cache key can hold the token that tokenSource names: a cookie is a part of a header, and API Gateway refuses a request that lacks one of several identity sources; leave the TTL out`,
      );
    return new Map(names.map((name) => [name, { name, ttlS: 0, keyParts: ["token"] }]));
  }
  const isNothingCacheable = Object.values(contract.authorizers).every((authorizer) => !isCacheable(authorizer, api));
  return new Map(
    Object.entries(contract.authorizers).map(([name, authorizer]) => {
      const requested =
        ttlByAuthorizer[name] ?? (!isCacheable(authorizer, api) && !isNothingCacheable ? undefined : ttl);
      if (!isCacheable(authorizer, api) && requested !== undefined && requested.toSeconds() > 0)
        throw fail(describeUncacheable(contract, name));
      const own = ttlByAuthorizer[name]?.toSeconds() ?? 0;
      if (own > limitTtl(authorizer, own))
        throw fail(
          `ttlByAuthorizer: the authorizer ${name} must not cache for more than ${authorizer.max_ttl_s} seconds, since conditions of its routes read the time and say so in late_by; lower its TTL`,
        );
      const wantedS = requested?.toSeconds() ?? CACHING_TRAITS[api].defaultTtlS;
      const ttlS = !isCacheable(authorizer, api) ? 0 : limitTtl(authorizer, wantedS);
      const domain = multipleDomains ? ["domain"] : [];
      const keyParts = [...authorizer[api], ...domain.filter((part) => !authorizer[api].includes(part))];
      return [name, { name, ttlS, keyParts: ttlS > 0 ? keyParts : ["token"] }];
    }),
  );
}

/**
 * Checks that all TTLs are known at synthesis: an unresolved token is a number below zero, which would pass for no TTL.
 *
 * @throws An error of synthesis if a TTL is not known.
 */
export function checkTtlsResolved(construct: IConstruct, { ttl, ttlByAuthorizer }: Ttls): void {
  if (![ttl, ...Object.values(ttlByAuthorizer)].some((requested) => requested?.isUnresolved() === true)) return;
  const cause = "a TTL that is known at deployment only can't be checked; give a number";
  throw toSynthesisError(construct, "PolicyAuthorizer", cause);
}

function describeUncacheable(contract: CacheContract, name: string): string {
  const reasons = contract.routes
    .filter((route) => route.authorizer === name)
    .map(({ verb, path, because }) => {
      const references = because.map(({ read, conditions }) =>
        conditions.length > 0 ? `${read}, which the condition ${conditions.join(", ")} reads` : read,
      );
      // Such an authorizer is not of class never; only HTTP APIs must not cache its responses.
      if (contract.authorizers[name]?.rest_only)
        references.push("where a slash is encoded, which an HTTP API's cache key does not show");
      return `${verb} ${path} depends on ${references.join("; ")}`;
    });
  return `responses of the authorizer ${name} must not be cached: ${reasons.join("; ")}. Leave its TTL out`;
}

/** Formats the cache key of an authorizer as identity sources of a REST or an HTTP API. */
export function formatIdentitySources(
  api: CachingApi,
  { keyParts }: AuthorizerCaching,
  tokenSources: readonly TokenSource[],
): readonly string[] {
  return toIdentitySources(api, keyParts, tokenSources);
}

/** Lists the cache keys of authorizers; undefined for one that caches nothing. */
export function cachedKeysOf(caching: ReadonlyMap<string, AuthorizerCaching>): ApiConfiguration["authorizers"] {
  return new Map([...caching].map(([name, { ttlS, keyParts }]) => [name, ttlS > 0 ? keyParts : undefined]));
}
