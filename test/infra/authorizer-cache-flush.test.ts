import { appendFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { App, Stage as Environment, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AuthorizationType, CfnStage, RestApi } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpMethod, WebSocketApi, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUrlIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace } from "../../dev/workspace.ts";
import { AuthorizerCacheFlush } from "../../infra/constructs/authorizer-cache-flush.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { createDist, errorOf, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const ISSUER = { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" };

function addAuthorizer(stack: Stack, props: Partial<PolicyAuthorizerProps> = {}): PolicyAuthorizer {
  return new PolicyAuthorizer(stack, "Authorizer", { trustedIssuers: [ISSUER], distPath: dist.distPath, ...props });
}

function addRest(stack: Stack, authorizer: PolicyAuthorizer): RestApi {
  const api = new RestApi(stack, "Api");
  api.root.resourceForPath("/home").addMethod("GET");
  authorizer.attachToRestApi(api);
  return api;
}

/** Synthesizes a stack with an authorizer, a REST API and its flush. */
function synthesize(props: Partial<PolicyAuthorizerProps> = {}): Stack {
  const stack = new Stack(new App(), "Test");
  const authorizer = addAuthorizer(stack, props);
  new AuthorizerCacheFlush(stack, "Flush", { authorizer, stage: addRest(stack, authorizer).deploymentStage });
  return stack;
}

interface Flush {
  readonly DependsOn: readonly string[];
  readonly Properties: Readonly<Record<"Create" | "Update" | "Delete" | "Decides", unknown>>;
}

function flushOf(stack: Stack): Flush {
  const [flush] = Object.values(Template.fromStack(stack).findResources("Custom::AWS"));
  if (flush === undefined) throw new Error("there is no flush");
  return flush as unknown as Flush;
}

/** Lists the types of the resources that the flush waits for. */
function awaitedBy(stack: Stack): readonly string[] {
  const { Resources } = Template.fromStack(stack).toJSON();
  const types = flushOf(stack).DependsOn.map((id): string => Resources[id].Type);
  return [...new Set(types)].sort();
}

const LAMBDA = ["AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version"];
const AWAITED = ["AWS::ApiGateway::Authorizer", "AWS::ApiGateway::Stage", ...LAMBDA];

describe("the flush of a stage", () => {
  it("waits for the stage, the authorizers of its API, and the aliases and versions of the function", () => {
    expect(awaitedBy(synthesize())).toEqual(expect.arrayContaining(AWAITED));
  });

  it("waits for a stage that it knows by name, and that is made later", () => {
    const stack = new Stack(new App(), "Test");
    const authorizer = addAuthorizer(stack);
    const api = new RestApi(stack, "Api", { deploy: false });
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, kind: "rest", apiId: api.restApiId, stageName: "prod" });
    api.root.resourceForPath("/home").addMethod("GET");
    authorizer.attachToRestApi(api);
    new CfnStage(stack, "Late", { restApiId: api.restApiId, stageName: "prod" });
    expect(awaitedBy(stack)).toEqual(expect.arrayContaining(AWAITED));
  });

  it("waits for a CfnStage", () => {
    const stack = new Stack(new App(), "Test");
    const authorizer = addAuthorizer(stack);
    const api = addRest(stack, authorizer);
    const stage = new CfnStage(stack, "Blue", { restApiId: api.restApiId, stageName: "blue" });
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, stage });
    expect(flushOf(stack).DependsOn).toContain(stack.getLogicalId(stage));
  });

  it("waits for the stage of an HTTP API", () => {
    const stack = new Stack(new App(), "Test");
    const authorizer = addAuthorizer(stack);
    const api = new HttpApi(stack, "Api");
    const integration = new HttpUrlIntegration("Backend", "https://backend.example.com");
    api.addRoutes({ path: "/home", methods: [HttpMethod.GET], integration });
    authorizer.attachToHttpApi(api);
    if (api.defaultStage === undefined) throw new Error("the API has no stage");
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, stage: api.defaultStage });
    expect(awaitedBy(stack)).toEqual(
      expect.arrayContaining(["AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Stage", ...LAMBDA]),
    );
  });

  it("waits in a Stage of the CDK, too", () => {
    const stack = new Stack(new Environment(new App(), "Production"), "Test");
    const authorizer = addAuthorizer(stack);
    const api = new RestApi(stack, "Api", { defaultMethodOptions: { authorizationType: AuthorizationType.IAM } });
    api.root.addMethod("GET");
    const { restApiId } = api;
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, kind: "rest", apiId: restApiId, stageName: "prod" });
    expect(awaitedBy(stack)).toEqual(expect.arrayContaining(["AWS::ApiGateway::Stage", "AWS::Lambda::Function"]));
  });

  it("keeps its physical id, so that the rollback of a deployment updates it, and flushes again", () => {
    const { Create, Update } = flushOf(synthesize()).Properties;
    expect(Create).toEqual(Update);
    const parts: readonly unknown[] = Object(Update)["Fn::Join"][1];
    const call = JSON.parse(parts.map((part) => (typeof part === "string" ? part : Object(part).Ref)).join(""));
    expect(call.physicalResourceId.id).toBe(`${call.parameters.restApiId}/${call.parameters.stageName}`);
  });

  it("drops nothing when it is removed", () => {
    expect(flushOf(synthesize()).Properties.Delete).toBeUndefined();
  });
});

describe("a deployment", () => {
  const decides = (props?: Partial<PolicyAuthorizerProps>) => flushOf(synthesize(props)).Properties.Decides;

  it("flushes nothing if the authorizer is the same", () => {
    expect(decides()).toEqual(decides());
  });

  it.each<[name: string, props: Partial<PolicyAuthorizerProps>]>([
    ["issuer", { trustedIssuers: [{ ...ISSUER, issuer: "https://other.example.com" }] }],
    ["client", { trustedIssuers: [{ ...ISSUER, audience: ["other"] }] }],
    ["name of an issuer", { trustedIssuers: [{ ...ISSUER, name: "staff" }] }],
    ["place of the token", { tokenSource: "header:X-Token" }],
    ["format of responses", { httpResponse: "simple" }],
    ["claim for the back end", { contextClaims: ["custom:tenant"] }],
  ])("flushes when this changes: %s", (_name, props) => {
    expect(decides(props)).not.toEqual(decides());
  });

  it("flushes when the code of the authorizer changes, under the same revision of the policy", async () => {
    await using workspace = await createWorkspace({});
    const distPath = join(workspace.root, "dist");
    await cp(dist.distPath, distPath, { recursive: true });
    await appendFile(join(distPath, "authorizer", "index.mjs"), "\n// changed\n");
    expect(decides({ distPath })).not.toEqual(decides());
  });

  it("flushes nothing after a change of the log's retention", () => {
    expect(decides({ logRetention: 7 })).toEqual(decides());
  });
});

describe("a flush is refused", () => {
  it("in the authorizer's stack, if the API's stack is deployed after it", () => {
    const app = new App();
    const stack = new Stack(app, "Shared");
    const authorizer = addAuthorizer(stack);
    const api = addRest(new Stack(app, "Api"), authorizer);
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, stage: api.deploymentStage });
    expect(errorOf(() => app.synth())).toContain("the API is in the stack Api, which is deployed after this one");
  });

  it("for the name of a stage that the API does not have", () => {
    const stack = new Stack(new App(), "Test");
    const authorizer = addAuthorizer(stack);
    const { restApiId } = addRest(stack, authorizer);
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, kind: "rest", apiId: restApiId, stageName: "production" });
    expect(errorOf(() => Template.fromStack(stack))).toContain("the API has no stage production");
  });

  it("for the stage of a WebSocket API, which has no cache", () => {
    const stack = new Stack(new App(), "Test");
    const authorizer = addAuthorizer(stack);
    const webSocketApi = new WebSocketApi(stack, "Api");
    const stage = new WebSocketStage(stack, "Stage", { webSocketApi, stageName: "prod" });
    new AuthorizerCacheFlush(stack, "Flush", { authorizer, stage });
    expect(errorOf(() => Template.fromStack(stack))).toContain("caches no responses for a WebSocket API");
  });
});

it("the flush in an API's own stack refers to no value of the authorizer's stack that could change", () => {
  const app = new App();
  const authorizer = addAuthorizer(new Stack(app, "Shared"));
  const stack = new Stack(app, "Api");
  new AuthorizerCacheFlush(stack, "Flush", { authorizer, stage: addRest(stack, authorizer).deploymentStage });
  expect(JSON.stringify(flushOf(stack).Properties)).not.toContain("Fn::ImportValue");
});
