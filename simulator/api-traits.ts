import type { Api, ApiKind } from "../contract/api-kinds.ts";

/** The traits of a kind of API that decide how it routes requests. */
interface ApiTraits {
  /** The kinds of authorizers that it can have. */
  readonly authorizerKinds: readonly ApiKind[];
  /** The route without a path: an HTTP API's fallback, a WebSocket API's only route. */
  readonly routeWithoutPath: "$default" | "$connect" | undefined;
  /** Whether requests are routed by method and path. */
  readonly routesByPath: boolean;
  /** Whether paths are decoded before they are routed. */
  readonly decodesPaths: boolean;
  /** Whether templates with a greedy parameter match only after all other templates. */
  readonly ranksGreedyLast: boolean;
  /** The context variable that names the route. */
  readonly routeVariable: "resourcePath" | "routeKey";
}

export const API_TRAITS: Readonly<Record<Api, ApiTraits>> = {
  rest: {
    authorizerKinds: ["rest-token", "rest-request"],
    routeWithoutPath: undefined,
    routesByPath: true,
    decodesPaths: false,
    ranksGreedyLast: false,
    routeVariable: "resourcePath",
  },
  http: {
    authorizerKinds: ["http-1", "http-2"],
    routeWithoutPath: "$default",
    routesByPath: true,
    decodesPaths: true,
    ranksGreedyLast: true,
    routeVariable: "routeKey",
  },
  websocket: {
    authorizerKinds: ["websocket"],
    routeWithoutPath: "$connect",
    routesByPath: false,
    decodesPaths: false,
    ranksGreedyLast: false,
    routeVariable: "routeKey",
  },
};
