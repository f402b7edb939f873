import {
  DEFAULT_TOKEN_SOURCES,
  holderOf,
  parseTokenSources,
  sourcesOn,
  type TokenSource,
} from "../contract/token-source.ts";
import type { Finding } from "./finding.ts";
import type { GateFunction, GateMethod, GateStage, Model } from "./model.ts";
import type { PolicyAuthorizers } from "./policy-authorizers.ts";

/** Finds methods whose responses a stage caches without the token in the key: the response to one caller goes to another. */
export function findSharedResponses(model: Model, policies: PolicyAuthorizers): readonly Finding[] {
  const caching = model.stages.filter((stage) => stage.caching.some(({ isCaching }) => isCaching));
  return caching.flatMap((stage) =>
    model.methods
      .filter((method) => method.api === stage.api && method.verb !== "OPTIONS" && isCached(method, stage))
      .flatMap((method): readonly Finding[] => {
        const needed = sourcesOf(model, policies, method).map(
          ({ from, name }) => `method.request.${from === "query" ? "querystring" : "header"}.${name}`,
        );
        const keys = method.cacheKeys.map((key) => key.toLowerCase());
        const missing = needed.filter((key) => !keys.includes(key.toLowerCase()));
        if (missing.length === 0) return [];
        return [
          {
            code: "response.shared",
            place: method.place,
            cause: `${method.name}: the stage ${stage.place.path ?? stage.place.id} may cache its responses without the token in the cache key, so one caller gets the response to another`,
            advice: `add ${missing.join(", ")} to the integration's cacheKeyParameters, turn the cache off, or accept the method by its name, with the reason`,
            names: [method.place.id, ...(method.place.path === undefined ? [] : [method.place.path]), ...stage.names],
          },
        ];
      }),
  );
}

/** Tells whether a stage caches the responses of a method: the setting with the most exact path and verb counts. */
function isCached({ verb = "*", path = "*" }: GateMethod, { caching }: GateStage): boolean {
  const isAny = verb === "*" || verb === "ANY";
  const fitting = caching.filter(
    (one) =>
      (one.path === "*" || path === "*" || one.path === path) && (one.verb === "*" || isAny || one.verb === verb),
  );
  // What is not known exactly may be cached.
  if (path === "*" || isAny) return fitting.some(({ isCaching }) => isCaching);
  const rank = (one: (typeof fitting)[number]) => (one.path === "*" ? 0 : 2) + (one.verb === "*" ? 0 : 1);
  return [...fitting].sort((one, other) => rank(other) - rank(one))[0]?.isCaching === true;
}

/** Lists the headers and parameters that have the token of a method. */
function sourcesOf({ authorizers }: Model, policies: PolicyAuthorizers, { authorizations }: GateMethod) {
  const keys = authorizations.flatMap((one) => (one.kind === "authorizer" ? [one.authorizer] : []));
  const [first] = authorizers.filter(({ key }) => keys.includes(key)).flatMap(policies.functionsOf);
  return sourcesOn("rest", first === undefined ? DEFAULT_TOKEN_SOURCES : tokenSourcesOf(first)).map(holderOf);
}

/** Reads the parts of a request that a function takes the token from. */
export function tokenSourcesOf({ environment }: GateFunction): readonly TokenSource[] {
  const parsed = parseTokenSources(environment["TOKEN_SOURCE"]);
  return parsed.ok ? parsed.value : DEFAULT_TOKEN_SOURCES;
}
