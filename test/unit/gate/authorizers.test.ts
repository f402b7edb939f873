import { describe, expect, it } from "vitest";
import { createHttpParts, judgeRoute, judgeTemplate, toLines } from "../../support/gate.ts";

const FOREIGN = ["authorizer.foreign Route"];
const COGNITO = {
  Type: "AWS::ApiGatewayV2::Authorizer",
  Properties: { ApiId: { Ref: "Api" }, Name: "users", AuthorizerType: "JWT" },
};

describe("a route", () => {
  it("with the policy's authorizer, or IAM, is in order", () => {
    expect(judgeRoute({})).toEqual([]);
    expect(judgeRoute({ AuthorizationType: "AWS_IAM", AuthorizerId: undefined })).toEqual([]);
  });

  it.each([
    ["NONE", { AuthorizationType: "NONE" }],
    ["NONE, and names an authorizer", { AuthorizationType: "NONE", AuthorizerId: { Ref: "Authorizer" } }],
    ["nothing", { AuthorizationType: undefined }],
    ["CUSTOM, and names no authorizer", { AuthorizerId: undefined }],
    ["NONE, as the route $default", { AuthorizationType: "NONE", RouteKey: "$default" }],
    ["NONE, for a preflight with a backend", { AuthorizationType: "NONE", RouteKey: "OPTIONS /orders" }],
  ])("that says %s is open", (_, properties) => {
    expect(judgeRoute(properties)).toEqual(["method.open Route"]);
  });

  it("for a preflight without a backend needs no authorizer", () => {
    expect(judgeRoute({ AuthorizationType: "NONE", RouteKey: "OPTIONS /a", Target: undefined })).toEqual([]);
    const marked = (RouteKey: string) => {
      const { Route, ...parts } = createHttpParts();
      const Properties = { ...Route.Properties, AuthorizationType: "NONE", AuthorizerId: undefined, RouteKey };
      const Marked = { ...Route, Metadata: { "rego-authorizer": { preflight: 1 } }, Properties };
      const { findings, notices } = judgeTemplate({ Resources: { ...parts, Route: Marked } });
      return [toLines(findings), notices.map(({ cause }) => cause)];
    };
    const notice = "the route OPTIONS /a is open for preflights, and its back end gets requests without a token";
    expect([marked("OPTIONS /a"), marked("GET /a")]).toEqual([
      [[], [notice]],
      [["method.open Route"], []],
    ]);
  });
});

describe("an authorizer that evaluates no policy", () => {
  const templateWith = (type: string) => {
    const parts = createHttpParts();
    const properties = { AuthorizationType: type, AuthorizerId: { Ref: "Users" } };
    const Route = { ...parts.Route, Properties: { ...parts.Route.Properties, ...properties } };
    return { Resources: { ...parts, Users: COGNITO, Route } };
  };

  it("is found", () => {
    const template = templateWith("JWT");
    expect(toLines(judgeTemplate(template).findings)).toEqual(FOREIGN);
    for (const name of ["Users", "users"]) {
      const { findings, accepted } = judgeTemplate(template, { accepted: [{ name, reason: "a sign-in page" }] });
      expect({ findings, accepted: toLines(accepted) }).toEqual({ findings: [], accepted: FOREIGN });
    }
  });

  it("is found by its literal id, too, and accepted by it", () => {
    const literal = { AuthorizationType: "CUSTOM", AuthorizerId: "abc123" };
    expect(judgeRoute(literal)).toEqual(FOREIGN);
    expect(judgeRoute(literal, {}, { accepted: [{ name: "abc123", reason: "another team's" }] })).toEqual([]);
    expect(judgeRoute(literal, {}, { authorizers: ["abc123"] })).toEqual([]);
  });

  it("is not made one of a policy by the type CUSTOM", () => {
    expect(toLines(judgeTemplate(templateWith("CUSTOM")).findings)).toEqual(FOREIGN);
    expect(judgeRoute({ AuthorizationType: "JWT" })).toEqual(FOREIGN);
  });
});

describe("an API", () => {
  it("that quick-create makes is open", () => {
    const Api = { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "HTTP", Target: "arn:aws:lambda:…" } };
    expect(toLines(judgeTemplate({ Resources: { Api } }).findings)).toEqual(["method.open Api"]);
  });

  it("of type WebSocket needs a route $connect", () => {
    const Api = { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "WEBSOCKET" } };
    expect(toLines(judgeTemplate({ Resources: { Api } }).findings)).toEqual(["method.open Api"]);
  });
});

it.each([
  ["sendMessage", []],
  ["$disconnect", []],
  ["$connect", ["method.open Route"]],
  ["$default", ["method.open Route"]],
  ["GET /orders", ["method.open Route"]],
  [{ Ref: "Key" }, ["method.open Route"]],
])("the route %j of an API that is not in the files", (RouteKey, expected) => {
  const { Stage } = createHttpParts();
  const Properties = { ApiId: "abc", RouteKey, Target: "integrations/x" };
  const Resources = {
    Route: { Type: "AWS::ApiGatewayV2::Route", Properties },
    Stage: { ...Stage, Properties: { ...Stage.Properties, ApiId: "abc" } },
  };
  const Parameters = { Key: { Type: "String" } };
  expect(toLines(judgeTemplate({ Resources, Parameters }).findings)).toEqual(expected);
});

it("an authorizer whose function is not visible says so", () => {
  const parts = createHttpParts();
  const Properties = { ...parts.Authorizer.Properties, AuthorizerUri: { Ref: "Uri" } };
  const Parameters = { Uri: { Type: "String" } };
  const Resources = { ...parts, Authorizer: { ...parts.Authorizer, Properties } };
  const [finding] = judgeTemplate({ Resources, Parameters }).findings;
  expect(finding?.cause).toBe(
    "the route GET /orders has the authorizer decide, and the files do not show which function it invokes",
  );
});

describe("a document", () => {
  const scheme = (authorizer: object) => ({
    type: "apiKey",
    name: "Authorization",
    in: "header",
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": authorizer,
  });
  const policy = scheme({
    type: "request",
    authorizerResultTtlInSeconds: 0,
    authorizerUri: { "Fn::Sub": "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Decide.Arn}/invocations" },
  });
  const judgeDocument = (operation: object, schemes: object = { policy }) => {
    const { Decide } = createHttpParts();
    const Body = {
      openapi: "3.0.1",
      paths: { "/orders": { get: operation } },
      components: { securitySchemes: schemes },
    };
    const Resources = {
      Decide,
      Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Body } },
      D0123456789: { Type: "AWS::ApiGateway::Deployment", Properties: { RestApiId: { Ref: "Api" } } },
      Stage: {
        Type: "AWS::ApiGateway::Stage",
        Properties: { RestApiId: { Ref: "Api" }, DeploymentId: { Ref: "D0123456789" } },
      },
    };
    return toLines(judgeTemplate({ Resources }).findings);
  };

  it("whose operations have the policy's authorizer is in order", () => {
    expect(judgeDocument({ security: [{ policy: [] }] })).toEqual([]);
  });

  it("with an open operation is found", () => {
    expect(judgeDocument({})).toEqual(["method.open Api"]);
    expect(judgeDocument({ security: [] })).toEqual(["method.open Api"]);
    expect(judgeDocument({ security: [{ policy: [] }, {}] })).toEqual(["method.open Api"]);
    expect(judgeDocument({ security: [{ key: [] }] }, { key: { type: "apiKey" } })).toEqual(["method.open Api"]);
  });

  it("with another authorizer is found", () => {
    const users = scheme({ type: "cognito_user_pools", providerARNs: [] });
    expect(judgeDocument({ security: [{ users: [] }] }, { users })).toEqual(["authorizer.foreign Api"]);
    expect(judgeDocument({ security: [{ policy: [], users: [] }] }, { users, policy })).toEqual([
      "authorizer.foreign Api",
    ]);
  });
});
