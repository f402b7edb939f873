import type { Arrival } from "./arrival.ts";
import type { EventSource } from "./event-source.ts";
import { toRouteKey } from "./find-route.ts";
import { toHttp1Event, toHttp2Event } from "./http-events.ts";
import { toRestRequestEvent, toRestTokenEvent, toWebSocketEvent } from "./rest-events.ts";
import { ACCOUNT_ID, API_ID, REGION, type SimulatedApi, type SimulatedAuthorizer } from "./simulated-api.ts";

/** The ARN that the answer to a request is judged against: verb and path as they came. */
export function toArn({ kind, stage }: SimulatedApi, { request: { method }, path }: Arrival): string {
  const route = kind === "websocket" ? "$connect" : `${method}${path}`;
  return `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/${stage}/${route}`;
}

/**
 * The event that API Gateway asks an authorizer with.
 *
 * @see API Gateway developer guide: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs with AWS
 *   Lambda authorizers", "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export function toEvent(kind: SimulatedAuthorizer["kind"], source: EventSource): object {
  switch (kind) {
    case "rest-token":
      return toRestTokenEvent(source);
    case "rest-request":
      return toRestRequestEvent(source);
    case "http-1":
      return toHttp1Event(source);
    case "http-2":
      return toHttp2Event(source);
    case "websocket":
      return toWebSocketEvent(source);
    default:
      return kind satisfies never;
  }
}

/** The `$context` variables that identity sources may name. */
export function toContextVariables(
  { kind, stage }: SimulatedApi,
  { request, route, contextPath, domainName }: Arrival,
): Readonly<Record<string, string>> {
  const shared = { stage, "identity.sourceIp": request.sourceIp, domainName };
  if (kind === "websocket") return { ...shared, routeKey: "$connect" };
  const resource = kind === "rest" ? { resourcePath: route.path } : { routeKey: toRouteKey(route) };
  return { ...shared, ...resource, path: contextPath, httpMethod: request.method };
}
