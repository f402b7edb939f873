import { createHash } from "node:crypto";
import type { CacheKeyDependency } from "../../build/policy/key-dependencies.ts";
import type { CacheScope } from "../../contract/cache-contract.ts";
import { BASE_CACHE_KEY, isMandatory } from "../../contract/cache-key.ts";
import { groupBy } from "../../contract/group-by.ts";
import type { CacheClass, CacheContract, CachingAuthorizer, TrailingSlash } from "../../contract/manifest.ts";
import { createOverlapIndex } from "../../contract/overlap-index.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import {
  deriveEach,
  type ForEachKey,
  type IndexedDenial,
  type IndexedGrant,
  type NoOtherKeys,
  type PolicyIndex,
} from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { methodsOf, type Route, withoutNames } from "../../contract/route.ts";
import { sortedRoutes, toRouteTableId } from "../paths/route-table.ts";
import { toTokenDocumentParts } from "./token-documents.ts";

/** A grant or denial that reads more than the token. */
interface Reader {
  readonly verbs: readonly string[];
  readonly path: string;
  readonly dependencies: readonly CacheKeyDependency[];
}

/** The error of per-token policy documents without the routes of an API. */
export const NEEDS_ROUTES =
  "per-token policy documents are made for the routes of an API; give its OpenAPI document with --openapi FILE";

/**
 * Derives the cache contract of a policy.
 *
 * Every grant and denial that shares a path with a route counts for its class, even if API Gateway would give that path
 * to a more specific route.
 *
 * @param routes - The API's routes; default: the methods and paths that the policy names.
 * @param cacheScope - `token` adds the parts of per-token policy documents, which needs `routes`.
 * @param trailingSlash - With `same`, HTTP APIs cache less.
 * @returns The contract, or a line for each reason why per-token policy documents are not possible.
 */
export function toCacheContract(
  index: PolicyIndex,
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
  routes: readonly Route[] | undefined,
  cacheScope: CacheScope = "request",
  trailingSlash: TrailingSlash = "denied",
): Result<CacheContract, readonly string[]> {
  if (cacheScope === "token" && routes === undefined) {
    return err([NEEDS_ROUTES]);
  }
  const readers = listReaders(index, dependencies);
  const readersAt = createOverlapIndex(readers);
  const classified = (routes ?? listRoutes(index)).map((route) => classify(route, readersAt(route.path)));
  const named = classified.map(({ dependencies: own, ...route }) => ({
    ...route,
    authorizer: nameAuthorizer(route, own, trailingSlash),
  }));
  const authorizers = Object.fromEntries(
    [...groupBy(classified, (route) => nameAuthorizer(route, route.dependencies, trailingSlash))]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, list]) => [name, toAuthorizer(list, cacheScope, trailingSlash)]),
  );
  const all = readers.flatMap((reader) => reader.dependencies);
  const sources = [...new Set(all.flatMap((one) => one.sources ?? ["never"]))].sort();
  const contract = {
    id: toId(readers, undefined, trailingSlash),
    key_dependencies: sources,
    required: sources.filter(isMandatory),
    ...toMaxTtl(all),
    ...(routes !== undefined && { route_table: toRouteTableId(routes) }),
    routes: named,
    authorizers,
  };
  if (cacheScope === "request") return ok(contract);
  const proved = toTokenDocumentParts(index, named, trailingSlash);
  if (!proved.ok) return err(proved.error.map((line) => `per-token policy documents are not possible: ${line}`));
  return ok({
    ...contract,
    id: toId(readers, toRouteTableId(named), trailingSlash),
    token_documents: proved.value,
  });
}

/** Lists the methods and paths that a policy names. */
function listRoutes({ grants, denials }: PolicyIndex): readonly Route[] {
  const all = [...Object.values(grants), ...Object.values(denials)];
  const routes = all.flatMap(({ verbs, path }) => verbs.map((verb) => ({ verb, path })));
  // ANY includes the other HTTP methods of its path.
  const ofAny = new Set(routes.filter(({ verb }) => verb === "ANY").map(({ path }) => path));
  const isWithinAny = ({ verb, path }: Route) => verb !== "ANY" && verb !== "CONNECT" && ofAny.has(path);
  return sortedRoutes(routes.filter((route) => !isWithinAny(route)));
}

/** Lists the grants and denials that read more than the token, the method and the path. */
function listReaders(
  index: PolicyIndex,
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
): readonly Reader[] {
  // A principal's roles follow from the token.
  const { grants, denials, roles: _roles, ...others } = index;
  others satisfies NoOtherKeys;
  const ofConditions = (names: readonly string[]) => names.flatMap((name) => dependencies.get(name) ?? []);
  const ofGrant = dependenciesOfGrant(ofConditions);
  const ofDenial = dependenciesOfDenial(ofConditions);
  const readers = [
    ...Object.values(grants).map((grant) => ({ ...grant, dependencies: deriveEach(ofGrant, grant).flat() })),
    ...Object.values(denials).map((denial) => ({ ...denial, dependencies: deriveEach(ofDenial, denial).flat() })),
  ];
  return readers
    .filter((reader) => reader.dependencies.length > 0)
    .map(({ verbs, path, dependencies: own }) => ({ verbs, path, dependencies: own }));
}

/** Lists the cache-key dependencies of conditions. */
type DependenciesOfConditions = (names: readonly string[]) => readonly CacheKeyDependency[];

const inEveryKey = (): readonly CacheKeyDependency[] => [];

/** The keys that grants and denials both have, besides their conditions. */
const COMMON_KEYS = {
  // Each API has its own cache.
  api: inEveryKey,
  roles: inEveryKey,
  verbs: inEveryKey,
  path: inEveryKey,
  params: inEveryKey,
  tail: inEveryKey,
};

/** Lists, for each key of a grant, what it reads besides the token, the method and the path, which are in every cache key. */
function dependenciesOfGrant(
  ofConditions: DependenciesOfConditions,
): ForEachKey<IndexedGrant, readonly CacheKeyDependency[]> {
  return {
    ...COMMON_KEYS,
    where: inEveryKey,
    when: ({ when }) => ofConditions(when),
  };
}

/** Lists, for each key of a denial, what it reads besides the token, the method and the path. */
function dependenciesOfDenial(
  ofConditions: DependenciesOfConditions,
): ForEachKey<IndexedDenial, readonly CacheKeyDependency[]> {
  return {
    ...COMMON_KEYS,
    unless: ({ unless }) => ofConditions(unless),
  };
}

/**
 * Classifies a route by what is read for its requests.
 *
 * @param readers - Those that share a path with the route.
 */
function classify(route: Route, readers: readonly Reader[]) {
  const methods = methodsOf(route.verb);
  const concerned = readers.filter(({ verbs }) =>
    verbs.some((verb) => methodsOf(verb).some((method) => methods.includes(method))),
  );
  const dependencies = concerned.flatMap((reader) => reader.dependencies);
  const isWebSocket = route.verb === "CONNECT";
  const because = isWebSocket ? [{ read: "a WebSocket's $connect", conditions: [] }] : reasonsOf(dependencies);
  const isNever = isWebSocket || dependencies.some(({ sources }) => sources === undefined);
  const cacheClass: CacheClass = isNever ? "never" : dependencies.length > 0 ? "request" : "token";
  return { ...route, class: cacheClass, because, dependencies };
}

function toAuthorizer(
  routes: readonly ReturnType<typeof classify>[],
  cacheScope: CacheScope,
  trailingSlash: TrailingSlash,
): CachingAuthorizer {
  const cacheClass = routes[0]?.class ?? "never";
  if (cacheClass === "never") return { class: "never", rest: ["token"], http: BASE_CACHE_KEY.http, because: {} };
  const dependencies = routes.flatMap((route) => route.dependencies);
  const restOnly = routes.some(({ path }) => isRestOnly(path, trailingSlash));
  const sources = sourcesOf(dependencies);
  const because = sources.map((source) => {
    const readers = dependencies.filter((one) => one.sources?.includes(source));
    return [source, [...new Set(readers.map(({ condition }) => condition))].sort()];
  });
  return {
    class: cacheClass,
    rest: cacheClass === "token" && cacheScope === "token" ? ["token"] : [...BASE_CACHE_KEY.rest, ...sources],
    http: [...BASE_CACHE_KEY.http, ...sources],
    ...(restOnly && { rest_only: true as const }),
    ...toMaxTtl(dependencies),
    because: Object.fromEntries(because),
  };
}

function sourcesOf(dependencies: readonly CacheKeyDependency[]): readonly string[] {
  return [...new Set(dependencies.flatMap((one) => one.sources ?? []))].sort();
}

/** Finds the longest TTL: a response must not be cached for longer than any condition may notice late that time has passed. */
function toMaxTtl(dependencies: readonly CacheKeyDependency[]): { readonly max_ttl_s?: number } {
  const limits = dependencies.flatMap(({ lateByS }) => lateByS ?? []);
  return limits.length === 0 ? {} : { max_ttl_s: Math.min(...limits) };
}

function reasonsOf(dependencies: readonly CacheKeyDependency[]) {
  const byRead = groupBy(dependencies, ({ read }) => read);
  return [...byRead]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([read, list]) => ({ read, conditions: [...new Set(list.map(({ condition }) => condition))].sort() }));
}

/**
 * Names the authorizer of a route: one for each class, and further ones where routes must not share it.
 *
 * A header or query parameter in a cache key is mandatory, so its authorizer has no routes that don't need it. Routes whose
 * responses HTTP APIs must not cache have an authorizer of their own, too, and so have routes with a longest TTL.
 */
function nameAuthorizer(
  { class: cacheClass, path }: { class: CacheClass; path: string },
  dependencies: readonly CacheKeyDependency[],
  trailingSlash: TrailingSlash,
): string {
  if (cacheClass === "never") return "never";
  const mandatory = cacheClass === "request" ? sourcesOf(dependencies).filter(isMandatory) : [];
  const apart = isRestOnly(path, trailingSlash) ? ["rest-only"] : [];
  const { max_ttl_s: maxTtlS } = toMaxTtl(dependencies);
  const limited = maxTtlS === undefined ? [] : [`${maxTtlS}s`];
  return [cacheClass, ...apart, ...mandatory, ...limited].join("-").replaceAll(/[^\w.-]+/g, "-");
}

/**
 * Tells whether two requests with different decisions can have one cache key on an HTTP API, which decodes `%2F` before it
 * makes the key. For `/{a}/{b+}` these are `/1/2/3` and `/1%2F2/3`. For `/{a}` they are `/1/` and `/1%2F`, of which the second is
 * denied: they differ in their decisions if a trailing slash is the same.
 */
function isRestOnly(path: string, trailingSlash: TrailingSlash): boolean {
  const segments = parseTemplate(path);
  const last = segments.at(-1);
  if (last?.kind !== "parameter") return false;
  return last.isGreedy
    ? segments.slice(0, -1).some((segment) => segment.kind === "parameter")
    : trailingSlash === "same";
}

function toId(readers: readonly Reader[], routeTableId: string | undefined, trailingSlash: TrailingSlash): string {
  const lines = readers.map(({ verbs, path, dependencies }) => {
    const sources = [...new Set(dependencies.flatMap((one) => one.sources ?? ["never"]))].sort();
    const { max_ttl_s: maxTtlS } = toMaxTtl(dependencies);
    const limited = maxTtlS === undefined ? "" : ` ${maxTtlS}s`;
    return `${[...verbs].sort().join(",")} ${withoutNames(path)} ${sources.join(",")}${limited}\n`;
  });
  const slash = trailingSlash === "same" ? "trailing slash same\n" : "";
  const text = JSON.stringify(BASE_CACHE_KEY) + [...new Set(lines)].sort().join("") + (routeTableId ?? "") + slash;
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
