import { judgeRoute, type PublicRule, type RouteAccess } from "./public-rules.ts";
import { err, ok, type Result } from "./result.ts";
import type { DeclaredRoute, Route } from "./route.ts";

/** A route of a document with which the policy does not agree. */
export interface AccessError<Declared extends DeclaredRoute> {
  readonly code: "route.open" | "route.partly_public";
  readonly route: Declared;
  readonly message: string;
}

/**
 * Compares the routes of one API's document with the public rules: a route that is open there must be public as a whole, and no
 * route may be public in part.
 */
export function findAccessErrors<Declared extends DeclaredRoute>(
  rules: readonly PublicRule[],
  routes: readonly Declared[],
  api?: string,
): readonly AccessError<Declared>[] {
  return routes.flatMap((route): readonly AccessError<Declared>[] => {
    const access = judgeDeclared(rules, route, routes, api);
    const partly = describePartly(route, access);
    if (partly !== undefined) return [{ code: "route.partly_public", route, message: partly }];
    if (route.isOpen !== true || isPreflight(route) || access.kind === "public") return [];
    return [{ code: "route.open", route, message: describeOpen(route) }];
  });
}

/**
 * Lists the routes of an API that have an authorizer: those that are not public.
 *
 * @returns The routes, or a line for each with which the policy does not agree.
 */
export function toAuthorizedRoutes(
  rules: readonly PublicRule[],
  routes: readonly DeclaredRoute[],
  api?: string,
): Result<readonly Route[], readonly string[]> {
  const errors = findAccessErrors(rules, routes, api);
  if (errors.length > 0) return err(errors.map(({ message }) => message));
  const authorized = routes.filter((route) => hasAuthorizer(rules, route, routes, api));
  return ok(authorized.map(({ verb, path }) => ({ verb, path })));
}

/**
 * Lists the public routes of an API.
 *
 * @param routes - The API's routes; default: the verbs and paths of the rules themselves.
 */
export function toPublicRoutes(
  rules: readonly PublicRule[],
  routes?: readonly DeclaredRoute[],
  api?: string,
): readonly Route[] {
  const all = routes ?? rules.flatMap(({ verbs, path }) => verbs.map((verb) => ({ verb, path })));
  const open = all.filter((route) => judgeDeclared(rules, route, routes, api).kind === "public");
  return open.map(({ verb, path }) => ({ verb, path }));
}

/** Tells whether a route of a document has the policy's authorizer: it is neither public nor an open preflight. */
export function hasAuthorizer(
  rules: readonly PublicRule[],
  route: DeclaredRoute,
  routes: readonly DeclaredRoute[],
  api?: string,
): boolean {
  return !isPreflight(route) && judgeDeclared(rules, route, routes, api).kind !== "public";
}

/** Judges a route of a document beside those that exist wherever it does: no condition may give it more requests than are judged. */
function judgeDeclared(
  rules: readonly PublicRule[],
  route: DeclaredRoute,
  routes: readonly DeclaredRoute[] = [],
  api?: string,
): RouteAccess {
  const { mayLack = [] } = route;
  const beside =
    mayLack.length === 0 ? routes : routes.filter(({ verb, path }) => !mayLack.includes(`${verb} ${path}`));
  return judgeRoute(rules, route, beside, api);
}

/** Tells whether a document opens a route for preflights. They carry no token, so that no policy decides on them. */
export function isPreflight({ verb, isOpen }: DeclaredRoute): boolean {
  return verb === "OPTIONS" && isOpen === true;
}

/** Describes a route that is public in part, and what to do; undefined for any other. */
export function describePartly({ verb, path }: Route, access: RouteAccess): string | undefined {
  if (access.kind !== "partly") return undefined;
  const rules = access.rules.join(", ");
  return `${verb} ${path} is public in part (${rules}), and a route has an authorizer or has none; give the public requests a route of their own, or let the rule cover the route`;
}

/** Describes a route that is open to everybody although no public rule says so, and what to do. */
export function describeOpen({ verb, path }: Route): string {
  return `${verb} ${path} is open to everybody in the document, and no public rule of the policy says so; write public["…"] := {"verbs": {"${verb}"}, "path": "${path}"} in an area, or take what opens it (an empty security, the type NONE) out of the document`;
}
