import type { Duration } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { isCacheable } from "../../analysis/cache/settings.ts";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { MAX_TTL_S } from "../../contract/cache-key.ts";
import { toIdentitySources } from "../../contract/identity-sources.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import { toSynthesisError } from "./failure.ts";

/** How long API Gateway keeps the answers for one API. */
export interface CachingProps {
  /**
   * Of routes whose answers may be kept; all others have no cache. At most an hour.
   *
   * For this long after its last use a token is obeyed as it was then: neither its expiry, nor a revocation, nor a user
   * leaving a group, nor a new policy is noticed, unless the cache is flushed ({@link AuthorizerCacheFlush}).
   *
   * @default - 60 seconds for a REST API; none for an HTTP API, since AWS does not say which context variables may be in
   *   its key. The authorizer checks that they are, so that asking for one is safe to try.
   */
  readonly ttl?: Duration;
  /**
   * Of single authorizers, by the names that `npm run cache-contract` shows.
   *
   * @default - `ttl`
   */
  readonly ttlByAuthorizer?: Readonly<Record<string, Duration>>;
  /**
   * Several domains or base paths lead to the same stage: the domain is in the key, too.
   *
   * @default false
   */
  readonly multipleDomains?: boolean;
}

type Asked = { readonly ttl: Duration | undefined; readonly ttlByAuthorizer: Readonly<Record<string, Duration>> };

/** An authorizer to be made. */
export interface AuthorizerPlan {
  readonly name: string;
  readonly ttlS: number;
  /** As the cache contract has them. */
  readonly sources: readonly string[];
}

const DEFAULT_TTL_S = { rest: 60, http: 0 };

/** What the contract allows of what is asked for; by the authorizers' names. */
export function toAuthorizerSettings(
  construct: IConstruct,
  contract: CacheContract,
  api: CachingApi,
  { ttl, ttlByAuthorizer = {}, multipleDomains = false }: CachingProps,
): ReadonlyMap<string, AuthorizerPlan> {
  const fail = (cause: string) => toSynthesisError(construct, "PolicyAuthorizer", cause);
  const names = Object.keys(contract.authorizers);
  refuseUnknownTtls(construct, { ttl, ttlByAuthorizer });
  for (const asked of [ttl, ...Object.values(ttlByAuthorizer)]) {
    if (asked !== undefined && asked.toSeconds() > MAX_TTL_S)
      throw fail(
        `a TTL of ${asked.toSeconds()} seconds is more than the ${MAX_TTL_S} that API Gateway takes; ask for less`,
      );
  }
  for (const name of Object.keys(ttlByAuthorizer)) {
    if (!names.includes(name)) throw fail(`ttlOf: no authorizer is called ${name}; there are ${names.join(", ")}`);
  }
  const isAllNever = Object.values(contract.authorizers).every((authorizer) => !isCacheable(authorizer, api));
  return new Map(
    Object.entries(contract.authorizers).map(([name, authorizer]) => {
      const asked = ttlByAuthorizer[name] ?? (!isCacheable(authorizer, api) && !isAllNever ? undefined : ttl);
      if (!isCacheable(authorizer, api) && asked !== undefined && asked.toSeconds() > 0)
        throw fail(whyNever(contract, name));
      const ttlS = !isCacheable(authorizer, api) ? 0 : (asked?.toSeconds() ?? DEFAULT_TTL_S[api]);
      const domain = multipleDomains ? ["domain"] : [];
      const isInKey = [...authorizer[api], ...domain.filter((source) => !authorizer[api].includes(source))];
      return [name, { name, ttlS, sources: ttlS > 0 ? isInKey : ["token"] }];
    }),
  );
}

/** A token is a number below zero until it is resolved, which passes for no TTL at all. */
export function refuseUnknownTtls(construct: IConstruct, { ttl, ttlByAuthorizer }: Asked): void {
  if (![ttl, ...Object.values(ttlByAuthorizer)].some((asked) => asked?.isUnresolved() === true)) return;
  const cause = "a TTL that is known at deployment only can't be checked; give a number";
  throw toSynthesisError(construct, "PolicyAuthorizer", cause);
}

function whyNever(contract: CacheContract, name: string): string {
  const reasons = contract.routes
    .filter((route) => route.authorizer === name)
    .map(({ verb, path, because }) => {
      const references = because.map(({ read, conditions }) =>
        conditions.length > 0 ? `${read}, which the condition ${conditions.join(", ")} reads` : read,
      );
      // Not of class never, and kept on REST APIs only.
      if (contract.authorizers[name]?.rest_only)
        references.push("where a slash is encoded, which an HTTP API's key does not tell");
      return `${verb} ${path} depends on ${references.join("; ")}`;
    });
  return `answers of the authorizer ${name} must not be kept: ${reasons.join("; ")}. Leave its TTL out`;
}

/** As API Gateway writes the sources of a REST or an HTTP API. */
export function formatSources(api: CachingApi, settings: AuthorizerPlan, tokenSource: TokenSource): readonly string[] {
  return toIdentitySources(api, settings.sources, tokenSource);
}
