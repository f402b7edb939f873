import { App, CfnResource, Stack } from "aws-cdk-lib";
import {
  CfnAuthorizer,
  CfnModel,
  CfnResource as CfnRestResource,
  MockIntegration,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import {
  CfnAuthorizer as CfnHttpAuthorizer,
  CfnRoute,
  CfnStage,
  HttpApi,
  type HttpMethod,
  WebSocketApi,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUrlIntegration, WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { UserPool } from "aws-cdk-lib/aws-cognito";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { createAuthorizer, createDist, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  // Without a document, the contract has the paths of the policy, siblings among them.
  dist = await createDist({}, {});
});
afterAll(() => dist[Symbol.asyncDispose]());

/** Returns the error of a synthesis in which an authorizer is attached to an API; undefined if it succeeds. */
function errorWith(
  attach: (authorizer: PolicyAuthorizer, stack: Stack) => void,
  props: Partial<PolicyAuthorizerProps> = {},
): string | undefined {
  const error = errorOf(() => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, props);
    attach(authorizer, stack);
    propertiesOf(stack, "AWS::Lambda::Function");
  });
  return error === "nothing failed" ? undefined : error;
}

type Keys = readonly (readonly [verb: string, path: string])[];

const HOME: Keys = [["GET", "/home"]];
const SIBLINGS: Keys = [
  ["GET", "/orders/{proxy+}"],
  ["POST", "/orders/{order_id}/refunds"],
];

function createRestApi(stack: Stack, keys: Keys = HOME): RestApi {
  const api = new RestApi(stack, "Api", { cloudWatchRole: false });
  for (const [verb, path] of keys) api.root.resourceForPath(path).addMethod(verb, new MockIntegration());
  return api;
}

function createHttpApi(stack: Stack, keys: Keys = HOME): HttpApi {
  const api = new HttpApi(stack, "Api");
  const integration = new HttpUrlIntegration("Url", "https://example.com");
  for (const [verb, path] of keys) api.addRoutes({ path, methods: [verb as HttpMethod], integration });
  return api;
}

function addAuthorizers(api: RestApi, names: readonly string[]): void {
  for (const name of names)
    new CfnAuthorizer(api, `Own${name}`, {
      name,
      restApiId: api.restApiId,
      type: "TOKEN",
      identitySource: "method.request.header.Authorization",
    });
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `own${at}`);

describe("an API that API Gateway would refuse is refused at synthesis", () => {
  it("with siblings on a REST API, which an HTTP API may have", () => {
    const error = errorWith((authorizer, stack) => authorizer.attachToRestApi(createRestApi(stack, SIBLINGS)));
    expect(error).toContain("siblings with a variable path part, and a REST API allows only one below /orders");
    expect(error).toContain("Test/Api/Default/orders/{proxy+}/GET");
    expect(error).toContain("Test/Api/Default/orders/{order_id}/refunds/POST");
    expect(errorWith((authorizer, stack) => authorizer.attachToHttpApi(createHttpApi(stack, SIBLINGS)))).toBe(
      undefined,
    );
    const whole: Keys = [["GET", "/customers/{customer_id}/orders"], ...HOME];
    expect(errorWith((authorizer, stack) => authorizer.attachToRestApi(createRestApi(stack, whole)))).toBe(undefined);
  });

  it.each([
    ["{other}", true],
    ["other", false],
  ])("with a sibling %s that is a resource without the library's class, and has no method", (pathPart, isRefused) => {
    const error = errorWith((authorizer, stack) => {
      const api = createRestApi(stack);
      new CfnRestResource(stack, "Any", {
        restApiId: api.restApiId,
        parentId: api.restApiRootResourceId,
        pathPart: "{any}",
      });
      new CfnRestResource(stack, "Other", { restApiId: api.restApiId, parentId: api.restApiRootResourceId, pathPart });
      authorizer.attachToRestApi(api);
    });
    if (isRefused) expect(error).toContain("Test/Any and Test/Other: /{any} and /{other} are siblings");
    else expect(error).toBe(undefined);
  });

  it("with more than ten authorizers, with those that the API has already", () => {
    const attach = (count: number) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createRestApi(stack, HOME);
      addAuthorizers(api, names(count));
      authorizer.attachToRestApi(api);
    };
    expect(errorWith(attach(10))).toContain("Test/Api: has 11 authorizers, and 10 are the most");
    expect(errorWith(attach(10))).toContain("goes into raisedQuotas");
    expect(errorWith(attach(9))).toBe(undefined);
    expect(errorWith(attach(10), { raisedQuotas: { authorizers: 11 } })).toBe(undefined);
  });

  it.each([
    ["token", true],
    ["tokens", false],
  ])("with an authorizer of its own that has the name %s", (name, isRefused) => {
    const error = errorWith((authorizer, stack) => {
      const api = createRestApi(stack);
      addAuthorizers(api, [name]);
      authorizer.attachToRestApi(api);
    });
    if (isRefused) {
      expect(error).toContain("2 authorizers of the API have the name token");
      expect(error).toContain("Test/Api/Owntoken");
    } else expect(error).toBe(undefined);
  });

  it("with a model or a stage of a name that is not one", () => {
    const withModel = (name: string) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createRestApi(stack);
      new CfnModel(api, "Model", { restApiId: api.restApiId, name, schema: {} });
      authorizer.attachToRestApi(api);
    };
    expect(errorWith(withModel("an-order"))).toContain('Test/Api/Model: "an-order" is not the name of a model');
    expect(errorWith(withModel("order"))).toBe(undefined);
    const withStage = (stageName: string) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createHttpApi(stack);
      new CfnStage(api, "Stage", { apiId: api.apiId, stageName, autoDeploy: true });
      authorizer.attachToHttpApi(api);
    };
    expect(errorWith(withStage("v1.0"))).toContain('Test/Api/Stage: "v1.0" is not the name of a stage');
    expect(errorWith(withStage("$default"))).toContain("2 stages of the API have the name $default");
    expect(errorWith(withStage("v1-0"))).toBe(undefined);
  });

  it("with a route twice, one of them without the library's class", () => {
    const attach = (routeKey: string) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createHttpApi(stack);
      new CfnRoute(stack, "Another", { apiId: api.apiId, routeKey, target: "integrations/a" });
      authorizer.attachToHttpApi(api);
    };
    expect(errorWith(attach("GET /home"))).toContain("GET /home is there 2 times");
    expect(errorWith(attach("GET /customers/{customer_id}/orders"))).toBe(undefined);
  });

  it("with more than 300 routes on a WebSocket API", () => {
    const attach = (count: number) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = new WebSocketApi(stack, "Socket");
      api.addRoute("$connect", { integration: new WebSocketMockIntegration("Connect") });
      for (let at = 1; at < count; at += 1)
        new CfnResource(stack, `Route${at}`, {
          type: "AWS::ApiGatewayV2::Route",
          properties: { ApiId: api.apiId, RouteKey: `route${at}` },
        });
      authorizer.attachToWebSocketApi(api);
    };
    expect(errorWith(attach(301))).toContain("Test/Socket: has 301 routes, and 300 are the most");
    expect(errorWith(attach(300))).toBe(undefined);
  });

  it("with an authorizer of another construct that has no identity source and the TTL that AWS presets", () => {
    const attach = (identitySource: string | undefined) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createRestApi(stack);
      new CfnAuthorizer(api, "Own", {
        name: "own",
        restApiId: api.restApiId,
        type: "REQUEST",
        ...(identitySource !== undefined && { identitySource }),
      });
      authorizer.attachToRestApi(api);
    };
    expect(errorWith(attach(undefined))).toContain("Test/Api/Own: Identity source must be set");
    expect(errorWith(attach("method.request.header.a"))).toBe(undefined);
    const attachHttp = (payload: string | undefined) => (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createHttpApi(stack);
      new CfnHttpAuthorizer(api, "Own", {
        name: "own",
        apiId: api.apiId,
        authorizerType: "REQUEST",
        ...(payload !== undefined && { authorizerPayloadFormatVersion: payload }),
      });
      authorizer.attachToHttpApi(api);
    };
    expect(errorWith(attachHttp(undefined))).toContain("Test/Api/Own: the payload version is not set");
    expect(errorWith(attachHttp("2.0"))).toBe(undefined);
  });

  it("with a document whose routes its kind refuses", () => {
    const paths = Object.fromEntries(SIBLINGS.map(([verb, path]) => [path, { [verb.toLowerCase()]: {} }]));
    const secure = (kind: "rest" | "http") => (authorizer: PolicyAuthorizer) => {
      authorizer.secure({ openapi: "3.0.3", paths }, kind);
    };
    expect(errorWith(secure("rest"))).toContain("are siblings with a variable path part");
    expect(errorWith(secure("http"))).toBe(undefined);
  });
});

describe("a function that Lambda would refuse is refused at synthesis", () => {
  it("with an environment of more than 4 kB", () => {
    const issuersOf = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        issuer: `https://login${at}.example.com`,
        audience: ["api"],
        jwksUri: `https://login${at}.example.com/keys`,
      }));
    const none = () => undefined;
    const error = errorWith(none, { trustedIssuers: issuersOf(50) });
    expect(error).toMatch(
      /Test\/Authorizer\/Function\/Lambda: the environment has at least \d{4} bytes, and 4096 are the most/,
    );
    expect(error).toContain("TRUSTED_ISSUERS has most of them; pack issuers with the build");
    expect(errorWith(none, { trustedIssuers: issuersOf(20) })).toBe(undefined);
  });

  it.each([
    [60, true],
    [20, false],
  ])(
    "with %i user pools, whose ids are known at deployment only and count with their least length",
    (count, isRefused) => {
      const error = errorOf(() => {
        const stack = new Stack(new App(), "Test");
        const trustedIssuers = Array.from({ length: count }, (_, at) => {
          const userPool = new UserPool(stack, `Pool${at}`);
          const client = userPool.addClient("Client", { authFlows: { user: false }, oAuth: { scopes: [] } });
          return { userPool, clients: [client], tokenUse: "any" as const, name: `pool${at}` };
        });
        new PolicyAuthorizer(stack, "Authorizer", {
          trustedIssuers,
          distPath: dist.distPath,
        });
        propertiesOf(stack, "AWS::Lambda::Function");
      });
      expect(/the environment has at least \d+ bytes/.test(error)).toBe(isRefused);
      if (!isRefused) expect(error).toBe("nothing failed");
    },
  );
});
