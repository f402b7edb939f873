import type { Derive } from "../build/package/build.ts";
import type { CacheScope } from "../contract/cache-contract.ts";
import { ok } from "../contract/result.ts";
import {
  type ApiRoutes,
  listAllRoutes,
  listNamed,
  toAuthorizedApis,
  toContractsOfApis,
} from "./cache/api-contracts.ts";
import { toCacheContract } from "./cache/contract.ts";
import { toIamExport } from "./iam/export.ts";

/** The facts about APIs that the analysis depends on. */
export interface ApiFacts {
  /** The APIs, with the routes that are open in their documents; default: one API with the paths that the policy names. */
  readonly apis?: readonly ApiRoutes[] | undefined;
  /** `token`: a policy document covers all routes under one token, where the policy permits it. Needs the routes. */
  readonly cacheScope?: CacheScope | undefined;
}

/** Creates the function that derives the cache contracts and the IAM documents of a policy, for its APIs. */
export function createDerive({ apis, cacheScope = "request" }: ApiFacts = {}): Derive {
  return function derive({ index, keyDependencies, publicRules }, revision, trailingSlash) {
    // A public route has no authorizer whose responses could be cached, and needs no permission of IAM.
    const authorized = apis === undefined ? ok(undefined) : toAuthorizedApis(publicRules, apis);
    if (!authorized.ok) return authorized;
    const named = listNamed(authorized.value ?? []);
    const routes = authorized.value && listAllRoutes(authorized.value);
    const iam = toIamExport(index, keyDependencies, revision, routes);
    if (named.length > 0) {
      const contracts = toContractsOfApis(index, keyDependencies, named, cacheScope, trailingSlash);
      return contracts.ok
        ? ok({ cacheContract: contracts.value.common, apiContracts: contracts.value.apis, iam })
        : contracts;
    }
    const contract = toCacheContract(index, keyDependencies, routes, cacheScope, trailingSlash);
    return contract.ok ? ok({ cacheContract: contract.value, iam }) : contract;
  };
}
