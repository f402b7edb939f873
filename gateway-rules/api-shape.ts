import type { Api } from "../contract/api-kinds.ts";

/** A part of an API, and the place where it is written: a construct, a logical id, or an operation of a document. */
interface Placed {
  readonly where: string;
}

/** A method of a REST API, or a route of another API. */
export interface RouteShape extends Placed {
  /** An HTTP method or `ANY`; undefined for a route key without a verb, such as `$default`. */
  readonly verb: string | undefined;
  /** A path template, or the route key of a route without a verb. */
  readonly path: string;
  /** The name of its authorizer, or null for none; undefined if that is not known. */
  readonly authorizer?: string | null | undefined;
}

/** A resource of a REST API, which may have no method. */
export interface ResourceShape extends Placed {
  readonly path: string;
}

/** An authorizer. A property that is undefined is not known, as a value that is known at deployment only. */
export interface AuthorizerShape extends Placed {
  readonly name?: string | undefined;
  readonly type?: "token" | "request" | "cognito" | "jwt" | undefined;
  /** In AWS's syntax, one an entry; empty for none. */
  readonly identitySources?: readonly string[] | undefined;
  /** In seconds. */
  readonly ttlS?: number | undefined;
  /** The version of the events for an HTTP API; null if the authorizer has none. */
  readonly payloadVersion?: string | null | undefined;
  /** Whether an HTTP API expects simple responses. */
  readonly hasSimpleResponses?: boolean | undefined;
}

/** A stage. */
export interface StageShape extends Placed {
  /** Undefined if it is known at deployment only. */
  readonly name?: string | undefined;
  /** The number of its stage variables. */
  readonly variables?: number | undefined;
}

/** A model. */
export interface ModelShape extends Placed {
  /** Undefined if it is known at deployment only. */
  readonly name?: string | undefined;
}

/**
 * An API as far as API Gateway has rules about its shape. A list that is left out is not known, and the rules about it are not
 * applied.
 */
export interface ApiShape extends Placed {
  readonly kind: Api;
  readonly routes?: readonly RouteShape[] | undefined;
  /** Resources of a REST API, besides those that `routes` are on and the ones above them. */
  readonly resources?: readonly ResourceShape[] | undefined;
  readonly authorizers?: readonly AuthorizerShape[] | undefined;
  readonly stages?: readonly StageShape[] | undefined;
  readonly models?: readonly ModelShape[] | undefined;
  /** The number of integrations. Methods of REST APIs have theirs, which no quota counts. */
  readonly integrations?: number | undefined;
}

/** Parses the route key of an HTTP or WebSocket API: `GET /pets/{id}`, `$default`. */
export function parseRouteKey(key: string): Pick<RouteShape, "verb" | "path"> {
  const [, verb, path] = /^([^ ]*) (.*)$/s.exec(key) ?? [];
  return path === undefined ? { verb: undefined, path: key } : { verb, path };
}

/** Formats the route key of an HTTP or WebSocket API; the inverse of {@link parseRouteKey}. */
export function formatRouteKey({ verb, path }: Pick<RouteShape, "verb" | "path">): string {
  return verb === undefined ? path : `${verb} ${path}`;
}
