import { Duration } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { ofToken } from "../../contract/identity-sources.ts";
import { type CacheContract, isEveryRouteOfToken } from "../../contract/manifest.ts";
import { fitsCacheKey, type TokenSource } from "../../contract/token-source.ts";
import { type AuthorizerCaching, type CachingProps, checkTtlsResolved } from "./caching.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** Caching props that turn the cache off. */
export const NO_CACHE: CachingProps = { ttl: Duration.seconds(0) };

/**
 * Checks that a `TOKEN` authorizer can be used: its cache key is the token alone, and it reads the token from a header.
 *
 * @throws An error of synthesis if the TTLs or the token source do not fit.
 */
export function checkTokenType(
  construct: IConstruct,
  contract: CacheContract,
  tokenSources: readonly TokenSource[],
  { ttl, ttlByAuthorizer = {} }: CachingProps,
): void {
  checkTtlsResolved(construct, { ttl, ttlByAuthorizer });
  const isCaching = [ttl, ...Object.values(ttlByAuthorizer)].some(
    (requested) => requested !== undefined && requested.toSeconds() > 0,
  );
  if (contract.token_documents === undefined && isCaching) {
    const cause =
      "the cache key of a TOKEN authorizer is the token alone, but a response is for one method and path; leave the TTL out, " +
      "use a REQUEST authorizer, or build with --cache-scope token";
    throw toSynthesisError(construct, "PolicyAuthorizer", cause);
  }
  if (ofToken("rest", tokenSources)?.from !== "header" || !fitsCacheKey("rest", tokenSources))
    throw toSynthesisError(
      construct,
      "PolicyAuthorizer",
      "a TOKEN authorizer reads the token from a header only; set tokenSource to one header, or use a REQUEST authorizer",
    );
}

/**
 * Restricts caching to the token alone as cache key: only per-token policy documents are cached.
 *
 * The Lambda makes one for a TOKEN authorizer only if every route of the API has class `token`: the event does not show
 * the route. A response for one method and path, cached under the token alone, would deny the token's other requests.
 */
export function toTokenCaching(
  caching: ReadonlyMap<string, AuthorizerCaching>,
  contract: CacheContract,
): ReadonlyMap<string, AuthorizerCaching> {
  const { token_documents: documents } = contract;
  const isPerToken = documents !== undefined && isEveryRouteOfToken(documents);
  const entries = [...caching].map(([name, { ttlS }]) => {
    return [name, { name, ttlS: isPerToken ? ttlS : 0, keyParts: ["token"] }] as const;
  });
  return new Map(entries);
}
