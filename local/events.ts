import type { IncomingMessage } from "node:http";

/** Which kind of API the local gateway plays. */
export type LocalKind = "rest" | "http";

const ACCOUNT_ID = "123456789012";
const REGION = "eu-west-1";
const API_ID = "local00api";

/** An authorizer event, and the ARN that its answer is judged against. */
export interface LocalEvent {
  readonly event: object;
  readonly arn: string;
}

/**
 * Turns an HTTP request into the event that API Gateway would make of it: a REST API with one method `ANY /{proxy+}`,
 * or an HTTP API with one route `$default`.
 *
 * @param id - Of the request; it comes back in the decision log.
 * @returns Nothing for a path that is not percent-encoded text, which API Gateway does not let through either.
 */
export function toEvent(
  kind: LocalKind,
  request: IncomingMessage,
  sourceIp: string,
  id: string,
): LocalEvent | undefined {
  const method = request.method ?? "GET";
  const [path = "/", ...rest] = (request.url ?? "/").split("?");
  const rawQuery = rest.join("?");
  if (kind === "rest") return toRestEvent(request, method, path, rawQuery, sourceIp, id);
  try {
    return toHttpEvent(request, method, decodeURIComponent(path), rawQuery, sourceIp, id);
  } catch {
    return undefined;
  }
}

function toRestEvent(
  request: IncomingMessage,
  method: string,
  path: string,
  rawQuery: string,
  sourceIp: string,
  requestId: string,
): LocalEvent {
  const stage = "local";
  const arn = `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/${stage}/${method}${path}`;
  const query = groupPairs([...new URLSearchParams(rawQuery)]);
  const headers = groupPairs(headerPairs(request));
  const isRoot = path === "/";
  const event = {
    type: "REQUEST",
    methodArn: arn,
    resource: isRoot ? "/" : "/{proxy+}",
    path,
    httpMethod: method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: lastOfEach(query),
    multiValueQueryStringParameters: query,
    pathParameters: isRoot ? {} : { proxy: path.slice(1) },
    stageVariables: {},
    requestContext: {
      resourcePath: isRoot ? "/" : "/{proxy+}",
      httpMethod: method,
      path: `/${stage}${path}`,
      accountId: ACCOUNT_ID,
      protocol: "HTTP/1.1",
      stage,
      requestId,
      identity: { sourceIp, userAgent: request.headers["user-agent"] ?? null },
      domainName: `${API_ID}.execute-api.${REGION}.amazonaws.com`,
      apiId: API_ID,
    },
  };
  return { event, arn };
}

/** HTTP APIs hand the path over decoded, and header names in lower case with repeated values joined. */
function toHttpEvent(
  request: IncomingMessage,
  method: string,
  path: string,
  rawQueryString: string,
  sourceIp: string,
  requestId: string,
): LocalEvent {
  const arn = `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/$default/${method}${path}`;
  const headers = groupPairs(headerPairs(request).map(([name, value]) => [name.toLowerCase(), value]));
  const event = {
    version: "2.0",
    type: "REQUEST",
    routeArn: arn,
    identitySource: headers["authorization"] ?? [],
    routeKey: "$default",
    rawPath: path,
    rawQueryString,
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(",")])),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: API_ID,
      domainName: `${API_ID}.execute-api.${REGION}.amazonaws.com`,
      domainPrefix: API_ID,
      http: { method, path, protocol: "HTTP/1.1", sourceIp, userAgent: request.headers["user-agent"] ?? "" },
      requestId,
      routeKey: "$default",
      stage: "$default",
    },
  };
  return { event, arn };
}

function headerPairs({ rawHeaders }: IncomingMessage): readonly (readonly [string, string])[] {
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : []));
}

function groupPairs(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...groups].map(([name, values]) => [name, values.map(([, value]) => value)]));
}

function lastOfEach(groups: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? ""]));
}
