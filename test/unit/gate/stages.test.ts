import { describe, expect, it } from "vitest";
import { createHttpParts, judgeTemplate, toLines } from "../../support/gate.ts";
import { toCloudFormation } from "../../support/gate-apps.ts";

const REST = toCloudFormation({
  kind: "rest",
  methods: [
    { verb: "GET", segments: ["orders"], way: "policy" },
    { verb: "PUT", segments: ["orders"], way: "iam" },
  ],
});

type Resources = Readonly<Record<string, { readonly Properties: object; readonly DependsOn?: readonly string[] }>>;

const { Resources: ALL } = REST as { readonly Resources: Resources };
const { Deployment0123456789abcdef: DEPLOYMENT, Stage: STAGE, ...WITHOUT } = ALL;

/** Judges the REST API with another deployment, and a stage that serves it. */
function judgeDeployment(id: string, deployment: object = {}, metadata = {}): readonly string[] {
  const stage = { ...STAGE, Properties: { ...STAGE?.Properties, DeploymentId: { Ref: id } } };
  const Resources = { ...WITHOUT, [id]: { ...DEPLOYMENT, ...deployment, Metadata: metadata }, Stage: stage };
  return toLines(judgeTemplate({ Resources }).findings);
}

describe("a deployment of a REST API", () => {
  const OF_CDK = { "aws:cdk:path": "S/Api/Deployment/Resource" };

  it.each([
    ["the CDK's digest", `ApiDeployment149F1294${"0123456789abcdef".repeat(2)}`, OF_CDK],
    ["the digest of AWS SAM", "ServerlessRestApiDeployment0123456789", {}],
    ["the time of the Serverless Framework", "ApiGatewayDeployment1643723412345", {}],
  ])("changes with its methods if its id has %s", (_, id, metadata) => {
    expect(judgeDeployment(id, {}, metadata)).toEqual([]);
  });

  it.each([
    ["a plain id", "Deployment", {}],
    ["the CDK's digest of its path alone", "ApiDeployment149F1294", OF_CDK],
    ["an id that somebody wrote into a CDK app", "Deployment0123456789", OF_CDK],
    ["a version that somebody counts", "Deployment42", {}],
    ["a word of hexadecimal letters", "DeploymentFeedfacedeadbeef".replace("F", "f"), {}],
  ])("stays the same with %s", (_, id, metadata) => {
    expect(judgeDeployment(id, {}, metadata)).toEqual(["stage.stale Stage"]);
  });

  it("changes with the methods that it depends on, and no others", () => {
    expect(judgeDeployment("Deployment0123456789", { DependsOn: ["M0", "M1"] })).toEqual([]);
    expect(judgeDeployment("Deployment0123456789", { DependsOn: "M0" })).toEqual(["stage.stale Stage"]);
    expect(judgeDeployment("Deployment0123456789", { DependsOn: undefined })).toEqual(["stage.stale Stage"]);
  });
});

describe("methods do not reach a stage", () => {
  it.each([
    ["without a deployment and a stage", WITHOUT, "Api"],
    ["without a stage", { ...WITHOUT, Deployment0123456789abcdef: DEPLOYMENT }, "Api"],
    [
      "whose deployment is elsewhere",
      { ...WITHOUT, Stage: { ...STAGE, Properties: { ...STAGE?.Properties, DeploymentId: "abc123" } } },
      "Stage",
    ],
  ])("%s", (_, Resources, id) => {
    expect(toLines(judgeTemplate({ Resources }).findings)).toEqual([`stage.stale ${id}`]);
  });

  it("of an API that is imported", () => {
    const { Api: _, Stage: _stage, Deployment0123456789abcdef: _deployment, ...methods } = ALL;
    const text = JSON.stringify({ Resources: methods }).replaceAll('{"Ref":"Api"}', '"a1b2c3"');
    const { findings } = judgeTemplate(text);
    expect(findings.map(({ code, cause }) => [code, cause])).toEqual([
      ["stage.stale", "no stage of the API a1b2c3 is in the files, so nothing deploys GET /orders, PUT /orders"],
    ]);
  });
});

it("a stage that its deployment makes is a stage", () => {
  const deployment = (id: string) => ({
    ...WITHOUT,
    [id]: { ...DEPLOYMENT, Properties: { ...DEPLOYMENT?.Properties, StageName: "prod" } },
  });
  expect(toLines(judgeTemplate({ Resources: deployment("Deployment0123456789") }).findings)).toEqual([]);
  expect(toLines(judgeTemplate({ Resources: deployment("Deployment") }).findings)).toEqual(["stage.stale Deployment"]);
});

describe.each(["HTTP", "WEBSOCKET"])("a stage of an API of type %s", (ProtocolType) => {
  const judgeStage = (properties: object, deployment: object = {}) => {
    const { Api, Route, Stage, ...others } = createHttpParts();
    const Resources = {
      ...others,
      Api: { ...Api, Properties: { ...Api.Properties, ProtocolType } },
      Route: {
        ...Route,
        Properties: { ...Route.Properties, RouteKey: ProtocolType === "HTTP" ? "GET /a" : "$connect" },
      },
      Stage: { ...Stage, Properties: { ApiId: { Ref: "Api" }, StageName: "s", ...properties } },
      ...deployment,
    };
    return toLines(judgeTemplate({ Resources }).findings);
  };
  const deploymentOf = (id: string) => ({
    [id]: { Type: "AWS::ApiGatewayV2::Deployment", DependsOn: ["Route"], Properties: { ApiId: { Ref: "Api" } } },
  });

  it("serves what is deployed automatically", () => {
    expect(judgeStage({ AutoDeploy: true })).toEqual([]);
    expect(judgeStage({ AutoDeploy: "true" })).toEqual([]);
  });

  it("serves a deployment that changes with the routes", () => {
    expect(judgeStage({ DeploymentId: { Ref: "D0123456789" } }, deploymentOf("D0123456789"))).toEqual([]);
    expect(judgeStage({ DeploymentId: { Ref: "D" } }, deploymentOf("D"))).toEqual(["stage.stale Stage"]);
  });

  it("stays behind otherwise", () => {
    expect(judgeStage({})).toEqual(["stage.stale Stage"]);
    expect(judgeStage({ AutoDeploy: false })).toEqual(["stage.stale Stage"]);
    expect(judgeStage({ AutoDeploy: { Ref: "Automatic" } })).toEqual(["stage.stale Stage"]);
  });
});

describe("somebody accepts a stage that is deployed otherwise", () => {
  const Resources = {
    ...WITHOUT,
    Deployment: DEPLOYMENT,
    Stage: { ...STAGE, Properties: { ...STAGE?.Properties, DeploymentId: { Ref: "Deployment" } } },
  };

  it.each(["Stage", "prod", "Deployment", "Api", "api"])("by the name %s, with the reason", (name) => {
    const { findings, accepted, unused } = judgeTemplate({ Resources }, { accepted: [{ name, reason: "a job does" }] });
    expect({ findings, reasons: accepted.map(({ reason }) => reason), unused }).toEqual({
      findings: [],
      reasons: ["a job does"],
      unused: [],
    });
  });

  it("not by another name, and not without a reason", () => {
    for (const one of [
      { name: "Other", reason: "a job does" },
      { name: "Stage", reason: " " },
    ]) {
      const { findings, unused } = judgeTemplate({ Resources }, { accepted: [one] });
      expect({ found: toLines(findings), unused }).toEqual({ found: ["stage.stale Stage"], unused: [one.name] });
    }
  });

  it("and no method that is open", () => {
    const open = JSON.stringify({ Resources }).replace('"AuthorizationType":"CUSTOM"', '"AuthorizationType":"NONE"');
    const accepted = ["M0", "Stage", "GET /orders"].map((name) => ({ name, reason: "a job does" }));
    expect(toLines(judgeTemplate(open, { accepted }).findings)).toEqual(["method.open M0"]);
  });
});
