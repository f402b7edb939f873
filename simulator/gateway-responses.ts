import type { SimulatedApi } from "./simulated-api.ts";

/** The reason why API Gateway answers a request itself. */
export type GatewayResponseType =
  /** The path is not valid. */
  | "bad_request"
  /** No mapping of the custom domain matches the path. */
  | "no_mapping"
  | "no_route"
  /** An identity source is missing, or the authorizer threw `Unauthorized`. */
  | "unauthorized"
  | "implicit_deny"
  | "explicit_deny"
  /** The authorizer failed, or its response is not valid. */
  | "fault";

/** A status and a body. */
export interface GatewayResponse {
  readonly status: number;
  readonly body: object;
}

const SHARED = {
  bad_request: { status: 400, body: { message: "Bad Request" } },
  unauthorized: { status: 401, body: { message: "Unauthorized" } },
} as const;

const NOT_FOUND = { status: 404, body: { message: "Not Found" } };
const FORBIDDEN = { status: 403, body: { message: "Forbidden" } };
const INTERNAL_ERROR = { status: 500, body: { message: "Internal Server Error" } };

/**
 * The statuses and bodies, by kind of API.
 *
 * AWS documents the statuses of a REST API and few bodies; users have observed most of the rest. For a WebSocket API,
 * users have observed the statuses, and the bodies are assumed to be those of an HTTP API.
 *
 * @see API Gateway developer guide, "Gateway response types for API Gateway"
 */
const RESPONSES: Readonly<Record<SimulatedApi["kind"], Readonly<Record<GatewayResponseType, GatewayResponse>>>> = {
  rest: {
    ...SHARED,
    no_mapping: FORBIDDEN,
    no_route: { status: 403, body: { message: "Missing Authentication Token" } },
    implicit_deny: { status: 403, body: { Message: "User is not authorized to access this resource" } },
    explicit_deny: {
      status: 403,
      body: { Message: "User is not authorized to access this resource with an explicit deny" },
    },
    fault: { status: 500, body: { message: null } },
  },
  http: {
    ...SHARED,
    no_mapping: NOT_FOUND,
    no_route: NOT_FOUND,
    implicit_deny: FORBIDDEN,
    explicit_deny: FORBIDDEN,
    fault: INTERNAL_ERROR,
  },
  websocket: {
    ...SHARED,
    no_mapping: FORBIDDEN,
    no_route: FORBIDDEN,
    implicit_deny: FORBIDDEN,
    explicit_deny: FORBIDDEN,
    fault: INTERNAL_ERROR,
  },
};

/** Looks up the status and body with which an API answers a request itself. */
export function toGatewayResponse(kind: SimulatedApi["kind"], type: GatewayResponseType): GatewayResponse {
  return RESPONSES[kind][type];
}
