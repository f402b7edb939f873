import { createHash } from "node:crypto";
import type { CacheKeyDependency } from "../../build/policy/key-dependencies.ts";
import type { CacheScope } from "../../contract/cache-contract.ts";
import type { CacheContract, TrailingSlash } from "../../contract/manifest.ts";
import { overlaps } from "../../contract/path-template.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { methodsOf, methodsOfAll, type Route } from "../../contract/route.ts";
import { toIndexOfApi } from "../../contract/rule-apis.ts";
import { sortedRoutes } from "../paths/route-table.ts";
import { toCacheContract } from "./contract.ts";

/** The routes of an API. */
export interface ApiRoutes {
  /** Undefined for the only API of a policy. */
  readonly name: string | undefined;
  readonly routes: readonly Route[];
}

/** An API by its name, and its routes. */
interface NamedApiRoutes extends ApiRoutes {
  readonly name: string;
}

/** Lists the APIs that have names. */
export function listNamed(apis: readonly ApiRoutes[]): readonly NamedApiRoutes[] {
  return apis.flatMap(({ name, routes }) => (name === undefined ? [] : [{ name, routes }]));
}

/** Lists the routes of all APIs, each once. */
export function listAllRoutes(apis: readonly ApiRoutes[]): readonly Route[] {
  return sortedRoutes(apis.flatMap(({ routes }) => routes));
}

/** The cache contracts of several APIs. */
export interface ContractsOfApis {
  /** The contract of all APIs together, which says for which package a deployment is configured. */
  readonly common: CacheContract;
  /** By the name of the API. */
  readonly apis: Readonly<Record<string, CacheContract>>;
}

/**
 * Derives the cache contract of each of several APIs, and the one of all together.
 *
 * The contract of an API follows from its routes, and from the grants and denials for it that share a path with one of these. So
 * no route and no rule of another API changes it.
 *
 * @returns The contracts, or a line for each reason why per-token policy documents are not possible.
 */
export function toContractsOfApis(
  index: PolicyIndex,
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
  apis: readonly NamedApiRoutes[],
  cacheScope: CacheScope,
  trailingSlash: TrailingSlash,
): Result<ContractsOfApis, readonly string[]> {
  const common = toCacheContract(index, dependencies, listAllRoutes(apis), "request", trailingSlash);
  if (!common.ok) return common;
  const own = apis.map(({ name, routes }) => {
    const rules = onRoutes(toIndexOfApi(index, name), routes);
    return { name, contract: toCacheContract(rules, dependencies, routes, cacheScope, trailingSlash) };
  });
  const errors = own.flatMap(({ name, contract }) => (contract.ok ? [] : contract.error.map((e) => `${name}: ${e}`)));
  if (errors.length > 0) return err(errors);
  const contracts = Object.fromEntries(
    own.flatMap(({ name, contract }) => (contract.ok ? [[name, contract.value] as const] : [])),
  );
  const id = cacheScope === "token" ? toCommonId(common.value, contracts) : common.value.id;
  return ok({ common: { ...common.value, id }, apis: contracts });
}

/** Computes an id that changes with every route of an API that has per-token policy documents. */
function toCommonId({ id }: CacheContract, apis: ContractsOfApis["apis"]): string {
  const ids = Object.entries(apis).map(([name, contract]) => `${name} ${contract.id}\n`);
  return `sha256:${createHash("sha256")
    .update(`${id}\n${ids.sort().join("")}`)
    .digest("hex")}`;
}

/** Reduces an index to the grants and denials that share a method and a path with a route. */
function onRoutes(index: PolicyIndex, routes: readonly Route[]): PolicyIndex {
  const isOnRoute = ({ verbs, path }: { readonly verbs: readonly string[]; readonly path: string }) => {
    const methods = methodsOfAll(verbs);
    return routes.some(
      (route) => methodsOf(route.verb).some((method) => methods.includes(method)) && overlaps(route.path, path),
    );
  };
  return {
    ...index,
    grants: Object.fromEntries(Object.entries(index.grants).filter(([, grant]) => isOnRoute(grant))),
    denials: Object.fromEntries(Object.entries(index.denials).filter(([, denial]) => isOnRoute(denial))),
  };
}
