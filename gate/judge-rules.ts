import { groupBy } from "../contract/group-by.ts";
import { type ApiShape, type AuthorizerShape, parseRouteKey, type RouteShape } from "../gateway-rules/api-shape.ts";
import { findBrokenRules } from "../gateway-rules/find-broken-rules.ts";
import type { Finding, Place } from "./finding.ts";
import type { GateAuthorizer, GateMethod, Model } from "./model.ts";
import { isShown } from "./references.ts";

const TYPES: Readonly<Record<string, AuthorizerShape["type"]>> = {
  token: "token",
  request: "request",
  jwt: "jwt",
  cognito_user_pools: "cognito",
};

/** Finds the rules of API Gateway that an API breaks, for which a deployment would fail and roll back. */
export function findRefusedApis({ apis, methods, authorizers, stages }: Model): readonly Finding[] {
  const methodsOf = groupBy(methods, ({ api }) => api);
  const authorizersOf = groupBy(authorizers, ({ api }) => api);
  const stagesOf = groupBy(stages, ({ api }) => api);
  return [...groupBy(apis, ({ key }) => key).values()].flatMap(([api]): readonly Finding[] => {
    if (api === undefined) return [];
    const places = new Map<string, Place>();
    const where = (name: string, place: Place): string => {
      places.set(name, place);
      return name;
    };
    const shape: ApiShape = {
      kind: api.kind,
      where: where(api.place.path ?? api.place.id, api.place),
      routes: firstOfEach(methodsOf.get(api.key) ?? []).flatMap((one) => toRoutes(one, where)),
      authorizers: firstOfEach(authorizersOf.get(api.key) ?? []).map((one) => toShape(one, where)),
      stages: (stagesOf.get(api.key) ?? []).map(({ name, place }) => ({
        name,
        where: where(place.path ?? place.id, place),
      })),
    };
    return findBrokenRules(shape)
      .filter(({ effect }) => effect === "refused")
      .map(({ where: parts, cause, remedy, source, code }) => ({
        code: "rule.broken",
        place: places.get(parts[0] ?? "") ?? api.place,
        cause: `${parts.join(" and ")}: ${cause}`,
        advice: `${remedy}, or accept it by the name ${code}, with the reason, if API Gateway takes it (${source})`,
        names: [code, ...api.names],
      }));
  });
}

/** Leaves out further alternatives of a resource with conditions. */
function firstOfEach<One extends { readonly key: string }>(all: readonly One[]): readonly One[] {
  return [...new Map([...all].reverse().map((one) => [one.key, one])).values()].reverse();
}

/** Converts a method to a route. One with a condition may be there in place of another one, so no rule is applied to it. */
function toRoutes(
  { verb, path, routeKey, condition, name, place }: GateMethod,
  where: (name: string, place: Place) => string,
): readonly RouteShape[] {
  if (condition !== undefined) return [];
  const at = where(`${name} of ${place.path ?? place.id}`, place);
  if (routeKey !== undefined) return isShown(routeKey) ? [{ ...parseRouteKey(routeKey), where: at }] : [];
  return verb === undefined || path === undefined || !isShown(verb + path) ? [] : [{ verb, path, where: at }];
}

function toShape(
  { name, type, ttlS, identitySources, place }: GateAuthorizer,
  where: (name: string, place: Place) => string,
): AuthorizerShape {
  return {
    name,
    type: Object.hasOwn(TYPES, type) ? TYPES[type] : undefined,
    ttlS: type === "jwt" ? undefined : ttlS,
    // The other types have one by default where a document, AWS SAM or Terraform describes them.
    identitySources: type === "request" && identitySources.every(isShown) ? identitySources : undefined,
    where: where(place.path ?? place.id, place),
  };
}
