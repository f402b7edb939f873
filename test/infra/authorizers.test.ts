import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type App, CfnParameter, Duration, Stack } from "aws-cdk-lib";
import {
  AuthorizationType,
  CfnMethod,
  CfnRestApi,
  HttpIntegration,
  MockIntegration,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import { CfnRoute, HttpApi, HttpMethod, HttpRouteKey, WebSocketApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUrlIntegration, WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace } from "../../dev/workspace.ts";
import type { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import {
  createAuthorizer,
  createDist,
  errorOf,
  propertiesOf,
  sampleRoutes,
  type TestDist,
  withoutContract,
} from "../support/infra.ts";

let dist: TestDist;
let routes: Awaited<ReturnType<typeof sampleRoutes>>;
beforeAll(async () => {
  dist = await createDist();
  routes = await sampleRoutes();
});
afterAll(() => dist[Symbol.asyncDispose]());

const TOKEN = "method.request.header.Authorization";
const KEY = `${TOKEN},context.httpMethod,context.path`;
const HTTP_KEY = ["$request.header.Authorization", "$context.routeKey", "$context.httpMethod", "$context.path"];

function createRestApi(stack: Stack, list = routes): RestApi {
  const api = new RestApi(stack, "Api", { cloudWatchRole: false });
  for (const { verb, path } of list) api.root.resourceForPath(path).addMethod(verb, new MockIntegration());
  return api;
}

function createHttpApi(stack: Stack, list = routes): HttpApi {
  const api = new HttpApi(stack, "Api");
  const integration = new HttpUrlIntegration("Url", "https://example.com");
  for (const { verb, path } of list) api.addRoutes({ path, methods: [verb as HttpMethod], integration });
  return api;
}

/** The name of the authorizer by method and path template. */
function restAuthorizersOf(stack: Stack): Readonly<Record<string, unknown>> {
  const names = authorizerNames(stack, "AWS::ApiGateway::Authorizer");
  const methods = stack.node.findAll().filter((node) => CfnMethod.isCfnMethod(node));
  return Object.fromEntries(
    methods.map((method) => {
      const { httpMethod, resource } = Object(method.node.scope);
      const id = JSON.stringify(stack.resolve(method.authorizerId));
      return [
        `${httpMethod} ${resource.path}`,
        method.authorizationType === "CUSTOM" ? names.get(id) : method.authorizationType,
      ];
    }),
  );
}

function authorizerNames(stack: Stack, type: string): ReadonlyMap<string, unknown> {
  const template = new Map<string, unknown>();
  for (const node of stack.node.findAll()) {
    const { cfnResourceType, name, ref } = Object(node);
    if (cfnResourceType === type) template.set(JSON.stringify(stack.resolve(ref)), withoutContract(name));
  }
  return template;
}

function contractOf(stack: Stack): unknown {
  const [lambda] = propertiesOf(stack, "AWS::Lambda::Function");
  return JSON.parse(Object(lambda?.["Environment"]).Variables.CACHE_CONTRACT);
}

function failure(attach: (authorizer: PolicyAuthorizer, stack: Stack) => void, props: object = {}): string {
  return errorOf(() => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, props);
    attach(authorizer, stack);
    propertiesOf(stack, "AWS::Lambda::Function");
  });
}

describe("a REST API", () => {
  it("has the authorizer of its cache class at every method", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.attachToRestApi(createRestApi(stack));
    const settings = propertiesOf(stack, "AWS::ApiGateway::Authorizer").map(
      ({ Name, Type, IdentitySource, AuthorizerResultTtlInSeconds }) => [
        withoutContract(Name),
        Type,
        IdentitySource,
        AuthorizerResultTtlInSeconds,
      ],
    );
    expect(settings.sort()).toEqual([
      ["never", "REQUEST", TOKEN, 0],
      ["request", "REQUEST", `${KEY},context.identity.sourceIp`, 60],
      ["token", "REQUEST", KEY, 60],
    ]);
    expect(restAuthorizersOf(stack)).toEqual({
      "ANY /admin": "token",
      "ANY /admin/{proxy+}": "request",
      "GET /customers/{customer_id}/orders": "token",
      "GET /home": "token",
      "GET /orders/{order_id}": "token",
      "GET /orders/{order_id}/lines/{line_id}": "token",
      "GET /vtl/whoami": "token",
      "POST /orders/{order_id}/refunds": "never",
    });
    expect(contractOf(stack)).toMatchObject({ rest: ["token", "method", "path"] });
  });

  it("may invoke the Lambda through its own authorizers, and no other API may", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const api = createRestApi(stack);
    authorizer.attachToRestApi(api);
    expect(
      propertiesOf(stack, "AWS::Lambda::Permission").map(({ Principal, SourceArn }) => [Principal, SourceArn]),
    ).toEqual([
      [
        "apigateway.amazonaws.com",
        {
          "Fn::Join": [
            "",
            [
              "arn:",
              { Ref: "AWS::Partition" },
              ":execute-api:",
              { Ref: "AWS::Region" },
              ":",
              { Ref: "AWS::AccountId" },
              ":",
              stack.resolve(api.restApiId),
              "/authorizers/*",
            ],
          ],
        },
      ],
    ]);
  });

  it("has the authorizer at methods that are added later, with any names of parameters", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const api = createRestApi(stack, []);
    authorizer.attachToRestApi(api);
    api.root.resourceForPath("/customers/{id}/orders").addMethod("GET", new MockIntegration());
    expect(restAuthorizersOf(stack)).toEqual({ "GET /customers/{id}/orders": "NONE" });
    propertiesOf(stack, "AWS::ApiGateway::Method");
    expect(restAuthorizersOf(stack)).toEqual({ "GET /customers/{id}/orders": "token" });
  });

  it("does not change preflights and methods with IAM authorization", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const api = createRestApi(stack, routes.slice(0, 1));
    api.root.addCorsPreflight({ allowOrigins: ["https://app.example.com"] });
    api.root
      .resourceForPath("/signed")
      .addMethod("GET", new MockIntegration(), { authorizationType: AuthorizationType.IAM });
    authorizer.attachToRestApi(api);
    propertiesOf(stack, "AWS::ApiGateway::Method");
    expect(restAuthorizersOf(stack)).toEqual({ "ANY /admin": "token", "GET /signed": "AWS_IAM", "OPTIONS /": "NONE" });
  });

  it("has a new deployment when its authorizers change", () => {
    const deploymentOf = (ttlS: number) => {
      const { stack, authorizer } = createAuthorizer(dist.distPath);
      const api = createRestApi(stack);
      authorizer.attachToRestApi(api, { ttl: Duration.seconds(ttlS) });
      propertiesOf(stack, "AWS::ApiGateway::Deployment");
      return stack.resolve(api.latestDeployment?.deploymentId);
    };
    expect(deploymentOf(10)).not.toEqual(deploymentOf(20));
  });

  it("caches responses for its TTL, and for the TTL of single authorizers", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const ttlByAuthorizer = { request: Duration.seconds(0) };
    authorizer.attachToRestApi(createRestApi(stack), {
      ttl: Duration.minutes(5),
      ttlByAuthorizer,
      multipleDomains: true,
    });
    const settings = propertiesOf(stack, "AWS::ApiGateway::Authorizer").map(
      ({ Name, IdentitySource, AuthorizerResultTtlInSeconds }) => [
        withoutContract(Name),
        IdentitySource,
        AuthorizerResultTtlInSeconds,
      ],
    );
    expect(settings.sort()).toEqual([
      ["never", TOKEN, 0],
      ["request", TOKEN, 0],
      ["token", `${KEY},context.domainName`, 300],
    ]);
  });

  it("caches nothing with TOKEN authorizers, whose cache key is the token alone", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.attachToRestApi(createRestApi(stack), { type: "TOKEN" });
    const settings = propertiesOf(stack, "AWS::ApiGateway::Authorizer").map(
      ({ Type, IdentitySource, AuthorizerResultTtlInSeconds }) => [Type, IdentitySource, AuthorizerResultTtlInSeconds],
    );
    expect(settings).toEqual(Array(3).fill(["TOKEN", TOKEN, 0]));
    expect(contractOf(stack)).not.toHaveProperty("rest");
  });

  it("can be in another stack than the Lambda, whose stack does not depend on it", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    const other = new Stack(stack.node.root as App, "Other");
    authorizer.attachToRestApi(createRestApi(other));
    expect(propertiesOf(other, "AWS::Lambda::Permission")).toHaveLength(1);
    expect(propertiesOf(stack, "AWS::Lambda::Permission")).toEqual([]);
    expect(stack.dependencies).toEqual([]);
  });
});

describe("a REST API can't be synthesised", () => {
  const minutes = Duration.minutes;

  it("with a TTL for responses that must not be cached; the message names the condition", () => {
    expect(
      failure((authorizer, stack) =>
        authorizer.attachToRestApi(createRestApi(stack), { ttlByAuthorizer: { never: minutes(1) } }),
      ),
    ).toBe(
      "PolicyAuthorizer at Test/Authorizer: responses of the authorizer never must not be cached: POST /orders/{order_id}/refunds " +
        "depends on now_s, which the condition signed_in_recently reads. Leave its TTL out",
    );
  });

  it("with a TTL of more than an hour", () => {
    expect(failure((authorizer, stack) => authorizer.attachToRestApi(createRestApi(stack), { ttl: minutes(61) }))).toBe(
      "PolicyAuthorizer at Test/Authorizer: a TTL of 3660 seconds is more than the 3600 that API Gateway allows; set a lower one",
    );
  });

  it.each<[string, (authorizer: PolicyAuthorizer, stack: Stack, ttl: Duration) => void]>([
    ["all", (authorizer, stack, ttl) => authorizer.attachToRestApi(createRestApi(stack), { ttl })],
    [
      "one class",
      (authorizer, stack, ttl) => authorizer.attachToRestApi(createRestApi(stack), { ttlByAuthorizer: { token: ttl } }),
    ],
    [
      "TOKEN authorizers",
      (authorizer, stack, ttl) => authorizer.attachToRestApi(createRestApi(stack), { type: "TOKEN", ttl }),
    ],
    ["an HTTP API", (authorizer, stack, ttl) => authorizer.attachToHttpApi(createHttpApi(stack), { ttl })],
    ["a document", (authorizer, _, ttl) => authorizer.secure({ openapi: "3.0.1", paths: {} }, "rest", { ttl })],
  ])("with a TTL of %s that is not known until deployment", (_, attach) => {
    const known = failure((authorizer, stack) =>
      attach(authorizer, stack, Duration.seconds(new CfnParameter(stack, "Ttl", { type: "Number" }).valueAsNumber)),
    );
    expect(known).toBe(
      "PolicyAuthorizer at Test/Authorizer: a TTL that is known at deployment only can't be checked; give a number",
    );
  });

  it("with a TTL of an authorizer that does not exist", () => {
    expect(
      failure((authorizer, stack) =>
        authorizer.attachToRestApi(createRestApi(stack), { ttlByAuthorizer: { other: minutes(1) } }),
      ),
    ).toBe(
      "PolicyAuthorizer at Test/Authorizer: ttlByAuthorizer: no authorizer is called other; the authorizers are never, request, token",
    );
  });

  it("with a TTL of a TOKEN authorizer, whose cache key has no method and path", () => {
    const attach = (authorizer: PolicyAuthorizer, stack: Stack) =>
      authorizer.attachToRestApi(createRestApi(stack), { type: "TOKEN", ttl: minutes(1) });
    expect(failure(attach)).toContain(
      "the cache key of a TOKEN authorizer is the token alone, but a response is for one method and path",
    );
  });

  it("with a method that was not in the document of the build", () => {
    const attach = (authorizer: PolicyAuthorizer, stack: Stack) =>
      authorizer.attachToRestApi(createRestApi(stack, [...routes, { verb: "DELETE", path: "/home" }]));
    expect(failure(attach)).toBe(
      "PolicyAuthorizer at Test/Api/PolicyAuthorizer: DELETE /home is not among the routes that dist/ was built for, so it is not " +
        "known whether its responses may be cached; run rego-authorizer build --openapi FILE with a document that has it",
    );
  });

  it("with an OPTIONS method that has a backend and was not in the document of the build", () => {
    const attach = (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createRestApi(stack);
      api.root.addMethod("OPTIONS", new HttpIntegration("https://example.com"));
      authorizer.attachToRestApi(api);
    };
    expect(failure(attach)).toContain("OPTIONS / is not among the routes that dist/ was built for");
  });

  it("with a method that has another authorizer", () => {
    const attach = (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createRestApi(stack);
      const template = api.methods[0]?.node.defaultChild;
      if (CfnMethod.isCfnMethod(template)) template.authorizationType = "COGNITO_USER_POOLS";
      authorizer.attachToRestApi(api);
    };
    expect(failure(attach)).toContain("ANY /admin has another authorizer (COGNITO_USER_POOLS); remove it");
  });

  it("with a method whose path is not visible at synthesis", () => {
    const attach = (authorizer: PolicyAuthorizer, stack: Stack) => {
      const api = createRestApi(stack);
      new CfnMethod(stack, "Bare", { httpMethod: "GET", resourceId: api.root.resourceId, restApiId: api.restApiId });
      authorizer.attachToRestApi(api);
    };
    expect(failure(attach)).toContain(
      "the path of Test/Bare is not visible at synthesis, so no authorizer can be chosen; make the method with addMethod",
    );
  });
});

describe("per-token policy documents", () => {
  const settingsOf = (stack: Stack) =>
    propertiesOf(stack, "AWS::ApiGateway::Authorizer")
      .map(({ Name, IdentitySource, AuthorizerResultTtlInSeconds }) => [
        withoutContract(Name),
        IdentitySource,
        AuthorizerResultTtlInSeconds,
      ])
      .sort();

  it("are cached by a TOKEN authorizer if every route of the API has class token", async () => {
    await using folder = await createWorkspace({});
    const openApiFile = join(folder.root, "openapi.yaml");
    await writeFile(openApiFile, "openapi: 3.0.1\npaths:\n  /home:\n    get: {}\n");
    await using perToken = await createDist({}, { openApiFile, cacheScope: "token" });
    const { stack, authorizer } = createAuthorizer(perToken.distPath);
    authorizer.attachToRestApi(createRestApi(stack, [{ verb: "GET", path: "/home" }]), { type: "TOKEN" });
    expect(settingsOf(stack)).toEqual([["token", TOKEN, 60]]);
  });

  it("are cached under the token alone, and only for exactly the routes that they were built for", async () => {
    await using perToken = await createDist({}, { openApiFile: "infra/example/api/openapi.yaml", cacheScope: "token" });
    const attach = (list: typeof routes) => {
      const { stack, authorizer } = createAuthorizer(perToken.distPath);
      authorizer.attachToRestApi(createRestApi(stack, list), { type: "TOKEN" });
      return stack;
    };
    const stack = attach(routes);
    // A TOKEN event does not show its route: with routes of other classes the response is for one method and path.
    expect(settingsOf(stack)).toEqual([
      ["never", TOKEN, 0],
      ["request", TOKEN, 0],
      ["token", TOKEN, 0],
    ]);
    expect(contractOf(stack)).toMatchObject({ cache_scope: "token" });
    expect(errorOf(() => propertiesOf(attach(routes.slice(1)), "AWS::Lambda::Function"))).toContain(
      "PolicyAuthorizer: per-token policy documents were built for ANY /admin, which the API lacks",
    );
    // Each document allows or denies every request, so that nothing is left to a resource policy.
    const { stack: beside, authorizer } = createAuthorizer(perToken.distPath);
    const api = createRestApi(beside, routes);
    authorizer.attachToRestApi(api, { type: "TOKEN" });
    const Statement = [{ Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" }];
    const template = api.node.defaultChild;
    if (CfnRestApi.isCfnRestApi(template)) template.policy = { Version: "2012-10-17", Statement };
    expect(propertiesOf(beside, "AWS::ApiGateway::RestApi")).toMatchObject([{ Policy: { Statement } }]);
  });
});

describe("an HTTP API", () => {
  const settingsOf = (stack: Stack) =>
    propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer")
      .map(({ Name, IdentitySource, AuthorizerResultTtlInSeconds }) => [
        withoutContract(Name),
        IdentitySource,
        AuthorizerResultTtlInSeconds,
      ])
      .sort();

  it("has payload 2.0, IAM responses and no cache, unless it is configured", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.attachToHttpApi(createHttpApi(stack));
    for (const one of propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer")) {
      expect(one).toMatchObject({
        AuthorizerType: "REQUEST",
        AuthorizerPayloadFormatVersion: "2.0",
        EnableSimpleResponses: false,
      });
    }
    expect(settingsOf(stack)).toEqual(["never", "request", "token"].map((name) => [name, HTTP_KEY.slice(0, 1), 0]));
    expect(contractOf(stack)).not.toHaveProperty("http");
    const types = propertiesOf(stack, "AWS::ApiGatewayV2::Route").map((route) => route["AuthorizationType"]);
    expect(types).toEqual(Array(routes.length).fill("CUSTOM"));
  });

  it("has the whole key at all authorizers if one has a cache", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.attachToHttpApi(createHttpApi(stack), { ttl: Duration.seconds(30) });
    expect(settingsOf(stack)).toEqual([
      ["never", HTTP_KEY, 0],
      ["request", [...HTTP_KEY, "$context.identity.sourceIp"], 30],
      ["token", HTTP_KEY, 30],
    ]);
    expect(contractOf(stack)).toMatchObject({ http: ["token", "route", "method", "path"] });
  });

  it("caches nothing for a path with a parameter before a greedy one, since its cache key does not show an encoded slash", async () => {
    await using workspace = await createWorkspace({});
    const openApiFile = join(workspace.root, "openapi.yaml");
    await writeFile(openApiFile, "openapi: 3.0.1\npaths: { /home: { get: {} }, '/x/{a}/{b+}': { get: {} } }");
    await using own = await createDist({}, { openApiFile });
    const list = [
      { verb: "GET", path: "/home" },
      { verb: "GET", path: "/x/{a}/{b+}" },
    ];
    const create = (props: object) => {
      const { stack, authorizer } = createAuthorizer(own.distPath);
      authorizer.attachToHttpApi(createHttpApi(stack, list), props);
      return propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer").map(({ Name, AuthorizerResultTtlInSeconds: ttl }) => [
        withoutContract(Name),
        ttl,
      ]);
    };
    expect(create({ ttl: Duration.seconds(30) }).sort()).toEqual([
      ["token", 30],
      ["token-rest-only", 0],
    ]);
    expect(errorOf(() => create({ ttlByAuthorizer: { "token-rest-only": Duration.seconds(30) } }))).toContain(
      "GET /x/{a}/{b+} depends on where a slash is encoded",
    );
  });

  it("can have simple responses, which are never cached", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, { httpResponse: "simple" });
    authorizer.attachToHttpApi(createHttpApi(stack));
    const simple = propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer").map((one) => one["EnableSimpleResponses"]);
    expect([simple, settingsOf(stack).map(([, , ttlS]) => ttlS)]).toEqual([Array(3).fill(true), Array(3).fill(0)]);
    const attach = (one: PolicyAuthorizer, other: Stack) =>
      one.attachToHttpApi(createHttpApi(other), { ttl: Duration.seconds(1) });
    expect(failure(attach, { httpResponse: "simple" })).toBe(
      "PolicyAuthorizer at Test/Authorizer: a cached simple response would open every route to its token; leave the TTL out, or set httpResponse to iam",
    );
  });

  it("can't be synthesised with $default, an unknown route, or another authorizer", () => {
    const withRoute = (change: (api: HttpApi) => void) =>
      failure((authorizer, stack) => {
        const api = createHttpApi(stack);
        change(api);
        authorizer.attachToHttpApi(api);
      });
    const integration = new HttpUrlIntegration("Url", "https://example.com");
    expect(withRoute((api) => api.addRoutes({ path: "/other", methods: [HttpMethod.GET], integration }))).toContain(
      "GET /other is not among the routes that dist/ was built for",
    );
    const addDefault = (api: HttpApi) =>
      new CfnRoute(api, "Default", { apiId: api.apiId, routeKey: HttpRouteKey.DEFAULT.key });
    expect(withRoute(addDefault)).toContain("a policy can't name the route $default, since it has no path");
    const addJwt = (api: HttpApi) =>
      new CfnRoute(api, "Jwt", { apiId: api.apiId, routeKey: "GET /jwt", authorizationType: "JWT" });
    expect(withRoute(addJwt)).toContain("the route GET /jwt has another authorizer (JWT)");
  });
});

describe("a token that no cache key can hold", () => {
  it.each([
    ["cookie:session", "method.request.header.Cookie", ["$request.header.Cookie"]],
    ["header:Authorization,cookie:session", undefined, undefined],
  ])("in %s: nothing is cached", (tokenSource, rest, http) => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource });
    authorizer.attachToRestApi(createRestApi(stack));
    const [one, ...others] = propertiesOf(stack, "AWS::ApiGateway::Authorizer");
    for (const properties of [one, ...others]) {
      expect(properties).toMatchObject({ AuthorizerResultTtlInSeconds: 0 });
      expect(Object(properties).IdentitySource).toBe(rest);
    }
    const second = createAuthorizer(dist.distPath, { tokenSource });
    second.authorizer.attachToHttpApi(createHttpApi(second.stack));
    for (const properties of propertiesOf(second.stack, "AWS::ApiGatewayV2::Authorizer")) {
      expect(properties).toMatchObject({ AuthorizerResultTtlInSeconds: 0 });
      expect(Object(properties).IdentitySource).toEqual(http);
    }
    const [lambda] = propertiesOf(stack, "AWS::Lambda::Function");
    const { TOKEN_SOURCE, CACHE_CONTRACT } = Object(lambda).Environment.Variables;
    expect(TOKEN_SOURCE).toBe(tokenSource);
    expect(Object.keys(JSON.parse(CACHE_CONTRACT))).toEqual(["id"]);
  });

  it.each<[string, (authorizer: PolicyAuthorizer, stack: Stack) => void]>([
    [
      "a REST API",
      (authorizer, stack) => authorizer.attachToRestApi(createRestApi(stack), { ttl: Duration.minutes(1) }),
    ],
    [
      "an HTTP API",
      (authorizer, stack) => authorizer.attachToHttpApi(createHttpApi(stack), { ttl: Duration.minutes(1) }),
    ],
    [
      "a document",
      (authorizer) =>
        authorizer.secure({ openapi: "3.0.3", paths: { "/home": { get: {} } } }, "rest", { ttl: Duration.minutes(1) }),
    ],
  ])("fails synthesis with a TTL: %s", (_, attach) => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource: "cookie:session" });
    expect(errorOf(() => attach(authorizer, stack))).toContain(
      "responses must not be cached, since no cache key can hold the token that tokenSource names",
    );
    const whole = createAuthorizer(dist.distPath, { tokenSource: "header:X-Token" });
    expect(() => attach(whole.authorizer, whole.stack)).not.toThrow();
  });

  it("may be the header of a REST API and the subprotocol of a WebSocket: the REST API then caches", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource: "header:Authorization,subprotocol" });
    authorizer.attachToRestApi(createRestApi(stack));
    expect(propertiesOf(stack, "AWS::ApiGateway::Authorizer")).toContainEqual(
      expect.objectContaining({ IdentitySource: KEY, AuthorizerResultTtlInSeconds: 60 }),
    );
  });

  it("fails synthesis where no request has it", () => {
    const cause = "tokenSource: no request to a REST API can have the token there; name a header, a query parameter";
    for (const type of ["REQUEST", "TOKEN"] as const) {
      const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource: "subprotocol" });
      expect(errorOf(() => authorizer.attachToRestApi(createRestApi(stack), { type }))).toContain(cause);
    }
    const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource: "subprotocol" });
    expect(errorOf(() => authorizer.attachToHttpApi(createHttpApi(stack)))).toContain("no request to an HTTP API");
  });

  it.each(["cookie:session", "header:Authorization,header:X-Token", "query:token"])(
    "fails synthesis for a TOKEN authorizer: %s",
    (tokenSource) => {
      const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource });
      expect(errorOf(() => authorizer.attachToRestApi(createRestApi(stack), { type: "TOKEN" }))).toContain(
        "a TOKEN authorizer reads the token from a header only; set tokenSource to one header",
      );
    },
  );
});

describe("a WebSocket API", () => {
  it.each([
    ["subprotocol", ["route.request.header.Sec-WebSocket-Protocol"]],
    ["cookie:session", ["route.request.header.Cookie"]],
    ["query:token,subprotocol", undefined],
  ])("with the token in %s has the identity sources %j", (tokenSource, sources) => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource });
    const route = { integration: new WebSocketMockIntegration("Mock") };
    authorizer.attachToWebSocketApi(new WebSocketApi(stack, "Api", { connectRouteOptions: route }));
    const [properties] = propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer");
    expect(Object(properties).IdentitySource).toEqual(sources);
  });

  it("invokes the Lambda when a client connects", () => {
    const { stack, authorizer } = createAuthorizer(dist.distPath, { tokenSource: "query:token" });
    const route = { integration: new WebSocketMockIntegration("Mock") };
    const api = new WebSocketApi(stack, "Api", { connectRouteOptions: route });
    authorizer.attachToWebSocketApi(api);
    expect(propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer")).toMatchObject([
      { AuthorizerType: "REQUEST", IdentitySource: ["route.request.querystring.token"] },
    ]);
    expect(propertiesOf(stack, "AWS::ApiGatewayV2::Authorizer")[0]).not.toHaveProperty("AuthorizerResultTtlInSeconds");
    expect(propertiesOf(stack, "AWS::ApiGatewayV2::Route")).toMatchObject([
      { RouteKey: "$connect", AuthorizationType: "CUSTOM", AuthorizerId: { Ref: expect.stringContaining("connect") } },
    ]);
  });

  it("can't be synthesised without $connect", () => {
    const open = (authorizer: PolicyAuthorizer, stack: Stack) =>
      authorizer.attachToWebSocketApi(new WebSocketApi(stack, "Api"));
    expect(failure(open)).toContain(
      "PolicyAuthorizer: the WebSocket API Test/Api has no route $connect, so everybody can connect; add one",
    );
  });
});
