import { type App, Aspects, CfnOutput, CfnResource, Lazy, Stack } from "aws-cdk-lib";
import { Deployment, type IRestApi, MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import { CfnApi, CfnRoute, HttpApi, type IHttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Construct } from "constructs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayResponses } from "../../infra/constructs/gateway-responses.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { createApp, onceAt, PLACES, propertiesIn } from "../support/app-shapes.ts";
import { createDist, errorOf, type TestDist } from "../support/infra.ts";

// Authorizers reach every method of an API, wherever an app has it and whenever it is added.

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const JWKS = "https://login.example.com/keys";
const createAuthorizer = (scope: Construct) =>
  new PolicyAuthorizer(scope, "Authorizer", {
    trustedIssuers: [{ issuer: "https://login.example.com", audience: ["api"], jwksUri: JWKS }],
    distPath: dist.distPath,
  });

/** An API with `GET /home`, and a way to add `GET /vtl/whoami`. */
interface Subject {
  readonly attach: (authorizer: PolicyAuthorizer) => void;
  readonly add: () => void;
}

const KINDS: Readonly<Record<string, (stack: Stack) => Subject>> = {
  REST: (stack) => {
    const api = new RestApi(stack, "Api", { cloudWatchRole: false });
    const add = (path: string) => api.root.resourceForPath(path).addMethod("GET", new MockIntegration());
    add("/home");
    return { attach: (authorizer) => authorizer.attachToRestApi(api), add: () => add("/vtl/whoami") };
  },
  HTTP: (stack) => {
    const { ref: httpApiId } = new CfnApi(stack, "Template", { protocolType: "HTTP", name: "api" });
    const api: IHttpApi = HttpApi.fromHttpApiAttributes(stack, "Api", { httpApiId });
    new CfnRoute(stack, "Home", { apiId: httpApiId, routeKey: "GET /home" });
    const add = () => new CfnRoute(stack, "Late", { apiId: httpApiId, routeKey: "GET /vtl/whoami" });
    return { attach: (authorizer) => authorizer.attachToHttpApi(api), add };
  },
  "HTTP with plain resources": (stack) => {
    const { ref: httpApiId } = new CfnApi(stack, "Template", { protocolType: "HTTP", name: "api" });
    const api: IHttpApi = HttpApi.fromHttpApiAttributes(stack, "Api", { httpApiId });
    const add = (id: string, path: string) =>
      new CfnResource(stack, id, {
        type: "AWS::ApiGatewayV2::Route",
        properties: { ApiId: httpApiId, RouteKey: `GET ${path}` },
      });
    add("Home", "/home");
    return { attach: (authorizer) => authorizer.attachToHttpApi(api), add: () => add("Late", "/vtl/whoami") };
  },
};

/** The ways in which the second method comes into the app. An aspect may come to a later part of the tree, or to an earlier one. */
const WAYS: Readonly<Record<string, (stack: Stack, subject: Subject, authorizer: PolicyAuthorizer) => void>> = {
  "before the authorizer": (_, { attach, add }, authorizer) => {
    add();
    attach(authorizer);
  },
  "after the authorizer": (_, { attach, add }, authorizer) => {
    attach(authorizer);
    add();
  },
  "by an aspect that comes to the API's stack": (stack, { attach, add }, authorizer) => {
    attach(authorizer);
    Aspects.of(stack).add(onceAt(stack, add));
  },
  "by an aspect that comes to a later construct": (stack, { attach, add }, authorizer) => {
    Aspects.of(stack).add(onceAt(new Construct(stack, "ZLast"), add));
    attach(authorizer);
  },
  "by an aspect that attaches the authorizer, too": (stack, { attach, add }, authorizer) => {
    Aspects.of(stack).add(
      onceAt(new Construct(stack, "ZLast"), () => {
        attach(authorizer);
        add();
      }),
    );
  },
};

const typesIn = (app: App) =>
  ["AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route"]
    .flatMap((type) => propertiesIn(app.outdir, type))
    .map(({ AuthorizationType, AuthorizerId }) => [AuthorizationType, AuthorizerId !== undefined]);

// One kind of API is tried everywhere, and the others in the place that is hardest to reach.
const TABLE = Object.keys(KINDS).flatMap((kind) =>
  Object.keys(PLACES)
    .filter((place) => kind === "REST" || place === "a nested stack in a Stage")
    .flatMap((place) => Object.keys(WAYS).map((way) => [kind, place, way] as const)),
);

describe.each([true, false])("with aspect stabilisation %s", (isStabilized) => {
  it.each(TABLE)("every method of an API has the authorizer: %s in %s, added %s", (kind, place, way) => {
    const app = createApp(isStabilized);
    const stack = Object(PLACES)[place](app);
    const subject = Object(KINDS)[kind](stack);
    Object(WAYS)[way](stack, subject, createAuthorizer(stack));
    app.synth();
    expect(typesIn(app)).toEqual([
      ["CUSTOM", true],
      ["CUSTOM", true],
    ]);
  });

  it.each(Object.keys(PLACES))(
    "a deployment is a new one with gateway responses, and waits for them: in %s",
    (place) => {
      const deploymentsWith = (allowOrigin?: string) => {
        const app = createApp(isStabilized);
        const stack: Stack = Object(PLACES)[place](app);
        const api = new RestApi(stack, "Api", { cloudWatchRole: false, deploy: false });
        api.root.addMethod("GET", new MockIntegration());
        if (allowOrigin !== undefined) new GatewayResponses(stack, "Responses", { api, allowOrigin });
        const { node } = new Deployment(stack, "Deployment", { api: api as IRestApi });
        app.synth();
        const resource = node.defaultChild;
        if (!CfnResource.isCfnResource(resource)) throw new Error("no deployment");
        const [[id, { DependsOn }] = ["", { DependsOn: [] }]] = Object.entries<{
          readonly DependsOn: readonly string[];
        }>(stack.resolve(resource._toCloudFormation())["Resources"]);
        return { id, waits: DependsOn.filter((name) => name.startsWith("Responses")).length };
      };
      const [without, one, other] = [undefined, "https://a.example.com", "https://b.example.com"].map(deploymentsWith);
      expect(new Set([without?.id, one?.id, other?.id]).size).toBe(3);
      expect([without?.waits, one?.waits]).toEqual([0, 3]);
    },
  );
});

it("a method that comes after all aspects, too late for an authorizer, fails synthesis", () => {
  const app = createApp(true);
  const stack = new Stack(app, "Own");
  const subject = Object(KINDS)["REST"](stack);
  subject.attach(createAuthorizer(stack));
  const produce = () => {
    if (stack.node.tryFindChild("Late") === undefined) {
      new Construct(stack, "Late");
      subject.add();
    }
    return "";
  };
  new CfnOutput(stack, "Output", { value: Lazy.string({ produce }) });
  expect(errorOf(() => app.synth())).toMatch(/Own\/Api\/.* was added after all aspects, too late for an authorizer/);
});
