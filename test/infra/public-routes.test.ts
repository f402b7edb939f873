import { App, Aspects, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { AuthorizationType, MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUrlIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { RestAttachment } from "../../infra/constructs/policy-authorizer-props.ts";
import { RequireAuthorization } from "../../infra/constructs/require-authorization.ts";
import { createAuthorizer, createDist, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";

const OPS = `package access.ops

public["health"] := {"verbs": {"GET"}, "path": "/health", "despite": {"ops.pages"}}

grants["pages"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{page}"}
`;

let dist: TestDist;
let closed: TestDist;
beforeAll(async () => {
  dist = await createDist({ "access/ops.rego": OPS }, {});
  closed = await createDist({}, {});
});
afterAll(async () => {
  await dist[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

const integration = new MockIntegration();

function attachRest(add: (api: RestApi) => void, distPath = dist.distPath, props: RestAttachment = {}) {
  const { stack, authorizer } = createAuthorizer(distPath);
  const api = new RestApi(stack, "Api", { cloudWatchRole: false });
  api.root.addResource("home").addMethod("GET", integration);
  authorizer.attachToRestApi(api, props);
  add(api);
  return { stack, api };
}

function typesOf(stack: Stack, type: string, name: string) {
  return propertiesOf(stack, type).map((one) => [one[name], one["AuthorizationType"] ?? "NONE"]);
}

describe("a REST API", () => {
  const addHealth = (api: RestApi) => api.root.addResource("health").addMethod("GET", integration);

  it("has no authorizer on a method that is public, and one on every other", () => {
    const { stack } = attachRest((api) => addHealth(api).resource.addMethod("POST", integration));
    // Without a rule for POST, its route is not one of the build.
    expect(errorOf(() => propertiesOf(stack, "AWS::ApiGateway::Method"))).toContain(
      "POST /health is not among the routes",
    );
    const types = typesOf(attachRest(addHealth).stack, "AWS::ApiGateway::Method", "HttpMethod");
    expect(types).toEqual([
      ["GET", "CUSTOM"],
      ["GET", "NONE"],
    ]);
  });

  it("refuses a method that is public in part, unless the public requests have one of their own", () => {
    const addPages = (api: RestApi) => api.root.addResource("{page}").addMethod("GET", integration);
    const alone = attachRest(addPages).stack;
    expect(errorOf(() => propertiesOf(alone, "AWS::ApiGateway::Method"))).toContain(
      "PolicyAuthorizer: Test/Api: GET /{page} is public in part (ops.health)",
    );
    const { stack } = attachRest((api) => {
      addPages(api);
      addHealth(api);
    });
    const types = typesOf(stack, "AWS::ApiGateway::Method", "HttpMethod");
    expect(types.map(([, type]) => type).sort()).toEqual(["CUSTOM", "CUSTOM", "NONE"]);
  });

  it("says of a public method that is selected by its name that it is public", () => {
    const { stack } = attachRest(addHealth, dist.distPath, { only: ["GET /health", "GET /home"] });
    expect(errorOf(() => propertiesOf(stack, "AWS::ApiGateway::Method"))).toContain(
      "only: GET /health is public in the policy, and gets no authorizer; remove one of the two",
    );
  });

  it("keeps another authorization on a public method, and says so", () => {
    const { stack } = attachRest((api) =>
      api.root.addResource("health").addMethod("GET", integration, { authorizationType: AuthorizationType.IAM }),
    );
    expect(typesOf(stack, "AWS::ApiGateway::Method", "HttpMethod")).toContainEqual(["GET", "AWS_IAM"]);
    const warning = Match.stringLikeRegexp(
      "GET /health is public in the policy \\(ops.health\\) and has the authorization AWS_IAM",
    );
    Annotations.fromStack(stack).hasWarning("*", warning);
  });

  it("is deployed again when a method becomes public", () => {
    const deploymentOf = (distPath: string) => {
      const { stack } = attachRest(() => undefined, distPath);
      return Object.keys(Template.fromStack(stack).findResources("AWS::ApiGateway::Deployment"));
    };
    expect(deploymentOf(dist.distPath)).not.toEqual(deploymentOf(closed.distPath));
    expect(deploymentOf(dist.distPath)).toEqual(deploymentOf(dist.distPath));
  });
});

it("an HTTP API has no authorizer on a route that is public, and one on every other", () => {
  const { stack, authorizer } = createAuthorizer(dist.distPath);
  const api = new HttpApi(stack, "Api");
  const url = new HttpUrlIntegration("Url", "https://example.com");
  for (const path of ["/home", "/health"]) api.addRoutes({ path, methods: [HttpMethod.GET], integration: url });
  authorizer.attachToHttpApi(api);
  expect(typesOf(stack, "AWS::ApiGatewayV2::Route", "RouteKey")).toEqual([
    ["GET /home", "CUSTOM"],
    ["GET /health", "NONE"],
  ]);
});

describe("the gate of an app", () => {
  const failure = (distPath: string, isAttached: boolean) => {
    const app = new App();
    const stack = new Stack(app, "Test");
    const trustedIssuers = [
      { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" },
    ];
    const authorizer = new PolicyAuthorizer(stack, "Authorizer", { trustedIssuers, distPath });
    const url = new HttpUrlIntegration("Url", "https://example.com");
    const api = new HttpApi(stack, "Api");
    api.addRoutes({ path: "/home", methods: [HttpMethod.GET], integration: url });
    authorizer.attachToHttpApi(api);
    const other = isAttached ? api : new HttpApi(stack, "Other");
    const health = new HttpUrlIntegration("Health", "https://example.com");
    other.addRoutes({ path: "/health", methods: [HttpMethod.GET], integration: health });
    Aspects.of(app).add(new RequireAuthorization());
    return errorOf(() => app.synth());
  };

  it("lets a route be open that the attached policy makes public, and no route of another API", () => {
    expect(failure(dist.distPath, true)).toBe("nothing failed");
    expect(failure(dist.distPath, false)).toContain("GET /health is open to everybody");
  });
});

describe("a document", () => {
  const document = {
    openapi: "3.0.3",
    components: { securitySchemes: { key: { type: "apiKey", name: "x-api-key", in: "header" } } },
    paths: { "/home": { get: {} }, "/health": { get: { security: [{ key: [] }] } as object } },
  };

  it("has no authorizer on a public operation afterwards, which keeps its API key", () => {
    const { authorizer } = createAuthorizer(dist.distPath);
    const { paths } = Object(authorizer.secure(document, "rest"));
    expect(paths["/health"].get).toEqual({ security: [{ key: [] }] });
    const unmarked = { ...document, paths: { ...document.paths, "/health": { get: {} } } };
    const secured = Object(createAuthorizer(dist.distPath).authorizer.secure(unmarked, "rest"));
    expect(secured.paths["/health"].get).toEqual({ security: [] });
    expect(secured.paths["/home"].get.security).toHaveLength(1);
  });

  it("may have an empty security, or the type NONE, on a public operation only", () => {
    const secure = (distPath: string, operation: object) =>
      errorOf(() =>
        createAuthorizer(distPath).authorizer.secure({ ...document, paths: { "/health": { get: operation } } }, "rest"),
      );
    const open = [{ security: [] }, { security: [], "x-amazon-apigateway-auth": { type: "NONE" } }];
    expect(open.map((one) => secure(dist.distPath, one))).toEqual(["nothing failed", "nothing failed"]);
    expect(secure(closed.distPath, { security: [] })).toContain("GET /health is open to everybody in the document");
    expect(secure(closed.distPath, open[1] ?? {})).toContain("GET /health");
  });

  it("passes the check with the operation open, and with a warning if it is closed", () => {
    const { authorizer, stack } = createAuthorizer(dist.distPath);
    const secured = stack.resolve(authorizer.secure(document, "rest"));
    authorizer.check(secured, "rest");
    const [scheme] = secured.paths["/home"].get.security;
    authorizer.check({ ...secured, paths: { ...secured.paths, "/health": { get: { security: [scheme] } } } }, "rest");
    Annotations.fromStack(stack).hasWarning("*", Match.stringLikeRegexp("GET /health is public in the policy"));
  });
});
