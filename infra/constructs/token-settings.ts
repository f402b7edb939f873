import { Duration } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { ofToken } from "../../contract/identity-sources.ts";
import type { CacheContract } from "../../contract/manifest.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import { type AuthorizerPlan, type CachingProps, refuseUnknownTtls } from "./caching.ts";
import { toSynthesisError } from "./failure.ts";

/** Asks that nothing be kept. */
export const NO_CACHE: CachingProps = { ttl: Duration.seconds(0) };

/** A `TOKEN` authorizer has the token alone as key, and takes it from a header. */
export function checkTokenType(
  construct: IConstruct,
  contract: CacheContract,
  tokenSource: TokenSource,
  { ttl, ttlByAuthorizer = {} }: CachingProps,
): void {
  refuseUnknownTtls(construct, { ttl, ttlByAuthorizer });
  const isAsked = [ttl, ...Object.values(ttlByAuthorizer)].some(
    (asked) => asked !== undefined && asked.toSeconds() > 0,
  );
  if (contract.token_documents === undefined && isAsked) {
    const cause =
      "the key of a TOKEN authorizer is the token alone, but answers are for one method and path; leave the TTL out, " +
      "use a REQUEST authorizer, or build with --cache-scope token";
    throw toSynthesisError(construct, "PolicyAuthorizer", cause);
  }
  if (ofToken(tokenSource).from !== "header")
    throw toSynthesisError(
      construct,
      "PolicyAuthorizer",
      "a TOKEN authorizer takes a header only; use a REQUEST authorizer",
    );
}

/** What may be kept under the token alone: answers that hold for all routes of their token. */
export function toTokenSettings(
  settings: ReadonlyMap<string, AuthorizerPlan>,
  contract: CacheContract,
): ReadonlyMap<string, AuthorizerPlan> {
  const entries = [...settings].map(([name, { ttlS }]) => {
    const isKept = contract.authorizers[name]?.class === "token";
    return [name, { name, ttlS: isKept ? ttlS : 0, sources: ["token"] }] as const;
  });
  return new Map(entries);
}
