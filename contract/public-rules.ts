import { type Checks, closed, is, listOf, optional, TEXT, TEXTS } from "./checks.ts";
import { isText, isTexts } from "./json.ts";
import { covers, intersect, overlaps } from "./path-template.ts";
import { HTTP_METHODS, methodsOf, methodsOfAll, type Route } from "./route.ts";

/** A rule of the policy that opens a route to everybody, without an authorizer. The engine does not know it. */
export interface PublicRule {
  /** With its area: `ops.health`. */
  readonly name: string;
  /** HTTP methods, and `ANY` for all of them; sorted. */
  readonly verbs: readonly string[];
  /** A path template without a greedy parameter. */
  readonly path: string;
  /** The names of the APIs that it is for, sorted; undefined: all. */
  readonly apis?: readonly string[];
  /** The title in its METADATA; undefined without one. */
  readonly title?: string;
}

/** A public rule, and its place in the policy. */
export interface LocatedPublicRule extends PublicRule {
  /** `ops` */
  readonly area: string;
  readonly file: string;
  readonly line: number;
}

/** Whether the policy opens a route to everybody. The names are those of public rules. */
export type RouteAccess =
  /** Every request that API Gateway gives to the route is public: the route has no authorizer. */
  | { readonly kind: "public"; readonly rules: readonly string[] }
  /** No request is public: the route has the policy's authorizer. */
  | { readonly kind: "closed" }
  /** Some requests are public and others are not, so that neither is right. */
  | { readonly kind: "partly"; readonly rules: readonly string[] };

/**
 * Judges whether the policy opens a route to everybody. Everything that makes, checks or emulates routes decides by this function.
 *
 * @param routes - The routes of the API. API Gateway gives a request to the most specific one, so that a public path with a route
 *   of its own is not one of a wider route. Without it, only the route itself counts.
 * @param api - The name of the API; without it, rules for named APIs don't count.
 */
export function judgeRoute(
  rules: readonly PublicRule[],
  route: Route,
  routes: readonly Route[] = [],
  api?: string,
): RouteAccess {
  const own = rules
    .filter(({ apis }) => apis === undefined || (api !== undefined && apis.includes(api)))
    .filter(({ path }) => overlaps(path, route.path));
  if (own.length === 0 || route.verb === "CONNECT") return { kind: "closed" };
  // A route for every verb gets only the requests whose verb has no route on the same path.
  const methods = methodsOf(route.verb).filter((method) => !isTaken(method, route.path, route, routes));
  const open = methods.map((method) => own.filter((rule) => methodsOfAll(rule.verbs).includes(method)));
  const isWhole = open.every((found) => found.some((rule) => covers(rule.path, route.path)));
  const touching = methods.flatMap((method, at) =>
    (open[at] ?? []).filter((rule) => !isTaken(method, intersect(rule.path, route.path), route, routes)),
  );
  const names = [...new Set(touching.map(({ name }) => name))].sort();
  if (names.length === 0) return { kind: "closed" };
  return { kind: isWhole ? "public" : "partly", rules: names };
}

/** Tells whether API Gateway gives requests for some paths, of those of a route, to a more specific route. */
function isTaken(method: string, paths: string, route: Route, routes: readonly Route[]): boolean {
  return routes.some((other) => {
    if (!methodsOf(other.verb).includes(method) || !covers(other.path, paths)) return false;
    if (covers(other.path, route.path))
      return covers(route.path, other.path) && route.verb === "ANY" && other.verb !== "ANY";
    return covers(route.path, other.path);
  });
}

const RULE: Checks<PublicRule> = {
  name: TEXT,
  verbs: is((verbs) => isTexts(verbs) && verbs.every((verb) => verb === "ANY" || HTTP_METHODS.includes(verb))),
  // A greedy one would open paths that nobody has named.
  path: is((path) => isText(path) && path.startsWith("/") && !path.includes("+}")),
  apis: optional(TEXTS),
  title: optional(TEXT),
};

/** Checks the public rules of a document. */
export const PUBLIC_RULES = listOf(closed(RULE));
