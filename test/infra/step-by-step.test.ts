import { App, AspectPriority, Aspects, CfnResource, NestedStack, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import {
  AuthorizationType,
  CfnAuthorizer,
  CfnMethod,
  CognitoUserPoolsAuthorizer,
  MockIntegration,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpMethod, HttpRoute, HttpRouteKey, WebSocketApi } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpUrlIntegration, WebSocketMockIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { UserPool } from "aws-cdk-lib/aws-cognito";
import { AnyPrincipal, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GateOptions, GateReport } from "../../gate/judge.ts";
import { judgeAssembly } from "../../gate/judge-files.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { HttpAttachment, RestAttachment } from "../../infra/constructs/policy-authorizer-props.ts";
import { RequireAuthorization } from "../../infra/constructs/require-authorization.ts";
import { createDist, errorOf, type TestDist, withoutContract } from "../support/infra.ts";

// Attaching to some methods of an API, and report-only.

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const trustedIssuers = [
  { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" },
];

interface World {
  readonly app: App;
  readonly stack: Stack;
  readonly authorizer: PolicyAuthorizer;
  readonly api: RestApi;
  readonly cognito: CognitoUserPoolsAuthorizer;
}

/** An API with two methods of Cognito's authorizer, one with IAM, one preflight, and others that are open. */
function createWorld(options: object = {}): World {
  const app = new App();
  const stack = new Stack(app, "Test");
  const authorizer = new PolicyAuthorizer(stack, "Authorizer", { trustedIssuers, distPath: dist.distPath });
  const cognito = new CognitoUserPoolsAuthorizer(stack, "Cognito", {
    cognitoUserPools: [new UserPool(stack, "Users")],
  });
  const api = new RestApi(stack, "Api", { cloudWatchRole: false, ...options });
  const byCognito = { authorizer: cognito, authorizationType: AuthorizationType.COGNITO };
  add(api, "GET /home");
  add(api, "GET /vtl/whoami", byCognito);
  add(api, "GET /customers/{customer_id}/orders", byCognito);
  add(api, "GET /orders/{order_id}", { authorizationType: AuthorizationType.IAM });
  add(api, "ANY /admin");
  add(api, "ANY /admin/{proxy+}");
  return { app, stack, authorizer, api, cognito };
}

function add(api: RestApi, name: string, options: object = {}): void {
  const [verb = "", path = ""] = name.split(" ");
  api.root.resourceForPath(path).addMethod(verb, new MockIntegration(), options);
}

/** The authorizer of each method by its name: that of the policy, or the type of another one. */
function authorizersOf(stack: Stack): Readonly<Record<string, string>> {
  const template = Template.fromStack(stack);
  const names = new Map(
    [
      ...Object.entries(template.findResources("AWS::ApiGateway::Authorizer")),
      ...Object.entries(template.findResources("AWS::ApiGatewayV2::Authorizer")),
    ].map(([id, { Properties }]) => [id, withoutContract(Properties.Name)]),
  );
  const methods = stack.node.findAll().filter((node) => CfnMethod.isCfnMethod(node));
  const own = methods.map((method): [string, string] => {
    const { httpMethod, resource } = Object(method.node.scope);
    const id = stack.resolve(method.authorizerId)?.Ref;
    const type = String(stack.resolve(method.authorizationType));
    return [`${httpMethod} ${resource.path}`, type === "CUSTOM" ? String(names.get(id)) : type];
  });
  const routes = Object.values(template.findResources("AWS::ApiGatewayV2::Route")).map(
    ({ Properties: { RouteKey, AuthorizationType: type, AuthorizerId } }): [string, string] => [
      RouteKey,
      type === "CUSTOM" ? String(names.get(AuthorizerId.Ref)) : type,
    ],
  );
  return Object.fromEntries([...own, ...routes]);
}

const OTHERS = {
  "GET /vtl/whoami": "COGNITO_USER_POOLS",
  "GET /customers/{customer_id}/orders": "COGNITO_USER_POOLS",
  "GET /orders/{order_id}": "AWS_IAM",
};

describe("a REST API gets the authorizer at", () => {
  it.each<[string, (world: World) => RestAttachment, object]>([
    [
      "these methods alone",
      () => ({ only: ["GET /home", "ANY /admin"] }),
      { "GET /home": "token", "ANY /admin": "token", "ANY /admin/{proxy+}": "NONE" },
    ],
    [
      "a method whose parameters have other names",
      () => ({ only: ["ANY /admin/{rest+}"] }),
      { "GET /home": "NONE", "ANY /admin": "NONE", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "all below a path, and the path itself",
      () => ({ below: "/admin" }),
      { "GET /home": "NONE", "ANY /admin": "token", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "all below several paths",
      () => ({ below: ["/admin/", "/home"] }),
      { "GET /home": "token", "ANY /admin": "token", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "those without an authorizer",
      () => ({ withoutAuthorizer: true }),
      { "GET /home": "token", "ANY /admin": "token", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "all but those that keep another one, for a reason",
      ({ cognito }) => ({ keep: [{ authorizer: cognito.authorizerId, reason: "The app reads claims until May." }] }),
      { "GET /home": "token", "ANY /admin": "token", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "all but those that keep one by the path of its construct",
      () => ({ keep: [{ authorizer: "Test/Cognito", reason: "The app reads claims until May." }] }),
      { "GET /home": "token", "ANY /admin": "token", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "methods that only report",
      () => ({ withoutAuthorizer: true, reportOnly: true }),
      { "GET /home": "report", "ANY /admin": "report", "ANY /admin/{proxy+}": "report" },
    ],
  ])("%s", (_, selection, expected) => {
    const world = createWorld();
    world.authorizer.attachToRestApi(world.api, selection(world));
    expect(authorizersOf(world.stack)).toEqual({ ...OTHERS, ...expected });
  });

  it("the methods of each attachment, in whatever order they are made", () => {
    const templates = [0, 1].map((first) => {
      const { authorizer, api, stack } = createWorld();
      const attachments = [
        () => authorizer.attachToRestApi(api, { below: "/admin" }),
        () => authorizer.attachToRestApi(api, { withoutAuthorizer: true, reportOnly: true }),
      ];
      for (const at of [first, 1 - first]) attachments[at]?.();
      expect(authorizersOf(stack)).toEqual({
        ...{ ...OTHERS, "GET /home": "report", "ANY /admin": "token" },
        "ANY /admin/{proxy+}": "request",
      });
      return Object.entries(Template.fromStack(stack).findResources("AWS::ApiGateway::Authorizer"));
    });
    expect(templates[0]).toEqual(expect.arrayContaining(templates[1] ?? []));
    expect(templates[0]).toHaveLength(4);
  });

  it("methods of several attachments by one authorizer, as long as it has the same settings", () => {
    const { authorizer, api, stack } = createWorld();
    authorizer.attachToRestApi(api, { only: ["GET /home"] });
    authorizer.attachToRestApi(api, { below: "/admin" });
    expect(authorizersOf(stack)).toMatchObject({ "GET /home": "token", "ANY /admin": "token" });
    expect(Object.keys(Template.fromStack(stack).findResources("AWS::Lambda::Permission"))).toHaveLength(1);
  });

  it("a method that an aspect adds later, and that is below the path", () => {
    const { app, authorizer, api, stack } = createWorld();
    authorizer.attachToRestApi(api, { below: "/admin" });
    let isDone = false;
    const visit = () => {
      if (isDone) return;
      isDone = true;
      const nested = new NestedStack(stack, "Later");
      const { restApiId, root } = api;
      const imported = RestApi.fromRestApiAttributes(nested, "Same", { restApiId, rootResourceId: root.resourceId });
      imported.root.addResource("vtl2").addMethod("GET", new MockIntegration());
      api.root.resourceForPath("/admin").addMethod("GET", new MockIntegration());
    };
    Aspects.of(app).add({ visit });
    // GET /admin is not among the routes of the build, which shows that it was selected; GET /vtl2 was not.
    expect(errorOf(() => app.synth())).toMatch(/GET \/admin is not among the routes that dist\/ was built for/);
  });
});

describe("an HTTP API gets the authorizer at", () => {
  function createHttp() {
    const stack = new Stack(new App(), "Test");
    const authorizer = new PolicyAuthorizer(stack, "Authorizer", { trustedIssuers, distPath: dist.distPath });
    const api = new HttpApi(stack, "Api");
    const integration = new HttpUrlIntegration("Url", "https://example.com");
    const jwt = new HttpJwtAuthorizer("Jwt", "https://login.example.com", { jwtAudience: ["api"] });
    api.addRoutes({ path: "/vtl/whoami", methods: [HttpMethod.GET], integration, authorizer: jwt });
    for (const path of ["/admin", "/admin/{proxy+}"]) api.addRoutes({ path, methods: [HttpMethod.ANY], integration });
    api.addRoutes({ path: "/home", methods: [HttpMethod.GET], integration });
    return { stack, authorizer, api, integration };
  }

  it.each<[string, HttpAttachment, object]>([
    ["these routes alone", { only: ["GET /home"] }, { "GET /home": "token" }],
    ["all below a path", { below: "/admin" }, { "ANY /admin": "token", "ANY /admin/{proxy+}": "request" }],
    [
      "those without an authorizer",
      { withoutAuthorizer: true },
      { "GET /home": "token", "ANY /admin": "token", "ANY /admin/{proxy+}": "request" },
    ],
    [
      "routes that only report",
      { below: ["/admin", "/home"], reportOnly: true },
      { "GET /home": "report", "ANY /admin": "report", "ANY /admin/{proxy+}": "report" },
    ],
  ])("%s", (_, selection, expected) => {
    const { stack, authorizer, api } = createHttp();
    authorizer.attachToHttpApi(api, selection);
    expect(authorizersOf(stack)).toEqual({
      ...{ "GET /vtl/whoami": "JWT", "GET /home": "NONE", "ANY /admin": "NONE", "ANY /admin/{proxy+}": "NONE" },
      ...expected,
    });
  });

  it("its default route, which no policy can name, if it only reports", () => {
    const { stack, authorizer, api, integration } = createHttp();
    new HttpRoute(stack, "Default", { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration });
    authorizer.attachToHttpApi(api, { only: ["$default"], reportOnly: true });
    expect(authorizersOf(stack)).toMatchObject({ $default: "report", "GET /home": "NONE" });
  });

  it("no route of a path to which the default route would answer beside it", () => {
    const { stack, authorizer, api, integration } = createHttp();
    new HttpRoute(stack, "Default", { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration });
    authorizer.attachToHttpApi(api, { below: "/admin" });
    expect(errorOf(() => Template.fromStack(stack))).toMatch(
      /\$default also answers paths below \/admin, and would stay open; select it, too, or list the methods by only/,
    );
  });
});

describe("a report-only authorizer", () => {
  it("has an alias, a name and a contract that say so, no cache, and no identity source", () => {
    const { authorizer, api, stack } = createWorld();
    const http = new HttpApi(stack, "Http");
    http.addRoutes({
      path: "/home",
      methods: [HttpMethod.GET],
      integration: new HttpUrlIntegration("Url", "https://example.com"),
    });
    const socket = new WebSocketApi(stack, "Socket", {
      connectRouteOptions: { integration: new WebSocketMockIntegration("Mock") },
    });
    authorizer.attachToRestApi(api, { withoutAuthorizer: true, reportOnly: true });
    authorizer.attachToHttpApi(http, { reportOnly: true });
    authorizer.attachToWebSocketApi(socket, { reportOnly: true });
    const template = Template.fromStack(stack);
    const aliases = Object.values(template.findResources("AWS::Lambda::Alias")).map(
      ({ Properties }) => Properties.Name,
    );
    const [lambda] = Object.values(template.findResources("AWS::Lambda::Function"));
    const contracts = JSON.parse(lambda?.["Properties"].Environment.Variables.API_CONTRACTS);
    expect(aliases.map((name) => name.replace(/[0-9a-f]{12}$/, "…")).sort()).toEqual([
      "Api-report-…",
      "Http-report-…",
      "Socket-report-…",
    ]);
    expect(aliases.map((name) => contracts[name.slice(-12)].mode)).toEqual(["report", "report", "report"]);
    expect(contracts).toSatisfy((all: object) => Object.values(all).every(({ key }) => key === undefined));
    const authorizers = ["AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"]
      .flatMap((type) => Object.values(template.findResources(type)))
      .map(({ Properties }) => Properties)
      .filter(({ Name }) => String(Name).startsWith("report-"));
    expect(authorizers).toHaveLength(3);
    for (const one of authorizers) {
      expect(one).not.toHaveProperty("IdentitySource");
      expect(one["AuthorizerResultTtlInSeconds"] ?? 0).toBe(0);
      expect(JSON.stringify(one["AuthorizerUri"])).toMatch(/:[A-Za-z]+-report-[0-9a-f]{12}\/invocations/);
    }
  });

  it("is turned into an enforcing one by one change, which is another alias and a new deployment", () => {
    const templates = [true, false].map((isReport) => {
      const { authorizer, api, stack } = createWorld();
      authorizer.attachToRestApi(
        api,
        isReport ? { withoutAuthorizer: true, reportOnly: true } : { withoutAuthorizer: true },
      );
      const template = Template.fromStack(stack);
      return {
        aliases: Object.keys(template.findResources("AWS::Lambda::Alias")),
        deployments: Object.keys(template.findResources("AWS::ApiGateway::Deployment")),
        authorizers: Object.keys(template.findResources("AWS::ApiGateway::Authorizer")).filter((id) => /^Api/.test(id)),
        methods: Object.keys(template.findResources("AWS::ApiGateway::Method")),
      };
    });
    const [before, after] = templates;
    expect(after?.methods).toEqual(before?.methods);
    for (const part of ["aliases", "deployments", "authorizers"] as const)
      expect(
        after?.[part].filter((id) => before?.[part].includes(id)),
        part,
      ).toEqual([]);
  });

  it("deploys an API again whose selection has changed", () => {
    const ids = (["GET /home", "ANY /admin"] as const).map((name) => {
      const { authorizer, api, stack } = createWorld();
      authorizer.attachToRestApi(api, { only: [name] });
      return Object.keys(Template.fromStack(stack).findResources("AWS::ApiGateway::Deployment")).join();
    });
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("is not attached where a resource policy closes by its silence what an Allow would open", () => {
    const allow = (conditions: object) =>
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ["execute-api:Invoke"],
        resources: ["execute-api:/*"],
        conditions,
      });
    const attempt = (statement: PolicyStatement, attachment: RestAttachment) =>
      errorOf(() => {
        const { authorizer, api, stack } = createWorld({ policy: new PolicyDocument({ statements: [statement] }) });
        authorizer.attachToRestApi(api, attachment);
        Template.fromStack(stack);
      });
    const office = allow({ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } });
    const report: RestAttachment = { withoutAuthorizer: true, reportOnly: true };
    expect(attempt(office, report)).toMatch(/Test\/Api is report-only and has a resource policy that does not allow/);
    expect(attempt(allow({}), report)).toBe("nothing failed");
    expect(attempt(office, { withoutAuthorizer: true })).toBe("nothing failed");
  });
});

describe("synthesis fails, and says what to do, for", () => {
  const failure = (attach: (world: World) => void) =>
    errorOf(() => {
      const world = createWorld();
      attach(world);
      Template.fromStack(world.stack);
    });

  it.each<[string, RestAttachment, RegExp]>([
    ["another authorizer", {}, /GET \/vtl\/whoami has another authorizer \(COGNITO_USER_POOLS\); .* say so in keep/],
    ["one below the path", { below: "/vtl" }, /GET \/vtl\/whoami has another authorizer/],
    ["one that is named", { only: ["GET /vtl/whoami"] }, /GET \/vtl\/whoami has another authorizer/],
    ["one, to report only", { reportOnly: true }, /GET \/vtl\/whoami has another authorizer/],
    ["a method that the API lacks", { only: ["GET /hom"] }, /only: Test\/Api has no GET \/hom; correct it/],
    ["a path that it lacks", { below: "/adm" }, /below: Test\/Api has no method at or below \/adm; correct it/],
    ["a method with IAM", { only: ["GET /orders/{id}"] }, /only: GET \/orders\/\{order_id\} has IAM .* keeps it/],
    ["no method", { only: [] }, /only: names no method; name one, or leave it out for all/],
    ["no path", { below: [] }, /below: names no path/],
    ["a path for a method", { only: ["/home"] }, /only: "\/home" is not a method with its path; write it like/],
    ["a method in small letters", { only: ["get /home"] }, /only: "get \/home" is not a method with its path/],
    ["a pattern", { below: "/admin/{proxy+}" }, /below: "\/admin\/\{proxy\+\}" is not a path; write it like "\/admin"/],
    ["a wildcard", { below: "/admin/*" }, /below: "\/admin\/\*" is not a path/],
    ["a kept authorizer without a reason", { keep: [{ authorizer: "x", reason: " " }] }, /keep: x has no reason/],
    [
      "a kept authorizer that no method has",
      { below: "/admin", keep: [{ authorizer: "Test/Other", reason: "r" }] },
      /keep: no selected method of Test\/Api has the authorizer Test\/Other; remove it/,
    ],
    // @ts-expect-error A selection is one of them.
    ["two selections", { only: ["GET /home"], below: "/admin" }, /only, below and withoutAuthorizer exclude each/],
    // @ts-expect-error A report-only authorizer has no cache.
    ["a report-only cache", { reportOnly: true, multipleDomains: true, below: "/admin" }, /caches nothing/],
    // @ts-expect-error API Gateway would refuse a request without a token.
    ["a report-only TOKEN authorizer", { reportOnly: true, type: "TOKEN" }, /caches nothing, and is of type REQUEST/],
    ["a name that ends like a report-only alias", { apiName: "orders-report" }, /must not end in the word report/],
  ])("%s", (_, selection, message) => {
    expect(failure(({ authorizer, api }) => authorizer.attachToRestApi(api, selection))).toMatch(message);
  });

  it.each<[string, RestAttachment, RestAttachment]>([
    ["all, and some", {}, { only: ["GET /home"] }],
    ["a method, and the path that it is below", { only: ["ANY /admin"] }, { below: "/admin" }],
    ["enforcing and report-only", { below: "/admin" }, { below: "/", reportOnly: true }],
    ["the rest twice", { withoutAuthorizer: true }, { withoutAuthorizer: true, reportOnly: true }],
  ])("two attachments for one method: %s", (_, one, other) => {
    for (const [first, second] of [[one, other] as const, [other, one] as const])
      expect(
        failure(({ authorizer, api, cognito }) => {
          const keep = [{ authorizer: cognito.authorizerId, reason: "r" }];
          const withKeep = (own: RestAttachment): RestAttachment =>
            own.only === undefined && own.withoutAuthorizer === undefined && own.below !== "/admin"
              ? { ...own, keep }
              : own;
          authorizer.attachToRestApi(api, withKeep(first));
          authorizer.attachToRestApi(api, withKeep(second));
        }),
      ).toMatch(/two attachments of Test\/Api are for (GET|ANY) \/[a-z]+: .*; select it in one of them/);
  });

  it("an open method that also answers paths below the selected one, and only then", () => {
    const withMethod = (name: string, attachment: RestAttachment, ...more: RestAttachment[]) =>
      failure(({ authorizer, api }) => {
        add(api, name);
        for (const own of [attachment, ...more]) authorizer.attachToRestApi(api, own);
      });
    const stays = /also answers paths below \/admin, and would stay open; select it, too, or list the methods by only/;
    expect(withMethod("ANY /{proxy+}", { below: "/admin" })).toMatch(stays);
    expect(withMethod("ANY /{proxy+}", { below: "/admin" }, { withoutAuthorizer: true, reportOnly: true })).toMatch(
      stays,
    );
    expect(withMethod("ANY /files/{proxy+}", { below: "/admin" })).toBe("nothing failed");
    expect(withMethod("ANY /{proxy+}", { only: ["ANY /admin", "ANY /admin/{proxy+}"] })).toBe("nothing failed");
  });

  it("different TTLs of one authorizer", () => {
    const attempt = (ttlByAuthorizer?: object) =>
      failure(({ authorizer, api }) => {
        authorizer.attachToRestApi(api, { only: ["GET /home"] });
        authorizer.attachToRestApi(api, { only: ["ANY /admin"], multipleDomains: ttlByAuthorizer !== undefined });
      });
    expect(attempt()).toBe("nothing failed");
    // Another cache key is another contract, and so another authorizer.
    expect(attempt({})).toBe("nothing failed");
  });

  it("a WebSocket API whose connections have another authorizer", () => {
    const attempt = (type: string | undefined) =>
      failure(({ authorizer, stack }) => {
        const api = new WebSocketApi(stack, "Socket", {
          connectRouteOptions: { integration: new WebSocketMockIntegration("Mock") },
        });
        const route = api.node
          .findAll()
          .find((node) => CfnResource.isCfnResource(node) && /Route$/.test(node.cfnResourceType));
        if (type !== undefined && CfnResource.isCfnResource(route))
          route.addPropertyOverride("AuthorizationType", type);
        authorizer.attachToWebSocketApi(api);
      });
    expect(attempt("AWS_IAM")).toMatch(/the route \$connect has another authorizer \(AWS_IAM\); remove it/);
    expect(attempt(undefined)).toBe("nothing failed");
  });
});

describe("the gate", () => {
  function judged(attach: (world: World) => void, options: GateOptions = {}): GateReport {
    const world = createWorld();
    attach(world);
    return judgeAssembly(world.app.synth().directory, options);
  }
  const codes = ({ findings }: GateReport) => [...new Set(findings.map(({ code }) => code))].sort();
  const reason = "A week of decisions before we enforce them.";
  const reporting = ({ authorizer, api, cognito }: World) =>
    authorizer.attachToRestApi(api, {
      reportOnly: true,
      keep: [{ authorizer: cognito.authorizerId, reason: "Until May." }],
    });

  it("refuses a report-only method, unless the app accepts it by name, with a reason, until the day", () => {
    const refused = judged(reporting);
    expect(codes(refused)).toEqual(["method.report_only"]);
    expect(refused.findings.map(({ cause }) => cause.replace(/[0-9a-f]{12}/, "…")).sort()).toEqual(
      ["ANY /admin", "ANY /admin/{proxy+}", "GET /home"].map(
        (name) => `${name} has the report-only authorizer report-…, which lets everybody through`,
      ),
    );
    expect(refused.seen).toMatchObject({ withPolicy: 0, reportOnly: 3, withIam: 1 });
    for (const name of ["Test/Api", "Api"]) {
      const accepted = judged(reporting, { accepted: [{ name, reason }] });
      expect([codes(accepted), accepted.unused]).toEqual([[], []]);
    }
    const until = (day: string) =>
      judged(reporting, { accepted: [{ name: "Test/Api", reason, until: day }], today: "2026-12-24" });
    expect([until("2026-12-24"), until("2026-12-23")].map(codes)).toEqual([[], ["method.report_only"]]);
    expect(until("2026-12-23").findings[0]?.advice).toMatch(/^it was accepted until 2026-12-23; attach without/);
  });

  it("accepts an authorizer of another kind for the reason that the attachment gives, and for that method alone", () => {
    const own = judged(({ authorizer, api, cognito }) => {
      authorizer.attachToRestApi(api, { keep: [{ authorizer: cognito.authorizerId, reason: "Until May." }] });
    });
    expect(codes(own)).toEqual([]);
    expect(own.accepted.map((one) => one.reason)).toEqual(["Until May.", "Until May."]);
    const silent = judged(({ authorizer, api }) => authorizer.attachToRestApi(api, { withoutAuthorizer: true }));
    expect(codes(silent)).toEqual(["authorizer.foreign"]);
    const changed = judged(({ app, authorizer, api, cognito, stack }) => {
      authorizer.attachToRestApi(api, { keep: [{ authorizer: cognito.authorizerId, reason: "Until May." }] });
      const { restApiId } = api;
      const other = new CfnAuthorizer(stack, "Other", {
        ...{ name: "other", restApiId, type: "COGNITO_USER_POOLS" },
        identitySource: "method.request.header.Authorization",
      });
      const visit = (node: IConstruct) => {
        if (CfnMethod.isCfnMethod(node) && node.authorizationType === "COGNITO_USER_POOLS")
          node.authorizerId = other.ref;
      };
      Aspects.of(app).add({ visit }, { priority: AspectPriority.READONLY });
    });
    expect(codes(changed)).toEqual(["authorizer.foreign"]);
  });

  it("fails the synthesis of an app that does not accept it", () => {
    const attempt = (props: ConstructorParameters<typeof RequireAuthorization>[0]) =>
      errorOf(() => {
        const world = createWorld();
        reporting(world);
        Aspects.of(world.app).add(new RequireAuthorization(props));
        world.app.synth();
      });
    expect(attempt({})).toMatch(/GET \/home has the report-only authorizer .* \(method.report_only\)/);
    expect(attempt({ accepted: [{ name: "Test/Api", reason }] })).toBe("nothing failed");
    expect(attempt({ accepted: [{ name: "Test/Api", reason, until: "2020-01-01" }] })).toMatch(/it was accepted until/);
    expect(attempt({ accepted: [{ name: "Test/Api", reason, until: "May" }] })).toMatch(/is not a day; write it like/);
  });
});
