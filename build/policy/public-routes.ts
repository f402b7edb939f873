import { findAccessErrors, hasAuthorizer } from "../../contract/declared-access.ts";
import { groupBy } from "../../contract/group-by.ts";
import { overlaps } from "../../contract/path-template.ts";
import type { LocatedPublicRule, PublicRule } from "../../contract/public-rules.ts";
import { HTTP_METHODS, type LocatedRoute, methodsOf, methodsOfAll } from "../../contract/route.ts";
import type { Problem } from "./problem.ts";
import { checkApis, formatFiles, isOfApi, toNearest } from "./routes.ts";

/**
 * Finds routes that are open in a document and not public, routes that are public in part, and public rules that no route matches.
 */
export function checkPublicRoutes(
  rules: readonly LocatedPublicRule[],
  routes: readonly LocatedRoute[],
): readonly Problem[] {
  const ofRoutes = documentsOf(routes).flatMap((own) =>
    findAccessErrors(rules, own, own[0]?.api).map(({ code, route, message }): Problem => {
      const { file, line } = route;
      return { code, file, line, message };
    }),
  );
  return [...ofRoutes, ...rules.flatMap((rule) => checkRule(rule, routes))];
}

/** Finds APIs of a rule that have no document, or else that no route of its APIs matches it. */
function checkRule(rule: LocatedPublicRule, all: readonly LocatedRoute[]): readonly Problem[] {
  const ofApis = toApiRule(rule);
  const unknown = checkApis(ofApis, all);
  if (unknown.length > 0) return unknown;
  const routes = all.filter((route) => isOfApi(ofApis, route));
  // Verbs that don't exist, and none, are problems of their own.
  const isOfHttp = methodsOfAll(rule.verbs).some((verb) => HTTP_METHODS.includes(verb));
  return !isOfHttp || hasRoute(rule, routes) ? [] : [toProblem(rule, routes)];
}

/** Gives what a public rule says about APIs in the form of grants and denials. */
export function toApiRule({ name, file, line, apis = [] }: LocatedPublicRule) {
  return { kind: "public rule", name, file, line, apis } as const;
}

/** Leaves out the routes that are public, and open preflights: no grant or denial is evaluated for them. */
export function withoutPublic(rules: readonly PublicRule[], routes: readonly LocatedRoute[]): readonly LocatedRoute[] {
  return documentsOf(routes).flatMap((own) => own.filter((route) => hasAuthorizer(rules, route, own, route.api)));
}

/** Groups routes by API. Two APIs may have one document. */
function documentsOf(routes: readonly LocatedRoute[]): readonly (readonly LocatedRoute[])[] {
  return [...groupBy(routes, ({ api, file }) => JSON.stringify([api, file])).values()];
}

function hasRoute({ verbs, path }: PublicRule, routes: readonly LocatedRoute[]): boolean {
  const methods = methodsOfAll(verbs);
  return routes.some(
    (route) => overlaps(path, route.path) && methodsOf(route.verb).some((one) => methods.includes(one)),
  );
}

function toProblem({ name, file, line, verbs, path }: LocatedPublicRule, routes: readonly LocatedRoute[]): Problem {
  const onPath = routes.filter((route) => overlaps(path, route.path));
  const named = `${formatFiles(routes)} has only ${[...new Set(onPath.map(({ verb }) => verb))].sort().join(", ")} on the path ${path}, and the public rule names ${verbs.join(", ")}`;
  const cause =
    onPath.length === 0
      ? `no route of ${formatFiles(routes)} has the path ${path}, so the public rule opens nothing today, and whatever gets this path one day; ${toNearest(path, routes)}`
      : `${named}; correct its verbs`;
  return { code: "rule.no_route", file, line, message: `${name}: ${cause}` };
}
