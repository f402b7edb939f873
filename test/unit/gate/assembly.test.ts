import { App, NestedStack, Stack, Stage } from "aws-cdk-lib";
import { AuthorizationType, CfnMethod, MockIntegration, RestApi } from "aws-cdk-lib/aws-apigateway";
import type { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { judgeAssembly } from "../../../gate/judge-files.ts";
import { createHttpParts, judgeFolder, toLines } from "../../support/gate.ts";

type Authorization = AuthorizationType.IAM | AuthorizationType.NONE;

function addApi(scope: Construct, authorizationType: Authorization): RestApi {
  const api = new RestApi(scope, "Api");
  api.root.addMethod("GET", new MockIntegration(), { authorizationType });
  return api;
}

/** Places of a method in an app: each adds one with an authorization. */
const PLACES: Readonly<Record<string, (app: App, authorization: Authorization) => void>> = {
  "a stack": (app, authorization) => addApi(new Stack(app, "S"), authorization),
  "a Stage": (app, authorization) => addApi(new Stack(new Stage(app, "Prod"), "S"), authorization),
  "a Stage in a Stage": (app, authorization) =>
    addApi(new Stack(new Stage(new Stage(app, "Outer"), "Inner"), "S"), authorization),
  "a nested stack": (app, authorization) => addApi(new NestedStack(new Stack(app, "S"), "N"), authorization),
  "a nested stack of a nested stack in a Stage": (app, authorization) =>
    addApi(new NestedStack(new NestedStack(new Stack(new Stage(app, "Prod"), "S"), "N"), "M"), authorization),
};

function synthesize(add: (app: App) => void, context: Readonly<Record<string, unknown>> = {}): string {
  const app = new App({ context });
  add(app);
  return app.synth().directory;
}

describe.each(Object.entries(PLACES))("a method in %s", (_, add) => {
  it("is found if it is open, with its path", () => {
    const { findings } = judgeAssembly(synthesize((app) => add(app, AuthorizationType.NONE)));
    expect(findings.map(({ code, cause }) => [code, cause])).toEqual([["method.open", "GET / is open to everybody"]]);
  });

  it("is found if it is open, where templates name their assets", () => {
    const context = { "aws:cdk:enable-asset-metadata": true, "aws:cdk:enable-path-metadata": true };
    const { findings } = judgeAssembly(synthesize((app) => add(app, AuthorizationType.NONE), context));
    expect(findings.map(({ code, place }) => [code, place.path?.endsWith("Api/Default/GET/Resource")])).toEqual([
      ["method.open", true],
    ]);
  });

  it("is in order if IAM authorizes it", () => {
    const { findings, seen } = judgeAssembly(synthesize((app) => add(app, AuthorizationType.IAM)));
    expect({ findings, seen }).toEqual({
      findings: [],
      seen: { apis: 1, methods: 1, withPolicy: 0, withIam: 1, needingNone: 0 },
    });
  });
});

/** Adds a method to the API of another stack, of which the API's deployment knows nothing. */
function addFromOtherStack(scope: Construct, api: RestApi): void {
  new CfnMethod(scope, "Late", {
    restApiId: api.restApiId,
    resourceId: api.restApiRootResourceId,
    httpMethod: "PUT",
    authorizationType: "AWS_IAM",
  });
}

it("a method that is added in another stack does not reach the stage", () => {
  const folder = synthesize((app) => {
    const api = addApi(new Stack(app, "S"), AuthorizationType.IAM);
    addFromOtherStack(new Stack(app, "T"), api);
  });
  expect(judgeAssembly(folder).findings.map(({ code, cause }) => `${code} ${cause}`)).toEqual([
    expect.stringMatching(/^stage\.stale the deployment .* does not change with PUT of T\/Late, on which/),
  ]);
});

it("a method that is added in a nested stack does not reach the stage", () => {
  const folder = synthesize((app) => {
    const stack = new Stack(app, "S");
    addFromOtherStack(new NestedStack(stack, "N"), addApi(stack, AuthorizationType.IAM));
  });
  expect(judgeAssembly(folder).findings.map(({ code }) => code)).toEqual(["stage.stale"]);
});

it("an API without a deployment is found", () => {
  const folder = synthesize((app) => {
    const api = new RestApi(new Stack(app, "S"), "Api", { deploy: false });
    api.root.addMethod("GET", new MockIntegration(), { authorizationType: AuthorizationType.IAM });
  });
  expect(judgeAssembly(folder).findings.map(({ code }) => code)).toEqual(["stage.stale"]);
});

it("a folder that is not an assembly is unreadable", () => {
  expect(judgeAssembly(import.meta.dirname).findings.map(({ code }) => code)).toEqual(["unreadable"]);
});

describe("what is in itself", () => {
  const nestedIn = (TemplateURL: string) => ({ Type: "AWS::CloudFormation::Stack", Properties: { TemplateURL } });

  it("is unreadable if it is a nested stack, and ends", () => {
    const Resources = { ...createHttpParts(), N: nestedIn("./t.json"), M: nestedIn("./t.json") };
    expect(toLines(judgeFolder({ "t.json": { Resources } }).findings)).toEqual(["unreadable M", "unreadable N"]);
  });

  it("is read if a stack nests another template twice", () => {
    const Resources = { ...createHttpParts(), N: nestedIn("./other.json"), M: nestedIn("./other.json") };
    const files = { "t.json": { Resources }, "other.json": { Resources: createHttpParts() } };
    expect(judgeFolder(files)).toMatchObject({ findings: [], seen: { apis: 3 } });
  });

  it("is read once if it is an assembly", () => {
    const artifacts = {
      S: { type: "aws:cloudformation:stack", properties: { templateFile: "s.json" } },
      Again: { type: "cdk:cloud-assembly", properties: { directoryName: "." } },
    };
    const files = { "manifest.json": { artifacts }, "s.json": { Resources: createHttpParts() } };
    expect(judgeFolder(files, {}, ["."])).toMatchObject({ findings: [], seen: { apis: 1 } });
  });
});
