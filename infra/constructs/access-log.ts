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

/** Creates the access log format of a WebSocket API: a line of JSON for each event. */
export function webSocketAccessLogFormat(): AccessLogFormat {
  const { method: _method, path: _path, ...fields } = FIELDS;
  return AccessLogFormat.custom(JSON.stringify({ ...fields, ...WEBSOCKET_FIELDS }));
}
