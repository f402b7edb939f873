import type { Derive } from "../build/package/build.ts";
import type { CacheScope } from "../contract/cache-contract.ts";
import { ok } from "../contract/result.ts";
import type { Route } from "../contract/route.ts";
import { toCacheContract } from "./cache/contract.ts";
import { toIamExport } from "./iam/export.ts";

/** The facts about an API that the analysis depends on. */
export interface ApiFacts {
  /** The API's routes; default: the paths that the policy names. */
  readonly routes?: readonly Route[] | undefined;
  /** `token`: a policy document covers all routes under one token, where the policy permits it. Needs the routes. */
  readonly cacheScope?: CacheScope | undefined;
}

/** Creates the function that derives the cache contract and the IAM documents of a policy, for an API. */
export function createDerive({ routes, cacheScope }: ApiFacts = {}): Derive {
  return function derive({ index, keyDependencies }, revision, trailingSlash) {
    const contract = toCacheContract(index, keyDependencies, routes, cacheScope, trailingSlash);
    if (!contract.ok) return contract;
    return ok({ cacheContract: contract.value, iam: toIamExport(index, keyDependencies, revision, routes) });
  };
}
