import type { ApiKind } from "../contract/api-kinds.ts";
import { API_TRAITS } from "./api-traits.ts";
import type { Arrival } from "./arrival.ts";
import type { EventParts } from "./event-source.ts";
import { toHttp1Event, toHttp2Event } from "./http-events.ts";
import { toRestRequestEvent, toRestTokenEvent, toWebSocketEvent } from "./rest-events.ts";
import { ACCOUNT_ID, API_ID, REGION, type SimulatedApi, toRouteKey } from "./simulated-api.ts";

/** Makes the ARN of a request, which is matched with policy documents; its verb and path are those of the request. */
export function toArn({ kind, stage }: SimulatedApi, { request: { method }, path }: Arrival): string {
  const { routesByPath, routeWithoutPath } = API_TRAITS[kind];
  const route = routesByPath ? `${method}${path}` : routeWithoutPath;
  return `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/${stage}/${route}`;
}

/**
 * Makes the event that API Gateway invokes an authorizer with.
 *
 * @see API Gateway developer guide: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs with AWS
 *   Lambda authorizers", "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers"
 */
export function toEvent(kind: ApiKind, source: EventParts): object {
  return EVENTS[kind](source);
}

const EVENTS: Readonly<Record<ApiKind, (source: EventParts) => object>> = {
  "rest-token": toRestTokenEvent,
  "rest-request": toRestRequestEvent,
  "http-1": toHttp1Event,
  "http-2": toHttp2Event,
  websocket: toWebSocketEvent,
};

/** Lists the `$context` variables of a request that identity sources may name. */
export function toContextVariables(
  { kind, stage }: SimulatedApi,
  { request, route, contextPath, domainName }: Arrival,
): Readonly<Record<string, string>> {
  const shared = { stage, "identity.sourceIp": request.sourceIp, domainName };
  const { routesByPath, routeVariable } = API_TRAITS[kind];
  const named = { ...shared, [routeVariable]: routeVariable === "resourcePath" ? route.path : toRouteKey(route) };
  return routesByPath ? { ...named, path: contextPath, httpMethod: request.method } : named;
}
