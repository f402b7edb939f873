import type { Route } from "../contract/route.ts";
import type { GateMethod, Key, Model } from "./model.ts";

/** Lists the routes of a method's API that exist wherever the method does, with its own. */
export type CertainRoutes = (method: GateMethod) => readonly Route[];

/**
 * Creates the look-up of routes that certainly exist.
 *
 * API Gateway gives requests to a more specific route only where there is one. One that a condition removes leaves its requests to the
 * method, so that it must not count.
 */
export function createCertainRoutes({ methods, apis }: Pick<Model, "methods" | "apis">): CertainRoutes {
  const [byApi, bySource] = [new Map<Key, GateMethod[]>(), new Map<Key, GateMethod[]>()];
  for (const method of methods) {
    add(byApi, method.api, method);
    add(bySource, sourceOf(method), method);
  }
  const alternatives = new Map<Key, number>();
  for (const { key } of apis) alternatives.set(key, (alternatives.get(key) ?? 0) + 1);
  const own = new Map<Key, readonly (readonly [GateMethod, Route])[]>();

  // A source with conditions has an entry for each of its alternatives.
  const isInAll = (method: GateMethod) => {
    const entries = bySource.get(sourceOf(method)) ?? [];
    if (isOperation(method)) return entries.length === alternatives.get(method.api);
    return entries.every(({ api, verb, path }) => api === method.api && verb === method.verb && path === method.path);
  };
  const readApi = (api: Key) =>
    (byApi.get(api) ?? []).filter(isInAll).flatMap((method) => {
      const route = toRoute(method);
      return route === undefined ? [] : [[method, route] as const];
    });

  return function routesBeside(method) {
    const found = own.get(method.api) ?? readApi(method.api);
    own.set(method.api, found);
    return found
      .filter(([{ key, condition }]) => {
        const holds = condition === undefined || condition === method.condition;
        return key === method.key || (holds && scopeOf(key) === scopeOf(method.key));
      })
      .map(([, route]) => route);
  };
}

/** Reads the route of a method; undefined if the files don't show it. */
export function toRoute({ verb, path }: GateMethod): Route | undefined {
  return verb === undefined || path === undefined ? undefined : { verb: verb.toUpperCase(), path };
}

/** Tells whether a method is an operation of its API's document: it is missing in the alternatives that have another document. */
function isOperation({ isOfApiResource, place }: GateMethod): boolean {
  return isOfApiResource && !place.id.includes(".Events.");
}

/** Names what makes a method: an operation by its route, a resource or an event by its place. */
function sourceOf(method: GateMethod): Key {
  return isOperation(method) ? method.key : JSON.stringify([scopeOf(method.key), method.place]);
}

/** Finds the stack of a resource in its key. Another stack may be nested under a condition. */
function scopeOf(key: Key): string {
  return key.split("#")[0] ?? key;
}

function add(map: Map<Key, GateMethod[]>, key: Key, method: GateMethod): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [method]);
  else known.push(method);
}
