import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";

/** The fields of a line of the access log. Only this log has requests with a cached response: they invoke no authorizer. */
const FIELDS = {
  request: "$context.requestId",
  time: "$context.requestTimeEpoch",
  principal: "$context.authorizer.principalId",
  roles: "$context.authorizer.roles",
  grants: "$context.authorizer.grants",
  reason: "$context.authorizer.reason",
  revision: "$context.authorizer.revision",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  error: "$context.authorizer.error",
  api: "$context.apiId",
  stage: "$context.stage",
  latency: "$context.responseLatency",
};

/**
 * The fields that only REST APIs have. `invocation` is Lambda's id of the request to the authorizer: the decision log has it where an
 * event has no other id, and Lambda's reports have it.
 *
 * @see API Gateway developer guide, "Variables for access logging for API Gateway"
 */
const REST_FIELDS = {
  trace: "$context.xrayTraceId",
  invocation: "$context.authorizer.requestId",
  authorizer_status: "$context.authorizer.integrationStatus",
  authorizer_latency: "$context.authorizer.latency",
};

const WEBSOCKET_FIELDS = {
  event: "$context.eventType",
  route: "$context.routeKey",
  connection: "$context.connectionId",
};

/** Creates the access log format of a REST or HTTP API: a line of JSON for each request. */
export function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(JSON.stringify(FIELDS));
}

/** Creates the access log format of a REST API, with the authorizer's latency and status, and what joins its other logs. */
export function restAccessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(JSON.stringify({ ...FIELDS, ...REST_FIELDS }));
}

/** Creates the access log format of a WebSocket API: a line of JSON for each event. */
export function webSocketAccessLogFormat(): AccessLogFormat {
  const { method: _method, path: _path, latency: _latency, ...fields } = FIELDS;
  return AccessLogFormat.custom(JSON.stringify({ ...fields, ...WEBSOCKET_FIELDS }));
}
