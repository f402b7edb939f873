import { App, Aspects, CfnResource, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import {
  ApiDefinition,
  AuthorizationType,
  CfnMethod,
  CfnRestApi,
  MockIntegration,
  RestApi,
  SpecRestApi,
} from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute, WebSocketApi, type WebSocketApiProps, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { describe, expect, it } from "vitest";
import { RequireAuthorization, type RequireAuthorizationProps } from "../../infra/constructs/require-authorization.ts";
import { createAuthorizer, createDist, errorOf } from "../support/infra.ts";

/** Accepts that an API of plain resources has no stage here, so that a test is about its methods alone. */
const accepted = [{ name: "Test/Api", reason: "Another app deploys it." }];

function create(add: (stack: Stack) => void, props: RequireAuthorizationProps = { accepted }): Stack {
  const stack = new Stack(new App(), "Test");
  Aspects.of(stack).add(new RequireAuthorization(props));
  add(stack);
  return stack;
}

const failure = (add: (stack: Stack) => void) => errorOf(() => Template.fromStack(create(add)));
const restApi = (stack: Stack) => new RestApi(stack, "Api", { cloudWatchRole: false });
const httpApi = (stack: Stack) => new CfnApi(stack, "Api", { protocolType: "HTTP", name: "api" });
const webSocketApi = (stack: Stack, props: WebSocketApiProps) => {
  const api = new WebSocketApi(stack, "Api", props);
  new WebSocketStage(stack, "Live", { webSocketApi: api, stageName: "live", autoDeploy: true });
  return api;
};
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
        const api = webSocketApi(stack, { connectRouteOptions: mock(), defaultRouteOptions: mock() });
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
      `Test/Api/Default/GET/Resource (ApiGET9257B917): GET / is open to everybody; ${advice}`,
    ],
    [
      "an open method that is written in CloudFormation",
      (stack) => {
        const api = new CfnRestApi(stack, "Api", { name: "api" });
        new CfnMethod(stack, "Bare", { httpMethod: "ANY", restApiId: api.ref, resourceId: api.attrRootResourceId });
      },
      `Test/Bare (Bare): ANY / is open to everybody; ${advice}`,
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
      `Test/Options (Options): OPTIONS / is open to everybody; ${advice}`,
    ],
    [
      "an open route",
      (stack) => new CfnRoute(stack, "Get", { apiId: httpApi(stack).ref, routeKey: "GET /" }),
      `Test/Get (Get): the route GET / is open to everybody; ${advice}`,
    ],
    [
      "an open $default",
      (stack) => new CfnRoute(stack, "Any", { apiId: httpApi(stack).ref, routeKey: "$default" }),
      `Test/Any (Any): the route $default is open to everybody; ${advice}`,
    ],
    [
      "an open $connect",
      (stack) => webSocketApi(stack, { connectRouteOptions: mock() }),
      `the route $connect is open to everybody; ${advice}`,
    ],
    [
      "a WebSocket API without $connect",
      (stack) => webSocketApi(stack, { defaultRouteOptions: mock() }),
      `the WebSocket API Test/Api/Resource has no route $connect, so everybody can connect; add one, and ${advice}`,
    ],
    [
      "a document whose security at its root names no scheme of API Gateway",
      (stack) => {
        const definition = { openapi: "3.0.3", security: [{ iam: [] }], paths: { "/": { get: {} } } };
        new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition: ApiDefinition.fromInline(definition) });
      },
      "the operation GET / names iam, which is not an authorizer of API Gateway, so the operation is open to everybody",
    ],
    [
      "a document whose security scheme is not an authorizer of API Gateway",
      (stack) => {
        const definition = {
          openapi: "3.0.3",
          components: { securitySchemes: { jwt: { type: "http", "x-amazon-apigateway-authtype": "custom" } } },
          paths: { "/": { get: { security: [{ jwt: [] }] } } },
        };
        new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition: ApiDefinition.fromInline(definition) });
      },
      "the operation GET / names jwt, which is not an authorizer of API Gateway, so the operation is open to everybody",
    ],
    [
      "a document that is not visible at synthesis",
      (stack) => new CfnRestApi(stack, "Api", { bodyS3Location: { bucket: "b", key: "k" } }),
      "is in S3, so its operations are not visible",
    ],
    [
      "an HTTP API's document without operations",
      (stack) => new CfnApi(stack, "Api", { body: { openapi: "3.0.1" } }),
      "the API's document has no visible operation",
    ],
  ])("with %s", (_, add, cause) => {
    expect(failure(add)).toContain(`RequireAuthorization: Test.template.json: `);
    expect(failure(add)).toContain(cause);
  });
});

/** Creates a REST API from a document whose one operation names a scheme. */
const documentWith = (stack: Stack, scheme: object, id = "Api") => {
  const definition = {
    openapi: "3.0.3",
    components: { securitySchemes: { own: { type: "apiKey", ...scheme } } },
    paths: { "/": { get: { security: [{ own: [] }] } } },
  };
  new SpecRestApi(stack, id, { cloudWatchRole: false, apiDefinition: ApiDefinition.fromInline(definition) });
};
const cognito = { "x-amazon-apigateway-authorizer": { type: "cognito_user_pools", providerARNs: ["arn"] } };
const foreignLambda = { "x-amazon-apigateway-authorizer": { type: "request", authorizerUri: "arn:elsewhere" } };

describe("synthesis fails because of the template", () => {
  const method = (stack: Stack, properties: object) => {
    const api = new CfnRestApi(stack, "Api", { name: "api" });
    return new CfnResource(stack, "Raw", {
      type: "AWS::ApiGateway::Method",
      properties: { HttpMethod: "GET", RestApiId: api.ref, ResourceId: api.attrRootResourceId, ...properties },
    });
  };
  const l1 = (stack: Stack) => {
    const api = new CfnRestApi(stack, "Api", { name: "api" });
    const { attrRootResourceId: resourceId } = api;
    return new CfnMethod(stack, "Bare", {
      httpMethod: "GET",
      restApiId: api.ref,
      resourceId,
      authorizationType: "AWS_IAM",
    });
  };
  const route = (stack: Stack, properties: object) =>
    new CfnRoute(stack, "Get", { apiId: httpApi(stack).ref, routeKey: "GET /", ...properties });

  it.each<[string, (stack: Stack) => unknown]>([
    ["a raw method with IAM authorization", (stack) => method(stack, { AuthorizationType: "AWS_IAM" })],
    [
      "an override to IAM authorization",
      (stack) => route(stack, {}).addPropertyOverride("AuthorizationType", "AWS_IAM"),
    ],
  ])("and passes with %s", (_, add) => {
    expect(failure(add)).toBe("nothing failed");
  });

  it.each<[string, (stack: Stack) => unknown, string]>([
    ["a raw method", (stack) => method(stack, {}), "GET / is open to everybody"],
    [
      "a raw method without an authorization type",
      (stack) => method(stack, { AuthorizationType: "NONE" }),
      "GET / is open to everybody",
    ],
    [
      "an override that opens a method",
      (stack) => l1(stack).addPropertyOverride("AuthorizationType", "NONE"),
      "GET / is open to everybody",
    ],
    [
      "an override that takes authorization away",
      (stack) => route(stack, { authorizationType: "AWS_IAM" }).addPropertyDeletionOverride("AuthorizationType"),
      "the route GET / is open to everybody",
    ],
    [
      "a preflight that an override gives a backend",
      (stack) => {
        const api = restApi(stack);
        api.root.addMethod("GET", new MockIntegration(), iam);
        const preflight = api.root.addCorsPreflight({ allowOrigins: ["*"] });
        (preflight.node.defaultChild as CfnMethod).addPropertyOverride("Integration.Type", "HTTP_PROXY");
      },
      "OPTIONS / is open to everybody",
    ],
    [
      "an OPTIONS route of an HTTP API with a backend",
      (stack) => route(stack, { routeKey: "OPTIONS /", target: "integrations/a1b2" }),
      "the route OPTIONS / is open to everybody",
    ],
    [
      "a quick-create HTTP API",
      (stack) => new CfnApi(stack, "Api", { protocolType: "HTTP", name: "api", target: "https://example.com" }),
      "the route $default that quick-create makes for its target is open to everybody",
    ],
    [
      "a clone",
      (stack) => new CfnRestApi(stack, "Api", { name: "api", cloneFrom: "a1b2" }),
      "it is a clone of another API, whose methods are not visible",
    ],
    [
      "Cognito's authorizer",
      (stack) => method(stack, { AuthorizationType: "COGNITO_USER_POOLS", AuthorizerId: "a1b2" }),
      "GET / has the authorizer a1b2, and it is not in the files",
    ],
    [
      "a JWT authorizer",
      (stack) => route(stack, { authorizationType: "JWT", authorizerId: "a1b2" }),
      "the route GET / has the authorizer a1b2, and it is not in the files",
    ],
    [
      "another Lambda's authorizer",
      (stack) => route(stack, { authorizationType: "CUSTOM", authorizerId: "a1b2" }),
      "the route GET / has the authorizer a1b2, and it is not in the files",
    ],
    [
      "a document with Cognito's authorizer",
      (stack) => documentWith(stack, cognito),
      "the operation GET / has the authorizer own, and an authorizer of type COGNITO_USER_POOLS evaluates no policy",
    ],
    [
      "a document with another Lambda's authorizer",
      (stack) => documentWith(stack, foreignLambda),
      "the operation GET / has the authorizer own, and",
    ],
  ])("and fails with %s", (_, add, cause) => {
    expect(failure(add)).toContain(`RequireAuthorization: Test.template.json: `);
    expect(failure(add)).toContain(cause);
  });
});

describe("an authorizer of another kind", () => {
  const failureWith = (authorizer: string, reason = "Whoever has signed in may see all of it.") =>
    errorOf(() => {
      const stack = new Stack(new App(), "Test");
      const additionalAuthorizers = [{ authorizer, reason }];
      Aspects.of(stack).add(new RequireAuthorization({ additionalAuthorizers, accepted }));
      const apiId = httpApi(stack).ref;
      new CfnRoute(stack, "Get", { apiId, routeKey: "GET /", authorizationType: "JWT", authorizerId: "own" });
      documentWith(stack, cognito, "Document");
      Template.fromStack(stack);
    });

  it("is accepted if it is named with a reason", () => {
    expect(failureWith("own")).toBe("nothing failed");
    expect(failureWith("other")).toContain("authorizer.foreign");
    expect(failureWith("own", " ")).toBe(
      "RequireAuthorization: additionalAuthorizers: own has no reason; say why it is safe",
    );
  });
});

describe("an authorizer of a PolicyAuthorizer", () => {
  it("is accepted, in other stacks and documents too, unless an override names another", async () => {
    await using dist = await createDist();
    const failureWith = (change: (method: CfnMethod) => void) =>
      errorOf(() => {
        const { stack, authorizer } = createAuthorizer(dist.distPath);
        // The stack that has a further method is not the one that deploys the API.
        Aspects.of(stack.node.root).add(new RequireAuthorization({ accepted }));
        const api = restApi(stack);
        const method = api.root.resourceForPath("/home").addMethod("GET", new MockIntegration());
        authorizer.attachToRestApi(api);
        const other = new Stack(stack.node.root as App, "Other");
        const { restApiId } = api;
        const rootResourceId = api.root.resourceId;
        const imported = RestApi.fromRestApiAttributes(other, "Api", { restApiId, rootResourceId });
        imported.root.resourceForPath("/vtl/whoami").addMethod("GET", new MockIntegration());
        const document = authorizer.secure({ openapi: "3.0.1", paths: { "/home": { get: {} } } }, "rest");
        const spec = new SpecRestApi(other, "Spec", {
          cloudWatchRole: false,
          apiDefinition: ApiDefinition.fromInline(document),
        });
        authorizer.allow(spec);
        change(method.node.defaultChild as CfnMethod);
        Template.fromStack(stack);
      });
    expect(failureWith(() => {})).toBe("nothing failed");
    expect(failureWith((method) => method.addPropertyOverride("AuthorizerId", "a1b2"))).toContain(
      "GET /home has the authorizer a1b2",
    );
  });
});

describe("responses that are cached", () => {
  const caching = { cacheClusterEnabled: true, cachingEnabled: true };
  const token = ["method.request.header.Authorization"];
  const ofMethod = (cacheKeyParameters: string[]) =>
    failure((stack) => {
      const api = new RestApi(stack, "Api", { cloudWatchRole: false, deployOptions: caching });
      api.root.addMethod("GET", new MockIntegration({ cacheKeyParameters }), {
        ...iam,
        requestParameters: { "method.request.header.Authorization": true },
      });
    });
  const ofDocument = (cacheKeyParameters: string[]) =>
    failure((stack) => {
      const operation = {
        security: [{ sigv4: [] }],
        "x-amazon-apigateway-integration": { type: "mock", cacheKeyParameters },
      };
      new SpecRestApi(stack, "Api", {
        cloudWatchRole: false,
        deployOptions: caching,
        apiDefinition: ApiDefinition.fromInline({
          openapi: "3.0.1",
          paths: { "/home": { get: operation, options: { "x-amazon-apigateway-integration": INTEGRATION } } },
          components: { securitySchemes: { sigv4: { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" } } },
        }),
      });
    });

  it.each([
    ["a method", ofMethod],
    ["a document", ofDocument],
  ])("need the token in their key, since one caller would get the response to another: %s", (_, failureWith) => {
    expect([failureWith([]).split("\n").length, failureWith(token)]).toEqual([1, "nothing failed"]);
    expect(failureWith([])).toContain("without the token in the cache key");
  });
});
