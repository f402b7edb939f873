import type { SimulatedApi } from "./simulated-api.ts";

/** Why API Gateway answers a request itself. */
export type GatewayResponseType =
  /** The path is none. */
  | "bad_request"
  /** No mapping of a custom domain takes the path in. */
  | "no_mapping"
  | "no_route"
  /** An identity source is missing, or the authorizer threw what stands for it. */
  | "unauthorized"
  | "implicit_deny"
  | "explicit_deny"
  /** The authorizer failed, or its answer has no meaning. */
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
 * What is answered, by kind of API.
 *
 * Seen by users, for the most part: AWS documents the statuses of a REST API and few bodies. A WebSocket API's are
 * assumed to be an HTTP API's; its statuses have been seen.
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

/** How an API of this kind refuses a request. */
export function toGatewayResponse(kind: SimulatedApi["kind"], refusal: GatewayResponseType): GatewayResponse {
  return RESPONSES[kind][refusal];
}
