import { App, Aspects, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import {
  ApiDefinition,
  AuthorizationType,
  CfnMethod,
  CfnRestApi,
  MockIntegration,
  RestApi,
  SpecRestApi,
} from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute, WebSocketApi } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { describe, expect, it } from "vitest";
import { RequireAuthorization } from "../../infra/constructs/require-authorization.ts";
import { failureOf } from "../support/infra.ts";

function create(add: (stack: Stack) => void): Stack {
  const stack = new Stack(new App(), "Test");
  Aspects.of(stack).add(new RequireAuthorization());
  add(stack);
  return stack;
}

const failure = (add: (stack: Stack) => void) => failureOf(() => Template.fromStack(create(add)));
const restApi = (stack: Stack) => new RestApi(stack, "Api", { cloudWatchRole: false });
const httpApi = (stack: Stack) => new CfnApi(stack, "Api", { protocolType: "HTTP", name: "api" });
const mock = () => ({ integration: new WebSocketMockIntegration("Mock") });
const iam = { authorizationType: AuthorizationType.IAM };

const INTEGRATION = { type: "mock" };

describe("an API passes", () => {
  it.each<[string, (stack: Stack) => void]>([
    [
      "a REST API with IAM authorization and a preflight",
      (stack) => {
        const api = restApi(stack);
        api.root.addMethod("GET", new MockIntegration(), iam);
        api.root.addCorsPreflight({ allowOrigins: ["https://app.example.com"] });
      },
    ],
    [
      "an HTTP API whose only open route is for preflights",
      (stack) => {
        const api = httpApi(stack);
        new CfnRoute(stack, "Get", { apiId: api.ref, routeKey: "GET /", authorizationType: "AWS_IAM" });
        new CfnRoute(stack, "Options", { apiId: api.ref, routeKey: "OPTIONS /{proxy+}" });
      },
    ],
    [
      "a WebSocket API whose $connect is authorized",
      (stack) => {
        const api = new WebSocketApi(stack, "Api", { connectRouteOptions: mock(), defaultRouteOptions: mock() });
        const connect = api.node.findAll().find((node) => CfnRoute.isCfnRoute(node) && node.routeKey === "$connect");
        if (CfnRoute.isCfnRoute(connect)) connect.authorizationType = "AWS_IAM";
      },
    ],
    [
      "a document whose operations have IAM authorization",
      (stack) => {
        const securitySchemes = { iam: { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" } };
        const paths = {
          "/": { get: { security: [{ iam: [] }] }, options: { "x-amazon-apigateway-integration": INTEGRATION } },
        };
        const definition = { openapi: "3.0.3", components: { securitySchemes }, paths };
        new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition: ApiDefinition.fromInline(definition) });
      },
    ],
  ])("if it is %s", (_, add) => {
    expect(failure(add)).toBe("nothing failed");
  });
});

describe("synthesis fails", () => {
  const advice = "attach a PolicyAuthorizer to its API, or authorize it with IAM";

  it.each<[string, (stack: Stack) => void, string]>([
    [
      "an open REST method",
      (stack) => restApi(stack).root.addMethod("GET"),
      `GET of Test/Api/Default/GET/Resource is open to everybody; ${advice}`,
    ],
    [
      "an open method that CloudFormation alone knows",
      (stack) => {
        const api = new CfnRestApi(stack, "Api", { name: "api" });
        new CfnMethod(stack, "Bare", { httpMethod: "ANY", restApiId: api.ref, resourceId: api.attrRootResourceId });
      },
      `ANY of Test/Bare is open to everybody; ${advice}`,
    ],
    [
      "an OPTIONS method that an integration answers",
      (stack) => {
        const api = new CfnRestApi(stack, "Api", { name: "api" });
        const integration = { type: "HTTP_PROXY", uri: "https://example.com" };
        new CfnMethod(stack, "Options", {
          httpMethod: "OPTIONS",
          restApiId: api.ref,
          resourceId: api.attrRootResourceId,
          integration,
        });
      },
      `OPTIONS of Test/Options is open to everybody; ${advice}`,
    ],
    [
      "an open route",
      (stack) => new CfnRoute(stack, "Get", { apiId: httpApi(stack).ref, routeKey: "GET /" }),
      `the route GET / of Test/Get is open to everybody; ${advice}`,
    ],
    [
      "an open $default",
      (stack) => new CfnRoute(stack, "Any", { apiId: httpApi(stack).ref, routeKey: "$default" }),
      `the route $default of Test/Any is open to everybody; ${advice}`,
    ],
    [
      "an open $connect",
      (stack) => new WebSocketApi(stack, "Api", { connectRouteOptions: mock() }),
      `the route $connect of Test/Api/$connect-Route/Resource is open to everybody; ${advice}`,
    ],
    [
      "a WebSocket API without $connect",
      (stack) => new WebSocketApi(stack, "Api", { defaultRouteOptions: mock() }),
      `the WebSocket API Test/Api/Resource has no route $connect, so that everybody connects; add one, and ${advice}`,
    ],
    [
      "a document with security at its root alone",
      (stack) => {
        const definition = { openapi: "3.0.3", security: [{ iam: [] }], paths: { "/": { get: {} } } };
        new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition: ApiDefinition.fromInline(definition) });
      },
      "the operation GET / has no security of its own, so that it is open to everybody; npm run openapi adds what is missing",
    ],
    [
      "a document whose security is no authorizer of API Gateway",
      (stack) => {
        const definition = {
          openapi: "3.0.3",
          components: { securitySchemes: { jwt: { type: "http", "x-amazon-apigateway-authtype": "custom" } } },
          paths: { "/": { get: { security: [{ jwt: [] }] } } },
        };
        new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition: ApiDefinition.fromInline(definition) });
      },
      "the operation GET / names jwt, which is no authorizer of API Gateway, so that it is open; npm run openapi adds what is missing",
    ],
    [
      "a document that can't be seen",
      (stack) => new CfnRestApi(stack, "Api", { bodyS3Location: { bucket: "b", key: "k" } }),
      "the API's document is in S3, where its operations can't be seen; give it inline, as `PolicyAuthorizer.secure` makes it",
    ],
    [
      "an HTTP API's document without operations",
      (stack) => new CfnApi(stack, "Api", { body: { openapi: "3.0.1" } }),
      "the API's document has no operation that can be seen; npm run openapi adds what is missing",
    ],
  ])("with %s", (_, add, cause) => {
    expect(failure(add)).toContain(`RequireAuthorization: ${cause}`);
  });
});

describe("responses that are kept", () => {
  const warnings = (cacheKeyParameters: string[]) => {
    const stack = create((own) => {
      const api = new RestApi(own, "Api", {
        cloudWatchRole: false,
        deployOptions: { cacheClusterEnabled: true, cachingEnabled: true },
      });
      api.root.addMethod("GET", new MockIntegration({ cacheKeyParameters }), {
        ...iam,
        requestParameters: { "method.request.header.Authorization": true },
      });
    });
    return Annotations.fromStack(stack).findWarning("*", Match.stringLikeRegexp("without the token in their key"))
      .length;
  };

  it("are warned of if the token is not in their key", () => {
    expect([warnings([]), warnings(["method.request.header.Authorization"])]).toEqual([1, 0]);
  });
});
