import type { Derive } from "../build/package/build.ts";
import type { CacheScope } from "../contract/cache-contract.ts";
import { toAuthorizedRoutes } from "../contract/declared-access.ts";
import { ok } from "../contract/result.ts";
import type { DeclaredRoute } from "../contract/route.ts";
import { toCacheContract } from "./cache/contract.ts";
import { toIamExport } from "./iam/export.ts";

/** The facts about an API that the analysis depends on. */
export interface ApiFacts {
  /** The API's routes, those that are open in its document among them; default: the paths that the policy names. */
  readonly routes?: readonly DeclaredRoute[] | undefined;
  /** `token`: a policy document covers all routes under one token, where the policy permits it. Needs the routes. */
  readonly cacheScope?: CacheScope | undefined;
}

/** Creates the function that derives the cache contract and the IAM documents of a policy, for an API. */
export function createDerive({ routes, cacheScope }: ApiFacts = {}): Derive {
  return function derive({ index, keyDependencies, publicRules }, revision, trailingSlash) {
    // A public route has no authorizer whose responses could be cached, and needs no permission of IAM.
    const authorized = routes === undefined ? ok(undefined) : toAuthorizedRoutes(publicRules, routes);
    if (!authorized.ok) return authorized;
    const contract = toCacheContract(index, keyDependencies, authorized.value, cacheScope, trailingSlash);
    if (!contract.ok) return contract;
    return ok({ cacheContract: contract.value, iam: toIamExport(index, keyDependencies, revision, authorized.value) });
  };
}
