import { join } from "node:path";
import { type App, NestedStack, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import {
  ApiDefinition,
  CfnDeployment,
  Deployment,
  type IRestApi,
  MockIntegration,
  RestApi,
  SpecRestApi,
} from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute, HttpApi, type HttpMethod, WebSocketApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUrlIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace } from "../../dev/workspace.ts";
import { GatewayResponses } from "../../infra/constructs/gateway-responses.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { createAuthorizer, createDist, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";

// Which parts of an API an authorizer is attached to: other stacks, deployments, and methods that are not visible at synthesis.

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const HOME = { verb: "GET", path: "/home" };

function createRestApi(stack: Stack, options: object = {}): RestApi {
  const api = new RestApi(stack, "Api", { cloudWatchRole: false, ...options });
  api.root.resourceForPath(HOME.path).addMethod(HOME.verb, new MockIntegration());
  return api;
}

function createHttpApi(stack: Stack): HttpApi {
  const api = new HttpApi(stack, "Api");
  const integration = new HttpUrlIntegration("Url", "https://example.com");
  api.addRoutes({ path: HOME.path, methods: [HOME.verb as HttpMethod], integration });
  return api;
}

function failure(attach: (authorizer: PolicyAuthorizer, stack: Stack) => void): string {
  return errorOf(() => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    attach(authorizer, stack);
    propertiesOf(stack, "AWS::Lambda::Function");
  });
}

const NOT_VISIBLE =
  "methods of this API are not visible at synthesis and would stay open; for an API made from a document use secure() or check(), then allow()";

describe("an API is attached to", () => {
  it.each<[string, (authorizer: PolicyAuthorizer, stack: Stack) => void]>([
    ["REST", (authorizer, stack) => authorizer.attachToRestApi(createRestApi(stack))],
    ["HTTP", (authorizer, stack) => authorizer.attachToHttpApi(createHttpApi(stack))],
  ])("if its methods are visible at synthesis: %s", (_, attach) => {
    expect(failure(attach)).toBe("nothing failed");
  });

  it.each<[string, (authorizer: PolicyAuthorizer, stack: Stack) => void]>([
    [
      "an imported REST API",
      (authorizer, stack) => authorizer.attachToRestApi(RestApi.fromRestApiId(stack, "Api", "a1b2")),
    ],
    [
      "an API made from a document, even with methods beside it",
      (authorizer, stack) => {
        const apiDefinition = ApiDefinition.fromInline({ openapi: "3.0.1", paths: { "/": { get: {} } } });
        const api = new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition });
        api.root.resourceForPath(HOME.path).addMethod(HOME.verb, new MockIntegration());
        authorizer.attachToRestApi(api);
      },
    ],
    [
      "an imported HTTP API",
      (authorizer, stack) =>
        authorizer.attachToHttpApi(HttpApi.fromHttpApiAttributes(stack, "Api", { httpApiId: "a1b2" })),
    ],
    [
      "a quick-create HTTP API",
      (authorizer, stack) => {
        const quick = new CfnApi(stack, "Quick", { protocolType: "HTTP", name: "q", target: "https://example.com" });
        new CfnRoute(stack, "Home", { apiId: quick.ref, routeKey: "GET /home" });
        authorizer.attachToHttpApi(HttpApi.fromHttpApiAttributes(stack, "Api", { httpApiId: quick.ref }));
      },
    ],
  ])("but not %s, whose methods would stay open", (_, attach) => {
    expect(failure(attach)).toContain(NOT_VISIBLE);
  });

  it.each<[string, (authorizer: PolicyAuthorizer, stack: Stack) => void]>([
    [
      "attached to by another authorizer",
      (authorizer, stack) => {
        const api = createRestApi(stack);
        const { distPath } = dist;
        const trustedIssuers = [{ issuer: "https://a.example", audience: ["api"], jwksUri: "https://a.example/keys" }];
        new PolicyAuthorizer(stack, "Other", { distPath, trustedIssuers }).attachToRestApi(api);
        authorizer.attachToRestApi(api);
      },
    ],
    [
      "allowed",
      (authorizer, stack) => {
        const api = createHttpApi(stack);
        authorizer.attachToHttpApi(api);
        authorizer.allow(api);
      },
    ],
  ])("once, and not %s again", (_, attach) => {
    expect(failure(attach)).toBe(
      "PolicyAuthorizer at Test/Authorizer: Test/Api has a PolicyAuthorizer already; attach or allow it once",
    );
  });
});

describe("the authorizer covers", () => {
  const importIn = (scope: Stack, api: RestApi) => {
    const { restApiId } = api;
    const imported = RestApi.fromRestApiAttributes(scope, "Api", { restApiId, rootResourceId: api.root.resourceId });
    imported.root.resourceForPath("/vtl/whoami").addMethod("GET", new MockIntegration());
  };

  it.each<[string, (stack: Stack) => Stack]>([
    ["another stack", (stack) => new Stack(stack.node.root as App, "Other")],
    ["a nested stack", (stack) => new NestedStack(stack, "Nested")],
  ])("has the authorizer, too: %s", (_, toStack) => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const api = createRestApi(stack);
    authorizer.attachToRestApi(api);
    const other = toStack(stack);
    importIn(other, api);
    expect(propertiesOf(other, "AWS::ApiGateway::Method")).toMatchObject([{ AuthorizationType: "CUSTOM" }]);
  });

  it("does not have it if it belongs to another API with the same logical id", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.attachToRestApi(createRestApi(stack));
    const other = new Stack(stack.node.root as App, "Other");
    createRestApi(other);
    expect(propertiesOf(other, "AWS::ApiGateway::Method")).toMatchObject([{ AuthorizationType: "NONE" }]);
  });

  it("can be a route or $connect, too", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const http = createHttpApi(stack);
    const webSocket = new WebSocketApi(stack, "Sockets");
    authorizer.attachToHttpApi(http);
    authorizer.attachToWebSocketApi(webSocket);
    const other = new Stack(stack.node.root as App, "Other");
    new CfnRoute(other, "Whoami", { apiId: http.apiId, routeKey: "GET /vtl/whoami" });
    new CfnRoute(other, "Connect", { apiId: webSocket.apiId, routeKey: "$connect" });
    const types = propertiesOf(other, "AWS::ApiGatewayV2::Route").map((route) => route["AuthorizationType"]);
    expect(types).toEqual(["CUSTOM", "CUSTOM"]);
  });
});

describe("a preflight of an HTTP API", () => {
  const options = (path: string, hasBackend: boolean) => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const api = createHttpApi(stack);
    new CfnRoute(stack, "Options", {
      apiId: api.apiId,
      routeKey: `OPTIONS ${path}`,
      ...(hasBackend && { target: "integrations/a1b2" }),
    });
    authorizer.attachToHttpApi(api);
    const routes = propertiesOf(stack, "AWS::ApiGatewayV2::Route");
    return routes.find(({ RouteKey }) => RouteKey === `OPTIONS ${path}`)?.["AuthorizationType"];
  };

  it("has no backend; if the route has one, the policy's ANY decides", () => {
    expect([options("/home", false), options("/admin", true)]).toEqual([undefined, "CUSTOM"]);
    expect(errorOf(() => options("/home", true))).toContain("OPTIONS /home is not among the routes");
  });
});

describe("a deployment", () => {
  const idOf = (stack: Stack, deployment: Deployment) => {
    propertiesOf(stack, "AWS::ApiGateway::Deployment");
    return stack.resolve((deployment.node.defaultChild as CfnDeployment).logicalId);
  };
  const explicit = (change: (authorizer: PolicyAuthorizer, api: RestApi) => void, props: object = {}) => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, props);
    const api = createRestApi(stack, { deploy: false });
    const deployment = new Deployment(stack, "Deployment", { api: api as IRestApi });
    change(authorizer, api);
    return idOf(stack, deployment);
  };
  const attach = (authorizer: PolicyAuthorizer, api: RestApi) => authorizer.attachToRestApi(api);

  it("is a new one once the authorizer is attached, has another token source, or another alias", () => {
    const ids = [
      explicit(() => {}),
      explicit(attach),
      explicit(attach, { tokenSource: "header:X-Token" }),
      explicit((authorizer, api) => authorizer.attachToRestApi(api, { apiName: "orders" })),
      explicit((_, api) => new GatewayResponses(api, "Responses", { api, allowOrigin: "https://app.example.com" })),
      explicit((_, api) => new GatewayResponses(api, "Responses", { api, allowOrigin: "https://www.example.com" })),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(explicit(attach)).toBe(ids[1]);
  });

  it("gets a warning if its identity can't be changed", () => {
    const warningsOf = (make: (stack: Stack, api: RestApi) => unknown) => {
      const { stack, authorizer } = createAuthorizer(dist.distPath);
      const api = createRestApi(stack, { deploy: false });
      make(stack, api);
      authorizer.attachToRestApi(api);
      return Annotations.fromStack(stack).findWarning("*", Match.stringLikeRegexp("make it a Deployment")).length;
    };
    expect([
      warningsOf((stack, { restApiId }) => new CfnDeployment(stack, "Bare", { restApiId })),
      warningsOf((stack, api) => new Deployment(stack, "Deployment", { api: api as IRestApi })),
    ]).toEqual([1, 0]);
  });

  it("depends on the gateway responses that it serves", () => {
    const { stack } = createAuthorizer(dist.distPath);
    const api = createRestApi(stack);
    new GatewayResponses(stack, "Responses", { api, allowOrigin: "*" });
    propertiesOf(stack, "AWS::ApiGateway::Deployment");
    const [own] = Object.values(Template.fromStack(stack).findResources("AWS::ApiGateway::Deployment"));
    const needed = Object(own).DependsOn.filter((name: string) => name.startsWith("Responses"));
    expect(needed).toHaveLength(3);
  });

  it("stays the same for an API without the authorizer", () => {
    const other = (isAttached: boolean) => {
      const { stack, authorizer } = createAuthorizer(dist.distPath);
      if (isAttached) authorizer.attachToRestApi(createRestApi(stack));
      const api = new RestApi(stack, "Other", { cloudWatchRole: false });
      api.root.addMethod("GET", new MockIntegration());
      if (api.latestDeployment === undefined) throw new Error("no deployment");
      return idOf(stack, api.latestDeployment);
    };
    expect(other(true)).toBe(other(false));
  });
});

describe("per-token policy documents", () => {
  it("can be built for a document with preflights, too", async () => {
    const mock = { "x-amazon-apigateway-integration": { type: "mock" }, responses: {} };
    const paths = { "/home": { get: { responses: {} }, options: mock } };
    await using workspace = await createWorkspace({ "openapi.json": JSON.stringify({ openapi: "3.0.3", paths }) });
    const openApiFile = join(workspace.root, "policies", "openapi.json");
    await using perToken = await createDist({}, { openApiFile, cacheScope: "token" });
    const { stack, authorizer } = createAuthorizer(perToken.distPath);
    const api = createRestApi(stack);
    api.root.resourceForPath("/home").addCorsPreflight({ allowOrigins: ["https://app.example.com"] });
    authorizer.attachToRestApi(api, { type: "TOKEN" });
    expect(errorOf(() => propertiesOf(stack, "AWS::Lambda::Function"))).toBe("nothing failed");
  });
});
