import { findNearest, formatChoice } from "../../contract/nearest.ts";
import { createOverlapIndex } from "../../contract/overlap-index.ts";
import { HTTP_METHODS, type LocatedRoute, methodsOf, methodsOfAll, withoutNames } from "../../contract/route.ts";
import type { Problem } from "./problem.ts";
import type { RuleValues } from "./rule-values.ts";

/**
 * Finds grants and denials that no route of their APIs' documents can match, and those for an API without a document. `CONNECT`
 * is left out, since OpenAPI documents don't have the routes of WebSocket APIs.
 */
export function checkRoutes(rules: readonly RuleValues[], all: readonly LocatedRoute[]): readonly Problem[] {
  const routesAt = createOverlapIndex(all);
  return toOfHttp(rules).flatMap((rule): readonly Problem[] => {
    const unknown = checkApis(rule, all);
    if (unknown.length > 0) return unknown;
    const onPath = routesAt(rule.path).filter((route) => isOfApi(rule, route));
    if (onPath.some((route) => methodsOf(route.verb).some((method) => rule.methods.includes(method)))) return [];
    const routes = all.filter((route) => isOfApi(rule, route));
    const { kind, name, file, line, path } = rule;
    const effect = kind === "grant" ? "the grant would never apply" : "the denial would never forbid anything";
    const message =
      onPath.length === 0
        ? `${name}: no route of ${formatFiles(routes)} has the path ${path}, so ${effect}; ${toNearest(path, routes)}`
        : `${name}: ${formatFiles(routes)} has only ${[...new Set(onPath.map(({ verb }) => verb))].sort().join(", ")} on the path ${path}, and the ${kind} names ${rule.verbs.join(", ")}, so ${effect}`;
    return [{ code: "rule.no_route", file, line, message }];
  });
}

/** A rule that may be for named APIs only. */
interface ApiRule extends Pick<RuleValues, "name" | "file" | "line" | "apis"> {
  readonly kind: RuleValues["kind"] | "public rule";
}

const EFFECT_THERE = {
  grant: "the grant would not apply there",
  denial: "the denial would not forbid anything there",
  "public rule": "the public rule would open nothing there",
} as const satisfies Readonly<Record<ApiRule["kind"], string>>;

/** Finds the APIs of a rule that no document is for. */
export function checkApis(
  { kind, name, file, line, apis }: ApiRule,
  routes: readonly LocatedRoute[],
): readonly Problem[] {
  if (apis.length === 0) return [];
  const known = [...new Set(routes.map(({ api }) => api))];
  const names = known.filter((api) => api !== undefined);
  if (names.length < known.length) {
    const message = `${name}: is for ${apis.join(", ")}, and --openapi does not say which API ${formatFiles(routes)} is for; write --openapi NAME=FILE`;
    return [{ code: "api.unnamed_document", file, line, message }];
  }
  return apis
    .filter((api) => !names.includes(api))
    .map((api) => {
      const message = `${name}: no document is for the API ${JSON.stringify(api)}, so ${EFFECT_THERE[kind]}; ${formatChoice(api, names)}, or give its document with another --openapi ${api}=FILE`;
      return { code: "api.unknown", file, line, message };
    });
}

/** Tells whether a rule is for the API of a route. */
export function isOfApi({ apis }: Pick<RuleValues, "apis">, { api }: LocatedRoute): boolean {
  return apis.length === 0 || (api !== undefined && apis.includes(api));
}

/** Finds rules for named APIs whose names are compared with nothing, since the build was given no documents. */
export function findUndeclaredApis(rules: readonly ApiRule[]): readonly Problem[] {
  return rules
    .filter(({ apis }) => apis.length > 0)
    .map(({ kind, name, file, line, apis }) => {
      const effect = EFFECT_THERE[kind].replace(" there", "");
      const message = `${name}: is for ${apis.join(", ")}, and no document says which APIs there are. If a name is misspelt, ${effect}; give the documents with --openapi NAME=FILE`;
      return { code: "api.undeclared", file, line, message };
    });
}

/**
 * Finds what is right in a policy and may still surprise: routes that no grant names, and verbs of a rule that no route has.
 * Routes for OPTIONS are left out: a preflight carries no token.
 */
export function findRouteNotices(rules: readonly RuleValues[], routes: readonly LocatedRoute[]): readonly Problem[] {
  const ofHttp = toOfHttp(rules);
  const grantsAt = createOverlapIndex(ofHttp.filter(({ kind }) => kind === "grant"));
  const routesAt = createOverlapIndex(routes);
  const closed = routes
    .filter(({ verb }) => verb !== "OPTIONS")
    .filter((route) => {
      const methods = methodsOf(route.verb);
      return !grantsAt(route.path).some(
        (grant) => isOfApi(grant, route) && grant.methods.some((one) => methods.includes(one)),
      );
    })
    .map(({ verb, path, api, file, line }): Problem => {
      const message = `no grant names ${verb} ${path}${api === undefined ? "" : ` of ${api}`}, so nobody can call it`;
      return { code: "route.no_grant", file, line, message };
    });
  const idle = ofHttp.flatMap((rule): readonly Problem[] => {
    if (rule.verbs.includes("ANY")) return [];
    const onPath = routesAt(rule.path).filter((route) => isOfApi(rule, route));
    const methods = methodsOfAll(onPath.map(({ verb }) => verb));
    const without = rule.methods.filter((method) => !methods.includes(method));
    if (without.length === 0) return [];
    const own = routes.filter((route) => isOfApi(rule, route));
    const { kind, name, file, line, path } = rule;
    const message = `${name}: no route of ${formatFiles(own)} has ${without.join(", ")} on the path ${path}, so the ${kind} names more than there is`;
    return [{ code: "rule.idle_verb", file, line, message }];
  });
  return [...closed, ...idle];
}

/** A grant or denial for HTTP methods. */
interface HttpRule extends RuleValues {
  readonly path: string;
  readonly methods: readonly string[];
}

function toOfHttp(rules: readonly RuleValues[]): readonly HttpRule[] {
  return rules.flatMap(({ path, ...rule }) => {
    const methods = methodsOfAll(rule.verbs).filter((verb) => HTTP_METHODS.includes(verb));
    return path === undefined || methods.length === 0 ? [] : [{ ...rule, path, methods }];
  });
}

/** Names the documents that routes are from. */
export function formatFiles(routes: readonly LocatedRoute[]): string {
  return [...new Set(routes.map(({ file }) => file))].join(" or ");
}

/** Names the path that was probably meant; names of parameters don't count. */
export function toNearest(path: string, routes: readonly LocatedRoute[]): string {
  const byForm = new Map(routes.map((route) => [withoutNames(route.path), route.path]));
  const nearest = findNearest(withoutNames(path), [...byForm.keys()]);
  if (nearest === undefined)
    return "correct the path, or give the document of the API that has it with another --openapi";
  return `did you mean ${byForm.get(nearest)}? If it is for another API, give that document with another --openapi`;
}
