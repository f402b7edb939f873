import { findAuthorizer, unknownRoute } from "../analysis/cache/route-authorizer.ts";
import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { DEFAULT_TTL_S, MAX_TTL_S } from "../contract/limits.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { isPreflightOperation } from "./intent.ts";
import { findOpenOperations } from "./open-operations.ts";
import { operationsOf } from "./operations.ts";
import { createOperationJudge, describeClosed, type PublicRoutes } from "./public-operations.ts";
import { readSecurity } from "./security.ts";

/** The API of a document that has authorizers already, and what its cache contract says about them. */
export interface Checking extends PublicRoutes {
  readonly contract: CacheContract;
  readonly api: CachingApi;
  /** The authorizers as the contract allows them. */
  readonly settings: readonly AuthorizerSettings[];
  /** The security schemes of other authorizers that are accepted. */
  readonly accepted?: readonly string[];
}

/** The result of checking a document. */
export interface DocumentCheck {
  /** A line for every operation that is open, or whose responses would be cached although the cache contract forbids it. */
  readonly errors: readonly string[];
  /** At least one authorizer has a TTL above 0. */
  readonly isCaching: boolean;
  /** The URIs that its authorizers name. */
  readonly uris: readonly string[];
  /** A line for every public operation that has an authorizer. */
  readonly notices: readonly string[];
}

/**
 * Checks a document that has authorizers already: every operation that is not public has one, and it caches only what the cache
 * contract allows.
 */
export function checkDocument(document: unknown, checking: Checking): DocumentCheck {
  const { contract, api, settings, accepted = [] } = checking;
  const judge = createOperationJudge(document, checking);
  const errors = [...findOpenOperations(document, api, judge)];
  const notices: string[] = [];
  const uris = new Set<string>();
  let isCaching = false;
  for (const one of operationsOf(document)) {
    const { verb, path, operation } = one;
    const { schemes } = readSecurity(document, operation, api);
    if (schemes === undefined || isPreflightOperation(document, one)) continue;
    const access = judge(one);
    if (access.kind === "public") {
      notices.push(describeClosed(`${verb} ${path}`, access, schemes.map(({ name }) => name).join(", ")));
      continue;
    }
    const own = schemes.filter((scheme) => !accepted.includes(scheme.name));
    const authorizers = own.flatMap(({ authorizer }) => (authorizer === undefined ? [] : [authorizer]));
    if (authorizers.length === 0) continue;
    const name = findAuthorizer(contract, verb, path);
    if (name === undefined) {
      errors.push(unknownRoute(verb, path));
      continue;
    }
    const { identitySources: needed = [], ttlS } = settings.find((own) => own.name === name) ?? {};
    const isUncacheable = ttlS === 0;
    for (const authorizer of authorizers) {
      const { authorizerUri: uri } = authorizer;
      if (uri !== undefined) uris.add(typeof uri === "string" ? uri : JSON.stringify(uri));
      if (toTtl(authorizer) === 0) continue;
      isCaching = true;
      const maxTtlS = contract.authorizers[name]?.max_ttl_s ?? MAX_TTL_S;
      const error = findCachingError(authorizer, isUncacheable, needed, maxTtlS);
      if (error !== undefined) errors.push(`${verb} ${path} ${error}`);
    }
  }
  // One URI can't be compared with the URI of the policy's Lambda, since a URI has many spellings.
  if (uris.size > 1) {
    const list = [...uris].join(", ");
    errors.push(
      `the authorizers invoke several Lambdas, and only one of them has the policy; use one authorizerUri: ${list}`,
    );
  }
  return { errors, isCaching, uris: [...uris], notices };
}

/** Says what is wrong with the TTL or the cache key of an authorizer; undefined if both are right. */
function findCachingError(
  authorizer: Readonly<Record<string, unknown>>,
  isUncacheable: boolean,
  needed: readonly string[],
  maxTtlS: number,
): string | undefined {
  const ttl = toTtl(authorizer);
  if (typeof ttl !== "number" || !Number.isInteger(ttl) || ttl < 0)
    return `has the TTL ${JSON.stringify(ttl)}, which is not a whole number of seconds; correct authorizerResultTtlInSeconds`;
  if (isUncacheable) {
    return `caches responses for ${ttl} seconds, but its responses must not be cached; set authorizerResultTtlInSeconds to 0, as rego-authorizer openapi does`;
  }
  if (ttl > MAX_TTL_S) {
    return `caches responses for ${ttl} seconds, more than the ${MAX_TTL_S} that API Gateway allows; lower authorizerResultTtlInSeconds`;
  }
  if (ttl > maxTtlS) {
    return `caches responses for ${ttl} seconds, but conditions read the time and say in late_by that ${maxTtlS} are the most; lower authorizerResultTtlInSeconds`;
  }
  const sources = String(authorizer["identitySource"] ?? "").split(/\s*,\s*/);
  const missing = needed.filter((source) => !sources.includes(source));
  if (missing.length === 0) return undefined;
  return `caches responses without ${missing.join(", ")} in the cache key; add that to identitySource, as rego-authorizer openapi does`;
}

function toTtl({ authorizerResultTtlInSeconds: ttl }: Readonly<Record<string, unknown>>): unknown {
  return ttl === undefined ? DEFAULT_TTL_S : ttl;
}
