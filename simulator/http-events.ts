import { type EventParts, groupValues, headerOf, toClientCertificate } from "./event-source.ts";
import { ACCOUNT_ID, API_ID, toRouteKey } from "./simulated-api.ts";

/** Makes an event of payload 1.0. That it joins repeated headers and parameters, like payload 2.0, is an assumption. */
export function toHttp1Event({ arrival, stage, arn, identity, requestId }: EventParts): object {
  const { request, route, pathParameters, eventPath, contextPath, query } = arrival;
  const identitySource = identity.join(",");
  return {
    version: "1.0",
    type: "REQUEST",
    methodArn: arn,
    identitySource,
    authorizationToken: identitySource,
    resource: route.path,
    path: eventPath,
    httpMethod: request.method,
    headers: joinedByName(lowerCase(request.headers)),
    queryStringParameters: joinedByName(query),
    pathParameters,
    stageVariables: {},
    requestContext: {
      path: contextPath,
      accountId: ACCOUNT_ID,
      stage,
      requestId,
      identity: { apiKey: "", sourceIp: request.sourceIp, ...toClientCertificate(arrival) },
      resourcePath: route.path,
      httpMethod: request.method,
      apiId: API_ID,
    },
  };
}

/** Makes an event of payload 2.0. It leaves out empty fields. `rawPath` is decoded, in spite of its name; cookies are a list, not a header. */
export function toHttp2Event({ arrival, stage, arn, identity, requestId, nowMs }: EventParts): object {
  const { request, route, pathParameters, eventPath, contextPath, domainName, query } = arrival;
  const authentication = toClientCertificate(arrival);
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn: arn,
    identitySource: identity,
    routeKey: toRouteKey(route),
    rawPath: eventPath,
    rawQueryString: request.query,
    ...toHeaders(request.headers),
    ...(query.length > 0 && { queryStringParameters: joinedByName(query) }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: API_ID,
      ...(Object.keys(authentication).length > 0 && { authentication }),
      domainName,
      domainPrefix: domainName.split(".")[0],
      http: {
        method: request.method,
        path: contextPath,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, "user-agent") ?? "",
      },
      requestId,
      routeKey: toRouteKey(route),
      stage,
      timeEpoch: nowMs,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
  };
}

/** @see API Gateway developer guide, "Control access to HTTP APIs with AWS Lambda authorizers", for `cookies` */
function toHeaders(headers: readonly (readonly [string, string])[]): object {
  const isCookie = ([name]: readonly [string, string]) => name === "cookie";
  const all = lowerCase(headers);
  const cookies = all.filter(isCookie).flatMap(([, value]) => value.split(/; */));
  return { ...(cookies.length > 0 && { cookies }), headers: joinedByName(all.filter((one) => !isCookie(one))) };
}

function lowerCase(headers: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return headers.map(([name, value]) => [name.toLowerCase(), value]);
}

function joinedByName(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groupValues(pairs)).map(([name, values]) => [name, values.join(",")]));
}
