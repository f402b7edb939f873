import { groupBy } from "../contract/group-by.ts";
import { HTTP_METHODS, withoutNames } from "../contract/route.ts";
import { formatRouteKey, type RouteShape } from "./api-shape.ts";
import { isGreedy, isVariable, nodesOf } from "./resource-tree.ts";
import type { Breach, Rule } from "./rule.ts";

const ROUTES_PAGE = 'API Gateway developer guide, "Create routes for HTTP APIs in API Gateway"';

const VERBS: readonly (string | undefined)[] = [...HTTP_METHODS, "ANY"];

/** The rules about the routes of an API: the form of each, and how they go together. */
export const ROUTE_RULES: readonly Rule[] = [
  {
    code: "route.form",
    title: "A method of a REST API has a verb and a path",
    kinds: ["rest"],
    effect: "refused",
    source: 'API reference of Amazon API Gateway, "PutMethod" and "CreateResource"',
    find: ({ routes = [], resources = [] }) => [
      ...routes.filter(({ path }) => !path.startsWith("/")).map(toFormBreach("start it with a slash")),
      ...resources
        .filter(({ path }) => !path.startsWith("/"))
        .map(({ where, path }) => toFormBreach("start it with a slash")({ where, path, verb: undefined })),
    ],
  },
  {
    code: "route.form",
    title: "A route of an HTTP API is a verb and a path, or $default",
    kinds: ["http"],
    effect: "refused",
    source: ROUTES_PAGE,
    find: ({ routes = [] }) =>
      routes
        .filter(({ verb, path }) => (verb === undefined ? path !== "$default" : !/^\/\S*$/.test(path)))
        .map(toFormBreach('write "GET /path", with one blank and no other, or "$default"')),
  },
  {
    code: "route.form",
    title: "A route key of a WebSocket API is a text",
    kinds: ["websocket"],
    effect: "refused",
    source: 'API reference of Amazon API Gateway V2, "CreateRoute", `routeKey`',
    find: ({ routes = [] }) =>
      routes.filter((route) => formatRouteKey(route).trim() === "").map(toFormBreach("give it a text")),
  },
  {
    code: "route.verb",
    title: "The verb is an HTTP method of API Gateway or ANY",
    kinds: ["rest", "http"],
    effect: "refused",
    source: 'API Gateway developer guide, "Set up an HTTP method", and "Create routes for HTTP APIs in API Gateway"',
    find: ({ kind, routes = [] }) =>
      routes
        .filter(({ verb, path }) => path.startsWith("/") && (verb !== undefined || kind === "rest"))
        .filter(({ verb }) => !VERBS.includes(verb))
        .map(({ where, verb }) => ({
          where: [where],
          cause: `the verb ${JSON.stringify(verb ?? "")} is not one of API Gateway's`,
          remedy: `use ${VERBS.join(", ")}, in capitals`,
        })),
  },
  {
    code: "route.twice",
    title: "No two routes have the same verb and path",
    kinds: ["rest", "http", "websocket"],
    effect: "refused",
    source: 'API reference of Amazon API Gateway, "PutMethod", and of V2, "CreateRoute": ConflictException',
    find: ({ routes = [] }) =>
      findGroups(routes, formatRouteKey).map((same) => ({
        where: same.map(({ where }) => where),
        cause: `${same.map(formatRouteKey)[0]} is there ${same.length} times`,
        remedy: "leave one of them",
      })),
  },
  {
    code: "route.siblings",
    title: "A resource has at most one child with a variable path part",
    kinds: ["rest"],
    effect: "refused",
    source: 'API Gateway: "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"',
    find: (shape) =>
      findGroups(
        nodesOf(shape).filter(({ part }) => isVariable(part)),
        ({ parent }) => parent,
      ).map((siblings) => ({
        where: siblings.map(({ where }) => where),
        cause: `${siblings.map(({ path }) => path).join(" and ")} are siblings with a variable path part, and a REST API allows only one below ${siblings[0]?.parent}`,
        remedy: toSiblingRemedy(siblings.map(({ part }) => part)),
      })),
  },
  {
    code: "route.same_requests",
    title: "No two routes differ in the names of their parameters only",
    kinds: ["http"],
    effect: "refused",
    source: 'API Gateway: "has a conflicting variable on the same hierarchical level as"',
    find: ({ routes = [] }) =>
      findGroups(routes, ({ verb, path }) => formatRouteKey({ verb, path: withoutNames(path) }))
        .filter((same) => new Set(same.map(({ path }) => path)).size > 1)
        .map((same) => ({
          where: same.map(({ where }) => where),
          cause: `${same.map(formatRouteKey).join(" and ")} differ in the names of parameters only`,
          remedy: "leave one of them, or give both the same names and one route",
        })),
  },
  {
    code: "route.sibling_names",
    title: "Parameters in one place have one name",
    kinds: ["http"],
    effect: "notice",
    source: 'API Gateway: "has a conflicting variable on the same hierarchical level as"; AWS does not document it',
    find: (shape) =>
      findGroups(
        nodesOf(shape).filter(({ part }) => isVariable(part) && !isGreedy(part)),
        ({ parent }) => withoutNames(parent),
      )
        .filter((siblings) => new Set(siblings.map(({ part }) => part)).size > 1)
        .map((siblings) => ({
          where: siblings.map(({ where }) => where),
          cause: `${siblings.map(({ path }) => path).join(" and ")} have different names for one place, which API Gateway may refuse`,
          remedy: "give the parameter one name",
        })),
  },
  {
    code: "route.authorizer_on_message",
    title: "Only $connect of a WebSocket API has an authorizer",
    kinds: ["websocket"],
    effect: "refused",
    source: 'API Gateway developer guide, "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"',
    find: ({ routes = [] }) =>
      routes
        .filter((route) => typeof route.authorizer === "string" && formatRouteKey(route) !== "$connect")
        .map((route) => ({
          where: [route.where],
          cause: `${formatRouteKey(route)} has an authorizer`,
          remedy: "remove it; $connect authorizes the connection that all messages come over",
        })),
  },
  {
    code: "route.unknown_authorizer",
    title: "A route names an authorizer of its API",
    kinds: ["rest", "http", "websocket"],
    effect: "refused",
    source: 'API reference of Amazon API Gateway, "PutMethod", and of V2, "CreateRoute", `authorizerId`',
    find: ({ routes = [], authorizers }) =>
      routes.flatMap(({ where, authorizer }): readonly Breach[] => {
        if (authorizers === undefined || typeof authorizer !== "string") return [];
        if (authorizers.some(({ name }) => name === undefined || name === authorizer)) return [];
        return [
          { where: [where], cause: `there is no authorizer ${authorizer}`, remedy: "add it, or name another one" },
        ];
      }),
  },
];

function toFormBreach(remedy: string): (route: RouteShape) => Breach {
  return (route) => ({
    where: [route.where],
    cause: `${JSON.stringify(formatRouteKey(route))} is not a route of this kind of API`,
    remedy,
  });
}

function toSiblingRemedy(parts: readonly string[]): string {
  return parts.some(isGreedy) && !parts.every(isGreedy)
    ? "write the paths out that the greedy parameter stands for, all with one name for the parameter, or use an HTTP API"
    : "give the parameter one name";
}

/** Groups values by a key, and leaves out those that are alone. */
function findGroups<Value>(values: readonly Value[], keyOf: (value: Value) => string): readonly (readonly Value[])[] {
  return [...groupBy(values, keyOf).values()].filter((group) => group.length > 1);
}
