import { toSettings } from "../analysis/cache/settings.ts";
import { BASE_CACHE_KEY } from "../contract/cache-key.ts";
import { toIdentitySources } from "../contract/identity-sources.ts";
import type { CacheContract } from "../contract/manifest.ts";
import {
  DEFAULT_STAGE,
  type SimulatedApi,
  type SimulatedAuthorizer,
  type SimulatedRoute,
} from "../simulator/simulated-api.ts";

/** Which kind of API the local gateway plays. */
export type LocalKind = "rest" | "http";

/** Of the authorizer for all that no other route takes in. */
const CATCH_ALL = "catch-all";

const STAGES: Readonly<Record<LocalKind, string>> = { rest: "local", http: DEFAULT_STAGE };

const CATCH_ALL_ROUTES: Readonly<Record<LocalKind, readonly SimulatedRoute[]>> = {
  rest: [
    { verb: "ANY", path: "/", authorizer: CATCH_ALL },
    { verb: "ANY", path: "/{proxy+}", authorizer: CATCH_ALL },
  ],
  http: [{ verb: "ANY", path: "$default", authorizer: CATCH_ALL }],
};

/**
 * An API whose every request goes to one authorizer without a cache: REST with `ANY /` and `ANY /{proxy+}`, or HTTP with
 * `$default`. It has no identity source, so that a request without a token gets the authorizer's own answer.
 */
export function toApi(kind: LocalKind): SimulatedApi {
  return {
    kind,
    stage: STAGES[kind],
    routes: CATCH_ALL_ROUTES[kind],
    authorizers: { [CATCH_ALL]: toAuthorizer(kind, [], 0) },
  };
}

/**
 * An API with the routes and authorizers of a cache contract, and those of {@link toApi} for all the rest. A WebSocket's
 * route is of another API.
 */
export function toCachedApi(kind: LocalKind, contract: CacheContract, ttlS: number): SimulatedApi {
  const api = toApi(kind);
  const routes = contract.routes.filter(({ verb }) => verb !== "CONNECT");
  const authorizers = toSettings(contract, kind, ttlS).map(
    (settings) => [settings.name, toAuthorizer(kind, settings.identitySources, settings.ttlS)] as const,
  );
  // An HTTP API's authorizers all have the whole key, whether they keep answers or not: the handler looks for it.
  const sources = kind === "http" ? toIdentitySources("http", BASE_CACHE_KEY.http) : [];
  return {
    ...api,
    // Of two routes that are alike, the first serves.
    routes: [...routes.map(({ verb, path, authorizer }) => ({ verb, path, authorizer })), ...api.routes],
    authorizers: { ...Object.fromEntries(authorizers), [CATCH_ALL]: toAuthorizer(kind, sources, 0) },
  };
}

function toAuthorizer(kind: LocalKind, identitySources: readonly string[], ttlS: number): SimulatedAuthorizer {
  return { kind: kind === "rest" ? "rest-request" : "http-2", response: "iam", identitySources, ttlS };
}
