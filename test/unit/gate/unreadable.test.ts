import { describe, expect, it } from "vitest";
import { createHttpParts, judgeFolder, judgeTemplate, toLines } from "../../support/gate.ts";
import { toCloudFormation, toPlan } from "../../support/gate-apps.ts";

const parts = createHttpParts();
const { Api, ...others } = parts;

/** Judges an API with other properties, and whose findings somebody accepts by every name that there is. */
function judgeApi(Properties: object, more: object = {}): readonly string[] {
  const names = ["Api", "template", "orders-api", "Route", "Stage", "Authorizer", "X"];
  const accepted = names.map((name) => ({ name, reason: "we know" }));
  const changed = { ...Api, Properties: { ...Api.Properties, ...Properties } };
  return toLines(judgeTemplate({ Resources: { ...others, Api: changed }, ...more }, { accepted }).findings);
}

describe("what can't be read is a finding that nobody can accept", () => {
  it.each([
    ["a document in S3", { BodyS3Location: { Bucket: "b", Key: "k" } }],
    ["a document that a macro inserts", { Body: { "Fn::Transform": { Name: "AWS::Include" } } }],
    ["a document that is a parameter", { Body: { Ref: "Document" } }],
    ["a document without operations", { Body: { openapi: "3.0.1", paths: {} } }],
    ["a kind of API that is a parameter", { ProtocolType: { Ref: "Kind" } }],
    ["a property that a macro inserts", { Description: { "Fn::Transform": { Name: "M" } } }],
    ["properties that a loop makes", { "Fn::ForEach::Each": ["X", ["a"], {}] }],
  ])("%s", (_, properties) => {
    expect(judgeApi(properties)).toContain("unreadable Api");
  });

  it.each([
    ["a clone of a REST API", { Type: "AWS::ApiGateway::RestApi", Properties: { CloneFrom: "abc" } }],
    ["a REST API without a method", { Type: "AWS::ApiGateway::RestApi" }],
    ["an HTTP API without a route", { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "HTTP" } }],
    ["a type of API Gateway that the gate does not know", { Type: "AWS::ApiGatewayV2::Novelty" }],
    ["a type of AWS SAM that the gate does not know", { Type: "AWS::Serverless::WebSocketApi" }],
    ["a module of the registry", { Type: "Example::Api::Public::MODULE" }],
    ["a product of the service catalog", { Type: "AWS::ServiceCatalog::CloudFormationProvisionedProduct" }],
    ["a stack set", { Type: "AWS::CloudFormation::StackSet" }],
    ["a resource that a macro makes", { "Fn::Transform": { Name: "M" } }],
    ["a resource without a type", { Properties: {} }],
    [
      "a nested application of the repository",
      { Type: "AWS::Serverless::Application", Properties: { Location: { ApplicationId: "a" } } },
    ],
    [
      "a nested stack whose file is missing",
      { Type: "AWS::CloudFormation::Stack", Properties: { TemplateURL: "./missing.json" } },
    ],
  ])("%s", (_, resource) => {
    const accepted = [{ name: "X", reason: "we know" }];
    const { findings } = judgeTemplate({ Resources: { ...parts, X: resource } }, { accepted });
    expect(findings.map(({ code }) => code)).toEqual(["unreadable"]);
  });

  it.each([
    ["a macro of the account", "MyMacro"],
    ["an include", { Name: "AWS::Include", Parameters: { Location: "s3://b/k" } }],
    ["a macro beside known ones", ["AWS::Serverless-2016-10-31", "MyMacro"]],
  ])("%s at the template as a whole", (_, Transform) => {
    expect(judgeApi({}, { Transform })).toEqual(["unreadable "]);
  });

  it("a loop of resources", () => {
    const loop = { "Fn::ForEach::Routes": ["X", ["a"], {}] };
    const { findings } = judgeTemplate({ Resources: { ...parts, ...loop } });
    expect(toLines(findings)).toEqual(["unreadable Fn::ForEach::Routes"]);
  });
});

it("a route whose API the files do not show is unreadable", () => {
  const Route = { ...parts.Route, Properties: { ...parts.Route.Properties, ApiId: { Ref: "AWS::NoValue" } } };
  const found = toLines(judgeTemplate({ Resources: { ...parts, Route } }).findings);
  expect(found).toEqual(["unreadable Api", "unreadable Route"]);
});

it("the parts that these tests change are in order", () => {
  expect(judgeApi({})).toEqual([]);
  expect(judgeApi({}, { Transform: ["AWS::SecretsManager-2020-07-23", "AWS::LanguageExtensions"] })).toEqual([]);
});

describe("a file that is not a template", () => {
  it.each([
    ["text", "Hello"],
    ["a list", "[1, 2]"],
    ["JSON that is cut off", '{"Resources": {"Api": {'],
    ["YAML with a key that occurs twice", "Resources:\n  A: {Type: X}\n  A: {Type: Y}\n"],
    ["YAML with an unknown tag", "Resources:\n  A: !Secret x\n"],
    ["YAML with an alias of what it is in", "Resources: &all\n  A: {Type: X, Properties: {All: *all}}\n"],
    [
      "JSON with more levels than any template",
      `{"Resources": {"A": {"Type": "X", "Properties": {"P": ${"[".repeat(20_000)}${"]".repeat(20_000)}}}}}`,
    ],
    ["YAML with an alias of nothing", "Resources: *nothing\n"],
    ["an OpenAPI document", { openapi: "3.0.1", paths: {} }],
    ["a template without resources", { AWSTemplateFormatVersion: "2010-09-09" }],
    ["a state of Terraform", { terraform_version: "1.9.0", values: { root_module: {} } }],
    ["nothing", ""],
  ])("%s is unreadable", (_, content) => {
    expect(judgeTemplate(content).findings.map(({ code }) => code)).toEqual(["unreadable"]);
  });

  it("does not hide the others", () => {
    const open = toCloudFormation({ kind: "http", methods: [{ verb: "GET", segments: ["a"], way: "none" }] });
    const { findings } = judgeFolder({ a: "Hello", b: open }, {}, ["a", "b"]);
    expect(toLines(findings)).toEqual(["method.open M0", "unreadable "]);
  });
});

describe("a plan", () => {
  const plan = toPlan({ kind: "rest", methods: [{ verb: "GET", segments: ["a"], way: "policy" }] });

  it.each([
    ["that ended with an error", { errored: true }],
    ["that is not complete", { complete: false }],
    ["that defers changes", { deferred_changes: [{}] }],
    ["of a newer format", { format_version: "2.0" }],
    ["without its configuration", { configuration: undefined }],
  ])("%s is unreadable", (_, changes) => {
    expect(judgeTemplate(plan).findings).toEqual([]);
    expect(judgeTemplate({ ...plan, ...changes }).findings.map(({ code }) => code)).toContain("unreadable");
  });

  it("whose values lack a route that it makes is unreadable", () => {
    const judgeChange = (change: object, type = "aws_apigatewayv2_route") =>
      judgeTemplate({ ...plan, resource_changes: [{ address: `${type}.x`, mode: "managed", type, change }] }).findings;
    const after = { authorization_type: "NONE" };
    expect(judgeChange({ actions: ["create"], after }).map(({ code }) => code)).toEqual(["unreadable"]);
    expect(judgeChange({ actions: ["delete"], after: null })).toEqual([]);
    expect(judgeChange({ actions: ["create"], after }, "aws_s3_bucket")).toEqual([]);
  });
});
