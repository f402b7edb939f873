import type { Api, ApiKind } from "../contract/api-kinds.ts";

/** How an API of this kind routes requests. */
interface ApiTraits {
  /** The kinds of authorizers that it can have. */
  readonly authorizerKinds: readonly ApiKind[];
  /** The route without a path: all that it has, or the fallback. */
  readonly routeWithoutPath: "$default" | "$connect" | undefined;
  /** Whether requests are routed by method and path. */
  readonly routesByPath: boolean;
  /** Whether paths are decoded before they are routed. */
  readonly decodesPaths: boolean;
  /** Whether every template with a greedy parameter comes after all others. */
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
