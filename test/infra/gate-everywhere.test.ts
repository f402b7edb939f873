import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type App,
  Aspects,
  attachCustomSynthesis,
  CfnResource,
  NestedStack,
  Stack,
  Stage,
  Validations,
} from "aws-cdk-lib";
import {
  AuthorizationType,
  CfnMethod,
  CfnRestApi,
  DomainName,
  type IRestApi,
  MockIntegration,
  RestApi,
  SecurityPolicy,
} from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute, CfnStage } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { Repository } from "aws-cdk-lib/aws-codecommit";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { CodePipeline, CodePipelineSource, type IFileSetProducer, ShellStep } from "aws-cdk-lib/pipelines";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { RequireAuthorization, type RequireAuthorizationProps } from "../../infra/constructs/require-authorization.ts";
import { createApp, onceAt, PLACES } from "../support/app-shapes.ts";
import { errorOf } from "../support/infra.ts";

// The gate finds an open method wherever an app has it, and however it got there; and it lets the same app pass if that is closed.

type Type = "NONE" | "AWS_IAM";

/** Adds an API with one method, which is open or closed. Its stage is deployed with each change. */
const WAYS: Readonly<Record<string, (stack: Stack, type: Type) => void>> = {
  "a method made with addMethod": (stack, type) => {
    restApi(stack).root.addResource("late").addMethod("GET", new MockIntegration(), toOptions(type));
  },
  "a method whose template an override changes": (stack, type) => {
    const api = restApi(stack);
    const other = type === "NONE" ? "AWS_IAM" : "NONE";
    const method = api.root.addResource("late").addMethod("GET", new MockIntegration(), toOptions(other));
    const resource = method.node.defaultChild;
    if (CfnMethod.isCfnMethod(resource)) resource.addPropertyOverride("AuthorizationType", type);
  },
  "a method that an aspect adds": (stack, type) => {
    const api = restApi(stack);
    const add = () => api.root.addResource("late").addMethod("GET", new MockIntegration(), toOptions(type));
    Aspects.of(stack).add(onceAt(new Construct(stack, "ZLast"), add));
  },
  "a method that an aspect opens": (stack, type) => {
    const method = restApi(stack)
      .root.addResource("late")
      .addMethod("GET", new MockIntegration(), toOptions("AWS_IAM"));
    const open = () => Object.assign(Object(method.node.defaultChild), { authorizationType: type });
    Aspects.of(stack).add(onceAt(new Construct(stack, "ZLast"), open), { priority: 2000 });
  },
  "a route of an HTTP API": (stack, authorizationType) => {
    new CfnRoute(stack, "Late", { apiId: httpApi(stack), routeKey: "GET /late", authorizationType });
  },
  "a route without a class": (stack, AuthorizationType) => {
    const properties = { ApiId: httpApi(stack), RouteKey: "GET /late", AuthorizationType };
    new CfnResource(stack, "Late", { type: "AWS::ApiGatewayV2::Route", properties });
  },
  "a route of an included template": (stack, AuthorizationType) => {
    const templateFile = join(stack.node.root.node.tryGetContext("folder"), "included.json");
    const properties = { ApiId: { Ref: "Included" }, RouteKey: "GET /late", AuthorizationType };
    writeFileSync(
      templateFile,
      JSON.stringify({
        Resources: {
          Included: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
          Late: { Type: "AWS::ApiGatewayV2::Route", Properties: properties },
          Live: {
            Type: "AWS::ApiGatewayV2::Stage",
            Properties: { ApiId: { Ref: "Included" }, StageName: "$default", AutoDeploy: true },
          },
        },
      }),
    );
    new CfnInclude(stack, "Include", { templateFile });
  },
};

function toOptions(type: Type) {
  return { authorizationType: type === "NONE" ? AuthorizationType.NONE : AuthorizationType.IAM };
}

function restApi(stack: Stack): RestApi {
  const api = new RestApi(stack, "Api", { cloudWatchRole: false });
  api.root.addMethod("GET", new MockIntegration(), toOptions("AWS_IAM"));
  return api;
}

function httpApi(stack: Stack): string {
  const { ref: apiId } = new CfnApi(stack, "Api", { protocolType: "HTTP", name: "api" });
  new CfnStage(stack, "Live", { apiId, stageName: "$default", autoDeploy: true });
  return apiId;
}

const gate = (app: Construct, props?: RequireAuthorizationProps) =>
  Aspects.of(app).add(new RequireAuthorization(props));

const TABLE = Object.keys(PLACES).flatMap((place) => Object.keys(WAYS).map((way) => [place, way] as const));

describe.each([
  [true, "first"],
  [false, "last"],
] as const)("with aspect stabilisation %s and the gate added %s", (isStabilized, order) => {
  const failure = (place: string, way: string, type: Type) => {
    const app = createApp(isStabilized);
    app.node.setContext("folder", app.outdir);
    if (order === "first") gate(app);
    Object(WAYS)[way](Object(PLACES)[place](app), type);
    if (order === "last") gate(app);
    return errorOf(() => app.synth());
  };

  it.each(TABLE)("in %s, synthesis fails with an open one, and passes with a closed one: %s", (place, way) => {
    expect(failure(place, way, "AWS_IAM")).toBe("nothing failed");
    expect(failure(place, way, "NONE")).toMatch(/^RequireAuthorization: .*GET \/late is open to everybody/);
    expect(failure(place, way, "NONE").split("\n")).toHaveLength(1);
  });
});

describe("an app with a pipeline", () => {
  /** The CDK synthesizes such a `Stage` while the app is still being constructed. */
  const failure = (type: Type, isEarly: boolean) => {
    const app = createApp(true);
    if (isEarly) gate(app);
    const own = new Stack(app, "Pipeline");
    const repository = new Repository(own, "Sources", { repositoryName: "sources" });
    // The library's classes and interface differ under exactOptionalPropertyTypes.
    const input = CodePipelineSource.codeCommit(repository, "main") as IFileSetProducer;
    const pipeline = new CodePipeline(own, "Pipeline", {
      synth: new ShellStep("Synth", { input, commands: ["true"] }) as IFileSetProducer,
    });
    const prod = new Stage(app, "Prod");
    Object(WAYS)["a route of an HTTP API"](new NestedStack(new Stack(prod, "Own"), "Nested"), type);
    pipeline.addStage(prod);
    if (!isEarly) gate(app);
    return errorOf(() => app.synth());
  };

  it.each([true, false])("has its stages judged, added before the gate or after it: %s", (isEarly) => {
    expect(failure("AWS_IAM", isEarly)).toBe("nothing failed");
    expect(failure("NONE", isEarly)).toContain("Prod/Own/Nested/Late (Late): the route GET /late is open to everybody");
  });
});

describe("the gate of a part of an app", () => {
  const synthesize = (scopeOf: (app: App, stage: Stage, stack: Stack) => Construct) => {
    const app = createApp(true);
    const stage = new Stage(app, "Prod");
    const stack = new Stack(stage, "Own");
    Object(WAYS)["a route of an HTTP API"](stack, "NONE");
    Object(WAYS)["a route of an HTTP API"](new Stack(app, "Other"), "NONE");
    gate(scopeOf(app, stage, stack));
    const lines = errorOf(() => app.synth()).split("\n");
    return lines.map((line) => /: (\S+) \(/.exec(line)?.[1]).sort();
  };

  it("judges that part", () => {
    expect([
      synthesize((app) => app),
      synthesize((_, stage) => stage),
      synthesize((_stage, _, stack) => stack),
      synthesize((app) => new Stack(app, "Empty")),
    ]).toEqual([["Other/Late", "Prod/Own/Late"], ["Prod/Own/Late"], ["Prod/Own/Late"], [undefined]]);
  });
});

describe("nothing silences", () => {
  it.each<[string, (stack: Stack) => void, RegExp]>([
    [
      "an open method",
      (stack) => Object(WAYS)["a route of an HTTP API"](stack, "NONE"),
      /the route GET \/late is open to everybody/,
    ],
    [
      "a document in S3",
      (stack) => new CfnRestApi(stack, "Api", { bodyS3Location: { bucket: "b", key: "k" } }),
      /is in S3, so its operations are not visible/,
    ],
    [
      "a nested stack whose template is elsewhere",
      (stack) =>
        new CfnResource(stack, "Elsewhere", {
          type: "AWS::CloudFormation::Stack",
          properties: { TemplateURL: "https://templates.example.com/api.json" },
        }),
      /the template of the nested stack Elsewhere is not a file here/,
    ],
    ["a macro", (stack) => stack.addTransform("CompanyMacro"), /the transform CompanyMacro may add or change methods/],
  ])("%s", (_, add, cause) => {
    const app = createApp(true);
    const stack = new Stack(app, "Own");
    add(stack);
    const reason = "Somebody said so.";
    for (const id of ["unreadable", "method.open", "RequireAuthorization"])
      Validations.of(app).acknowledge({ id, reason }, { id: `RequireAuthorization::${id}`, reason });
    const named = ["Own", "Own/Api", "Own/Late", "Late", "Api", "Elsewhere", "CompanyMacro", "GET /late"];
    gate(app, { accepted: named.map((name) => ({ name, reason })) });
    expect(errorOf(() => app.synth({ skipValidation: true }))).toMatch(cause);
    expect(errorOf(() => app.synth())).toMatch(cause);
  });
});

describe("a stage that would go on serving what was deployed before", () => {
  const failure = (add: (stack: Stack) => void, props?: RequireAuthorizationProps) => {
    const app = createApp(true);
    gate(app, props);
    add(new Stack(app, "Own"));
    return errorOf(() => app.synth());
  };
  const closed = toOptions("AWS_IAM");
  const route = (stack: Stack, protocolType: string, routeKey: string) => {
    const { ref: apiId } = new CfnApi(stack, "Api", { protocolType, name: "api", routeSelectionExpression: "$x" });
    new CfnRoute(stack, "Late", { apiId, routeKey, authorizationType: "AWS_IAM" });
    return apiId;
  };
  const deployedByHand = (stack: Stack, apiId: string) => {
    const deployment = new CfnResource(stack, "Deployment", {
      type: "AWS::ApiGatewayV2::Deployment",
      properties: { ApiId: apiId },
    });
    new CfnStage(stack, "Live", { apiId, stageName: "live", autoDeploy: false, deploymentId: deployment.ref });
  };

  it.each<[string, (stack: Stack) => void, string]>([
    [
      "HTTP, with a deployment that stays the same",
      (stack) => deployedByHand(stack, route(stack, "HTTP", "GET /late")),
      "Own/Live",
    ],
    [
      "WebSocket, without automatic deployment",
      (stack) => {
        new CfnStage(stack, "Live", { apiId: route(stack, "WEBSOCKET", "$connect"), stageName: "live" });
      },
      "Own/Live",
    ],
    [
      "REST, without a deployment",
      (stack) =>
        new RestApi(stack, "Api", { cloudWatchRole: false, deploy: false }).root.addMethod("GET", undefined, closed),
      "Own/Api",
    ],
    [
      "REST, with a plain deployment",
      (stack) => {
        const api = new RestApi(stack, "Api", { cloudWatchRole: false, deploy: false });
        api.root.addMethod("GET", undefined, closed);
        const properties = { RestApiId: api.restApiId, StageName: "live" };
        new CfnResource(stack, "Bare", { type: "AWS::ApiGateway::Deployment", properties });
      },
      "Own/Bare",
    ],
    [
      "imported, with a method of this app",
      (stack) => {
        const imported: IRestApi = RestApi.fromRestApiAttributes(stack, "Api", {
          restApiId: "a1b2",
          rootResourceId: "r",
        });
        imported.root.addMethod("GET", new MockIntegration(), closed);
      },
      "a1b2",
    ],
  ])("fails synthesis unless somebody says what deploys it: %s", (_, add, name) => {
    expect(failure(add)).toContain("(stage.stale)");
    expect(failure(add, { accepted: [{ name, reason: "The release script deploys it." }] })).toBe("nothing failed");
    expect(() => new RequireAuthorization({ accepted: [{ name, reason: " " }] })).toThrow(
      `accepted: ${name} has no reason; say why it is safe`,
    );
  });

  it("passes if it is deployed with each change", () => {
    const passes = [
      (stack: Stack) => restApi(stack),
      (stack: Stack) => {
        new CfnStage(stack, "Live", {
          apiId: route(stack, "WEBSOCKET", "$connect"),
          stageName: "live",
          autoDeploy: true,
        });
      },
    ];
    expect(passes.map((add) => failure(add))).toEqual(["nothing failed", "nothing failed"]);
  });
});

it("an app with a custom synthesis of another library fails, since the gate could not run", () => {
  const failure = (at: "app" | "stack") => {
    const app = createApp(true);
    const stack = new Stack(app, "Own");
    attachCustomSynthesis(at === "app" ? app : new Construct(stack, "Part"), { onSynthesize: () => {} });
    gate(app);
    return errorOf(() => app.synth());
  };
  expect(failure("app")).toContain("another library has attached a custom synthesis here");
  expect(failure("stack")).toBe("nothing failed");
});

it("an API behind a domain with mutual TLS needs its own endpoint disabled", () => {
  const failure = (disableExecuteApiEndpoint: boolean) => {
    const app = createApp(true);
    gate(app);
    const stack = new Stack(app, "Own");
    const api = new RestApi(stack, "Api", { cloudWatchRole: false, disableExecuteApiEndpoint });
    api.root.addMethod("GET", new MockIntegration(), toOptions("AWS_IAM"));
    const certificate = Certificate.fromCertificateArn(
      stack,
      "Certificate",
      "arn:aws:acm:eu-west-1:111122223333:certificate/1",
    );
    const bucket = Bucket.fromBucketName(stack, "Trust", "trust");
    const domain = new DomainName(stack, "Domain", {
      domainName: "api.example.com",
      certificate,
      securityPolicy: SecurityPolicy.TLS_1_2,
      mtls: { bucket, key: "truststore.pem" },
    });
    domain.addBasePathMapping(api as IRestApi);
    return errorOf(() => app.synth());
  };
  expect(failure(false)).toContain("whose own endpoint asks for no certificate");
  expect(failure(true)).toBe("nothing failed");
});
