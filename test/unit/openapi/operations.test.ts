import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessLogFormat, webSocketAccessLogFormat } from "../../../infra/constructs/access-log.ts";
import { AuthorizerCacheFlush } from "../../../infra/constructs/authorizer-cache-flush.ts";
import { GatewayResponses } from "../../../infra/constructs/gateway-responses.ts";
import { createAuthorizer, createDist, propertiesOf, type TestDist } from "../../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

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
  it("has the caller, the request, the revision and the outcome", () => {
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
      "event",
      "route",
      "connection",
    ]);
  });
});

describe("the flush of the authorizer's cache", () => {
  function create(kind: "rest" | "http") {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, kind, apiId: "a1b2c3", stageName: "prod" });
    const { Resources } = Template.fromStack(stack).toJSON();
    const [resource] = Object.values<{ Properties: Record<string, string>; DependsOn: string[] }>(Resources).filter(
      ({ Properties }) => Properties["Update"] !== undefined,
    );
    const statements = propertiesOf(stack, "AWS::IAM::Policy").flatMap(
      ({ PolicyDocument }) => Object(PolicyDocument).Statement,
    );
    return { update: JSON.parse(resource?.Properties["Update"] ?? ""), dependsOn: resource?.DependsOn, statements };
  }

  it.each([
    ["rest", "api-gateway", "FlushStageAuthorizersCache", { restApiId: "a1b2c3", stageName: "prod" }, "restapis"],
    ["http", "apigatewayv2", "ResetAuthorizersCache", { ApiId: "a1b2c3", StageName: "prod" }, "apis"],
  ] as const)(
    "of a %s API follows each new revision, after the Lambda's update",
    (kind, service, action, parameters, path) => {
      const { update, dependsOn, statements } = create(kind);
      expect(update).toEqual({ service, action, parameters, physicalResourceId: { id: dist.revision } });
      expect(dependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^AuthorizerFunctionLambda/)]));
      const [, { Action, Resource }] = statements;
      expect([Action, JSON.stringify(Resource)]).toEqual([
        "apigateway:DELETE",
        expect.stringContaining(`::/${path}/a1b2c3/stages/prod/cache/authorizers`),
      ]);
    },
  );
});
