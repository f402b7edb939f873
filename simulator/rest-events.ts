import { type EventParts, groupValues, headerOf, toClientCertificate } from "./event-source.ts";
import { ACCOUNT_ID, API_ID } from "./simulated-api.ts";

/** Makes the event of a TOKEN authorizer, which has no other fields. */
export function toRestTokenEvent({ arn, identity }: EventParts): object {
  return { type: "TOKEN", authorizationToken: identity[0], methodArn: arn };
}

/** Makes the event of a REQUEST authorizer. Names keep their case, and the path stays percent-encoded. */
export function toRestRequestEvent({ arrival, stage, arn, requestId, nowMs }: EventParts): object {
  const { request, route, pathParameters, eventPath, contextPath, domainName } = arrival;
  return {
    type: "REQUEST",
    methodArn: arn,
    resource: route.path,
    path: eventPath,
    httpMethod: request.method,
    ...toValues(arrival),
    pathParameters,
    stageVariables: {},
    requestContext: {
      resourcePath: route.path,
      httpMethod: request.method,
      path: contextPath,
      accountId: ACCOUNT_ID,
      protocol: "HTTP/1.1",
      stage,
      domainPrefix: domainName.split(".")[0],
      requestTimeEpoch: nowMs,
      requestId,
      identity: {
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, "user-agent") ?? null,
        ...toClientCertificate(arrival),
      },
      domainName,
      apiId: API_ID,
    },
  };
}

/** Makes the event of a WebSocket API's authorizer, for `$connect`: it has no path and no method. */
export function toWebSocketEvent({ arrival, stage, arn, requestId, nowMs }: EventParts): object {
  return {
    type: "REQUEST",
    methodArn: arn,
    ...toValues(arrival),
    stageVariables: {},
    requestContext: {
      routeKey: "$connect",
      eventType: "CONNECT",
      messageDirection: "IN",
      stage,
      connectedAt: nowMs,
      requestTimeEpoch: nowMs,
      identity: { sourceIp: arrival.request.sourceIp },
      requestId,
      domainName: arrival.domainName,
      connectionId: `connection-${requestId}`,
      apiId: API_ID,
    },
  };
}

/** Makes the fields for headers and parameters; those with single values have the last value of each. */
function toValues({ request, query }: EventParts["arrival"]): object {
  const headers = groupValues(request.headers);
  const parameters = groupValues(query);
  return {
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: lastOfEach(parameters),
    multiValueQueryStringParameters: parameters,
  };
}

function lastOfEach(groups: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? ""]));
}
