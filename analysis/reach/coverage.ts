import type { CachingApi } from "../../contract/api-kinds.ts";
import { groupBy } from "../../contract/group-by.ts";
import { createOverlapIndex } from "../../contract/overlap-index.ts";
import { type LocatedRoute, methodsOf, methodsOfAll, type Route } from "../../contract/route.ts";
import { globOfTemplate } from "../paths/iam-patterns.ts";
import { createAutomaton, createIntersection, RUN } from "../paths/language.ts";
import { findCounterexample } from "../paths/search.ts";
import { isServedBefore } from "./precedence.ts";

/** A grant, a denial or a public rule, as far as it says which requests it is about. */
export interface CoveringRule {
  readonly kind: "grant" | "denial" | "public";
  readonly name: string;
  /** The names of the APIs that it is for; missing: all. */
  readonly apis?: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
  readonly file: string;
  readonly line: number;
}

/** A route of an API, and the name of the API if there are several. */
export type RouteOfApi = Omit<LocatedRoute, "api"> & { readonly api?: string | undefined };

/** The routes and the rules of a policy that have nothing to do with each other. */
export interface Coverage {
  readonly routes: number;
  readonly rules: number;
  /** The routes that no grant, denial or public rule reaches: nobody can call them, and nothing says so. */
  readonly routesWithoutRule: readonly RouteOfApi[];
  /** The routes that denials reach, and no grant: nobody can call them. */
  readonly deniedRoutes: readonly RouteOfApi[];
  /** The rules that no route reaches. */
  readonly rulesWithoutRoute: readonly CoveringRule[];
  /** The rules for WebSocket APIs, whose routes no OpenAPI document has. */
  readonly rulesOfWebSocket: readonly CoveringRule[];
}

/**
 * Compares the rules of a policy with the routes of its APIs.
 *
 * A rule reaches a route if there is a request that the rule is about and that API Gateway serves by this route: with the
 * routes `/orders/{id}` and `/{proxy+}`, a grant for `/orders/{id}` does not reach the second. Routes for `OPTIONS` need no rule:
 * a preflight carries no token.
 *
 * @param kind - The kind of the APIs. Without it, a route comes before another one if it does so on both kinds.
 */
export function toCoverage(routes: readonly RouteOfApi[], rules: readonly CoveringRule[], kind?: CachingApi): Coverage {
  const isOfHttp = ({ verbs }: CoveringRule) => methodsOfAll(verbs).some((method) => method !== "CONNECT");
  const compared = rules.filter(isOfHttp);
  const reached = new Map<RouteOfApi, Set<CoveringRule["kind"]>>();
  const used = new Set<CoveringRule>();
  const rulesNear = createOverlapIndex(compared);
  for (const ofApi of groupBy(routes, apiOf).values()) {
    const routesNear = createOverlapIndex(ofApi);
    for (const route of ofApi) {
      const kinds = new Set<CoveringRule["kind"]>();
      reached.set(route, kinds);
      for (const rule of rulesNear(route.path)) {
        if (used.has(rule) && kinds.has(rule.kind)) continue;
        if (!reaches(rule, route, routesNear(rule.path), kind)) continue;
        kinds.add(rule.kind);
        used.add(rule);
      }
    }
  }
  const listRoutes = (is: (kinds: ReadonlySet<CoveringRule["kind"]>) => boolean) =>
    routes.filter((route) => route.verb !== "OPTIONS" && is(reached.get(route) ?? new Set()));
  return {
    routes: routes.length,
    rules: rules.length,
    routesWithoutRule: listRoutes((kinds) => kinds.size === 0),
    deniedRoutes: listRoutes((kinds) => kinds.has("denial") && kinds.size === 1),
    rulesWithoutRoute: compared.filter((rule) => !used.has(rule)),
    rulesOfWebSocket: rules.filter((rule) => !isOfHttp(rule)),
  };
}

function apiOf({ api, file }: RouteOfApi): string {
  return api ?? file;
}

/**
 * Tells whether API Gateway serves some request by a route that a rule is about.
 *
 * @param near - The routes of the API that match some path of the rule.
 */
function reaches(rule: CoveringRule, route: RouteOfApi, near: readonly Route[], kind: CachingApi | undefined): boolean {
  const { apis = [] } = rule;
  if (apis.length > 0 && (route.api === undefined || !apis.includes(route.api))) return false;
  const methods = methodsOf(route.verb).filter((method) => methodsOfAll(rule.verbs).includes(method));
  // Most methods of `ANY` are served before by the same routes, so each list of these is looked at once.
  const before = new Set(
    methods.map((method) =>
      near
        .filter((other) => isServedBefore(other, route, method, kind))
        .map(({ path }) => path)
        .join("\n"),
    ),
  );
  return [...before].some((paths) => hasOwnPath(route.path, rule.path, paths === "" ? [] : paths.split("\n")));
}

/** Tells whether both templates match some path that none of the others matches. */
function hasOwnPath(route: string, rule: string, others: readonly string[]): boolean {
  if (others.length === 0) return true;
  const claim = {
    universe: createIntersection(createAutomaton([globOfTemplate(route)]), createAutomaton([globOfTemplate(rule)])),
    matched: createAutomaton([[RUN]]),
    must: createAutomaton([]),
    may: createAutomaton(others.map((path) => globOfTemplate(path))),
  };
  return findCounterexample(claim, NO_LITERAL) !== undefined;
}

/** A segment that no template names, since a path has no slash in a segment. */
const NO_LITERAL = "/";
