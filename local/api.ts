import { toSettings } from "../analysis/cache/settings.ts";
import { type ApiKind, type CachingApi, showsCacheKey } from "../contract/api-kinds.ts";
import { BASE_CACHE_KEY } from "../contract/cache-key.ts";
import { toIdentitySources } from "../contract/identity-sources.ts";
import type { CacheContract } from "../contract/manifest.ts";
import type { TokenSource } from "../contract/token-source.ts";
import {
  DEFAULT_STAGE,
  type SimulatedApi,
  type SimulatedAuthorizer,
  type SimulatedRoute,
} from "../simulator/simulated-api.ts";

/** The kind of API that the local gateway emulates. */
export type LocalKind = CachingApi;

/** The name of the authorizer for requests that no other route matches. */
const CATCH_ALL = "catch-all";

const STAGES: Readonly<Record<LocalKind, string>> = { rest: "local", http: DEFAULT_STAGE };

const AUTHORIZER_KINDS: Readonly<Record<LocalKind, ApiKind>> = { rest: "rest-request", http: "http-2" };

const CATCH_ALL_ROUTES: Readonly<Record<LocalKind, readonly SimulatedRoute[]>> = {
  rest: [
    { verb: "ANY", path: "/", authorizer: CATCH_ALL },
    { verb: "ANY", path: "/{proxy+}", authorizer: CATCH_ALL },
  ],
  http: [{ verb: "ANY", path: "$default", authorizer: CATCH_ALL }],
};

/**
 * Makes an API that sends every request to one authorizer without a cache: a REST API with `ANY /` and `ANY /{proxy+}`, or
 * an HTTP API with `$default`. The authorizer has no identity source, so it is invoked for requests without a token too.
 */
export function toApi(kind: LocalKind): SimulatedApi {
  return {
    kind,
    stage: STAGES[kind],
    // A policy's paths, or a document's and the catch-all, need not be the routes of one API.
    isStandIn: true,
    routes: CATCH_ALL_ROUTES[kind],
    authorizers: { [CATCH_ALL]: toAuthorizer(kind, [], 0) },
  };
}

/**
 * Makes an API with the routes and authorizers of a cache contract, and the routes of {@link toApi} for other requests. It
 * leaves out WebSocket routes, which belong to another API.
 */
export function toCachedApi(
  kind: LocalKind,
  contract: CacheContract,
  ttlS: number,
  tokenSources: readonly TokenSource[],
): SimulatedApi {
  const api = toApi(kind);
  const routes = contract.routes.filter(({ verb }) => verb !== "CONNECT");
  const authorizers = toSettings(contract, kind, ttlS, tokenSources).map(
    (settings) => [settings.name, toAuthorizer(kind, settings.identitySources, settings.ttlS)] as const,
  );
  // The handler checks each event that shows its cache key for the base key, even if this authorizer caches nothing.
  const sources = showsCacheKey(kind) ? toIdentitySources(kind, BASE_CACHE_KEY[kind], tokenSources) : [];
  return {
    ...api,
    // If two routes match equally, the simulator takes the first.
    routes: [...routes.map(({ verb, path, authorizer }) => ({ verb, path, authorizer })), ...api.routes],
    authorizers: { ...Object.fromEntries(authorizers), [CATCH_ALL]: toAuthorizer(kind, sources, 0) },
  };
}

function toAuthorizer(kind: LocalKind, identitySources: readonly string[], ttlS: number): SimulatedAuthorizer {
  return { kind: AUTHORIZER_KINDS[kind], response: "iam", identitySources, ttlS };
}
