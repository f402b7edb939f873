/** One of API Gateway's products. */
export type Api = "rest" | "http" | "websocket";

/** A kind of API whose authorizers can cache responses. */
export type CachingApi = Exclude<Api, "websocket">;

/** The form of responses that an HTTP API with payload 2.0 was set up for; its events do not show it. */
export type HttpResponse = "iam" | "simple";

interface ApiKindTraits {
  readonly api: Api;
  /** How its events write paths: percent-encoded, or decoded by API Gateway. */
  readonly pathForm: "encoded" | "decoded";
  /** Where its events have the token: in a field of their own, or wherever `TOKEN_SOURCE` says. */
  readonly tokenIn: "authorization_token" | "token_source";
  /** How it is told that the caller is not authenticated: by an error with a certain message, or by a deny. */
  readonly refusesBy: "error" | "deny";
  /** Whether it can be set up for simple responses, which are booleans instead of policy documents. */
  readonly hasSimpleResponse: boolean;
  /** How its events show the values of the cache key. REST events don't. */
  readonly cacheKeyIn: "one_text" | "list" | "nothing";
  /** Which per-token policy document serves its events: the matched route's, one for the whole API, or none. */
  readonly tokenDocument: "of_route" | "of_api" | "none";
  /** Whether a client can override the method by a header, and the integration may see another one than the ARN shows. */
  readonly honoursMethodOverride: boolean;
}

/**
 * What is known about each kind of authorizer event. Whoever needs to tell kinds apart asks for a trait, or has a table
 * of its own with an entry for every kind, so that another kind does not compile until it is known everywhere.
 *
 * @see API Gateway developer guide: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs with AWS
 *   Lambda authorizers", "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export const API_KINDS = {
  "rest-token": {
    api: "rest",
    pathForm: "encoded",
    tokenIn: "authorization_token",
    refusesBy: "error",
    hasSimpleResponse: false,
    cacheKeyIn: "nothing",
    tokenDocument: "of_api",
    honoursMethodOverride: true,
  },
  "rest-request": {
    api: "rest",
    pathForm: "encoded",
    tokenIn: "token_source",
    refusesBy: "error",
    hasSimpleResponse: false,
    cacheKeyIn: "nothing",
    tokenDocument: "of_route",
    honoursMethodOverride: true,
  },
  "http-1": {
    api: "http",
    pathForm: "decoded",
    tokenIn: "token_source",
    refusesBy: "deny",
    hasSimpleResponse: false,
    cacheKeyIn: "one_text",
    tokenDocument: "none",
    honoursMethodOverride: false,
  },
  "http-2": {
    api: "http",
    pathForm: "decoded",
    tokenIn: "token_source",
    refusesBy: "deny",
    hasSimpleResponse: true,
    cacheKeyIn: "list",
    tokenDocument: "none",
    honoursMethodOverride: false,
  },
  websocket: {
    api: "websocket",
    pathForm: "encoded",
    tokenIn: "token_source",
    refusesBy: "error",
    hasSimpleResponse: false,
    cacheKeyIn: "nothing",
    tokenDocument: "none",
    honoursMethodOverride: false,
  },
} as const satisfies Readonly<Record<string, ApiKindTraits>>;

/** Which kind of API and authorizer an event comes from. */
export type ApiKind = keyof typeof API_KINDS;

/** Looks up what is known about a kind. */
export function traitsOf(kind: ApiKind): ApiKindTraits {
  return API_KINDS[kind];
}
