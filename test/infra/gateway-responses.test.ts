import { App, Stack } from "aws-cdk-lib";
import { MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { describe, expect, it } from "vitest";
import { accessLogFormat, webSocketAccessLogFormat } from "../../infra/constructs/access-log.ts";
import { GatewayResponses } from "../../infra/constructs/gateway-responses.ts";
import { propertiesOf } from "../support/infra.ts";

describe("gateway responses", () => {
  it("give no reason, and have CORS headers", () => {
    const stack = new Stack(new App(), "Test");
    const api = new RestApi(stack, "Api", { cloudWatchRole: false });
    api.root.addMethod("GET", new MockIntegration());
    new GatewayResponses(stack, "Responses", { api, allowOrigin: "https://app.example.com" });
    const header = "gatewayresponse.header.";
    const origin = { [`${header}Access-Control-Allow-Origin`]: "'https://app.example.com'" };
    const responses = propertiesOf(stack, "AWS::ApiGateway::GatewayResponse");
    expect(responses.map(({ RestApiId: _, ...response }) => response)).toEqual([
      {
        ResponseType: "UNAUTHORIZED",
        StatusCode: "401",
        ResponseParameters: { ...origin, [`${header}WWW-Authenticate`]: "'Bearer'" },
        ResponseTemplates: { "application/json": '{"message":"Unauthorized"}' },
      },
      {
        ResponseType: "ACCESS_DENIED",
        StatusCode: "403",
        ResponseParameters: origin,
        ResponseTemplates: { "application/json": '{"message":"Forbidden"}' },
      },
      {
        ResponseType: "DEFAULT_5XX",
        ResponseParameters: origin,
        ResponseTemplates: { "application/json": '{"message":"Internal Server Error"}' },
      },
    ]);
  });
});

describe("the access log", () => {
  it("says who called what under which revision, and with which status", () => {
    expect(Object.keys(JSON.parse(accessLogFormat().toString()))).toEqual([
      "request",
      "time",
      "principal",
      "roles",
      "grants",
      "reason",
      "revision",
      "method",
      "path",
      "status",
      "error",
      "api",
      "stage",
      "latency",
    ]);
    expect(Object.keys(JSON.parse(webSocketAccessLogFormat().toString()))).toEqual([
      "request",
      "time",
      "principal",
      "roles",
      "grants",
      "reason",
      "revision",
      "status",
      "error",
      "api",
      "stage",
      "event",
      "route",
      "connection",
    ]);
  });
});
