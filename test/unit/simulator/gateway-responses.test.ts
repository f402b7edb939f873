import { expect, it } from "vitest";
import { toGatewayResponse } from "../../../simulator/gateway-responses.ts";

it.each([
  ["rest", "bad_request", 400, { message: "Bad Request" }],
  ["rest", "unauthorized", 401, { message: "Unauthorized" }],
  ["rest", "no_mapping", 403, { message: "Forbidden" }],
  ["rest", "no_route", 403, { message: "Missing Authentication Token" }],
  ["rest", "implicit_deny", 403, { Message: "User is not authorized to access this resource" }],
  ["rest", "explicit_deny", 403, { Message: "User is not authorized to access this resource with an explicit deny" }],
  ["rest", "fault", 500, { message: null }],
  ["http", "bad_request", 400, { message: "Bad Request" }],
  ["http", "unauthorized", 401, { message: "Unauthorized" }],
  ["http", "no_mapping", 404, { message: "Not Found" }],
  ["http", "no_route", 404, { message: "Not Found" }],
  ["http", "implicit_deny", 403, { message: "Forbidden" }],
  ["http", "explicit_deny", 403, { message: "Forbidden" }],
  ["http", "fault", 500, { message: "Internal Server Error" }],
  ["websocket", "unauthorized", 401, { message: "Unauthorized" }],
  ["websocket", "implicit_deny", 403, { message: "Forbidden" }],
  ["websocket", "explicit_deny", 403, { message: "Forbidden" }],
  ["websocket", "fault", 500, { message: "Internal Server Error" }],
] as const)("a %s API answers %s with %i", (kind, refusal, status, body) => {
  expect(toGatewayResponse(kind, refusal)).toEqual({ status, body });
});
