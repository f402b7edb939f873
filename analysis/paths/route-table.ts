import { createHash } from "node:crypto";
import { type DeclaredRoute, nameOfRoute, type Route } from "../../contract/route.ts";

/** Sorts routes by path and verb, without duplicates. */
export function sortedRoutes(routes: readonly DeclaredRoute[]): readonly DeclaredRoute[] {
  const byName = new Map(routes.map((route) => [`${route.path} ${route.verb}`, route]));
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, route]) => route);
}

/** Computes the identity of a route table. The order of routes and the names of parameters don't matter. */
export function toRouteTableId(routes: readonly Route[]): string {
  const lines = routes.map((route) => `${nameOfRoute(route)}\n`).sort();
  return `sha256:${createHash("sha256").update(lines.join("")).digest("hex")}`;
}
