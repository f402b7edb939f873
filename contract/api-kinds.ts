/** One of API Gateway's products. */
export type Api = "rest" | "http" | "websocket";

/** A kind of API whose authorizers can cache responses. */
export type CachingApi = Exclude<Api, "websocket">;

/** The form of response that an HTTP API with payload 2.0 is set up for; its events do not show which. */
export type HttpResponse = "iam" | "simple";

interface ApiKindTraits {
  readonly api: Api;
  /** Whether its events have percent-encoded paths, or paths that API Gateway has decoded. */
  readonly pathForm: "encoded" | "decoded";
  /** Where its events have the token: in `authorizationToken`, or in the part of the request that `TOKEN_SOURCE` names. */
  readonly tokenIn: "authorization_token" | "token_source";
  /** How the authorizer reports a caller who is not authenticated: it throws `Unauthorized`, or it returns a deny. */
  readonly refusesBy: "error" | "deny";
  /** Whether an authorizer can return simple responses, which have a boolean instead of a policy document. */
  readonly hasSimpleResponse: boolean;
  /** Whether it invokes the authorizer for each request, or only for the connection of a client that then sends messages. */
  readonly authorizes: "requests" | "connections";
  /** How its events show the values of the cache key: joined in one text, as a list, or not at all. */
  readonly cacheKeyIn: "one_text" | "list" | "nothing";
  /** Which per-token policy document serves its events: the matched route's, one for the whole API, or none. */
  readonly tokenDocument: "of_route" | "of_api" | "none";
  /** Where the request context of its events has the client's certificate, on a domain with mutual TLS. */
  readonly clientCertificateIn: "identity" | "authentication" | "nothing";
  /** Whether a client can override the method by a header, so that the integration may see another one than the ARN has. */
  readonly honoursMethodOverride: boolean;
  /** Whether the console's "Test authorizer" invokes it, with an event that shows a stage which no API has. */
  readonly hasTestInvocation: boolean;
}

/**
 * The traits of each kind of authorizer event. Code that differs by kind reads a trait, or has a table of its own with an
 * entry for every kind. So a new kind does not compile until every place handles it.
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
    authorizes: "requests",
    cacheKeyIn: "nothing",
    tokenDocument: "of_api",
    clientCertificateIn: "nothing",
    honoursMethodOverride: true,
    hasTestInvocation: false,
  },
  "rest-request": {
    api: "rest",
    pathForm: "encoded",
    tokenIn: "token_source",
    refusesBy: "error",
    hasSimpleResponse: false,
    authorizes: "requests",
    cacheKeyIn: "nothing",
    tokenDocument: "of_route",
    clientCertificateIn: "identity",
    honoursMethodOverride: true,
    hasTestInvocation: true,
  },
  "http-1": {
    api: "http",
    pathForm: "decoded",
    tokenIn: "token_source",
    refusesBy: "deny",
    hasSimpleResponse: false,
    authorizes: "requests",
    cacheKeyIn: "one_text",
    tokenDocument: "none",
    clientCertificateIn: "identity",
    honoursMethodOverride: false,
    hasTestInvocation: false,
  },
  "http-2": {
    api: "http",
    pathForm: "decoded",
    tokenIn: "token_source",
    refusesBy: "deny",
    hasSimpleResponse: true,
    authorizes: "requests",
    cacheKeyIn: "list",
    tokenDocument: "none",
    clientCertificateIn: "authentication",
    honoursMethodOverride: false,
    hasTestInvocation: false,
  },
  websocket: {
    api: "websocket",
    pathForm: "encoded",
    tokenIn: "token_source",
    refusesBy: "error",
    hasSimpleResponse: false,
    authorizes: "connections",
    cacheKeyIn: "nothing",
    tokenDocument: "none",
    clientCertificateIn: "nothing",
    honoursMethodOverride: false,
    hasTestInvocation: false,
  },
} as const satisfies Readonly<Record<string, ApiKindTraits>>;

/** The kind of API and authorizer that an event comes from. */
export type ApiKind = keyof typeof API_KINDS;

/** Looks up the traits of a kind. */
export function traitsOf(kind: ApiKind): ApiKindTraits {
  return API_KINDS[kind];
}

/** Tells whether some kind of an API's events has a trait. */
export function hasKind(api: Api, has: (traits: ApiKindTraits) => boolean): boolean {
  return Object.values<ApiKindTraits>(API_KINDS).some((traits) => traits.api === api && has(traits));
}

/** Tells whether the events of an API show the values of the cache key, so that the authorizer can check the key. */
export function showsCacheKey(api: Api): boolean {
  return hasKind(api, ({ cacheKeyIn }) => cacheKeyIn !== "nothing");
}
