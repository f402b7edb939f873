import { describe, expect, it } from "vitest";
import { toAuthorizerMark, toFunctionMark } from "../../../gate/marks.ts";
import { createHttpParts, judgeFolder, judgeTemplate, POLICY_ENVIRONMENT, toLines, toUri } from "../../support/gate.ts";

const FOREIGN = ["authorizer.foreign Route"];
const ARN = { "Fn::GetAtt": ["Decide", "Arn"] };

/** Judges an API whose authorizer invokes a function by a text, with other resources. */
function judgeInvoked(
  invoked: unknown,
  others: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
  authorizers: readonly string[] = [],
): readonly string[] {
  const parts = createHttpParts();
  const Authorizer = {
    ...parts.Authorizer,
    Metadata: metadata,
    Properties: { ...parts.Authorizer.Properties, AuthorizerUri: toUri(invoked) },
  };
  return toLines(judgeTemplate({ Resources: { ...parts, Authorizer, ...others } }, { authorizers }).findings);
}

const ALIAS = { Type: "AWS::Lambda::Alias", Properties: { FunctionName: { Ref: "Decide" }, Name: "live" } };
const VERSION = { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "Decide" } } };
const OTHER = { Type: "AWS::Lambda::Function", Properties: { FunctionName: "other" } };

describe("the function of a policy is recognized", () => {
  it.each([
    ["by its ARN", ARN, {}],
    ["by an alias", { Ref: "Live" }, { Live: ALIAS }],
    ["by a version", { Ref: "One" }, { One: VERSION }],
    ["by an alias of a version's function", { Ref: "Live" }, { Live: ALIAS, One: VERSION }],
    ["by the name of an alias after its ARN", { "Fn::Sub": "${Decide.Arn}:orders-0123456789ab" }, {}],
    [
      "by an ARN that is put together",
      {
        "Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Decide}",
      },
      {},
    ],
    [
      "by its name in an ARN",
      "arn:aws:lambda:eu-west-1:123456789012:function:decide-fn:live",
      {
        Decide: {
          Type: "AWS::Lambda::Function",
          Properties: { FunctionName: "decide-fn", Environment: { Variables: POLICY_ENVIRONMENT } },
        },
      },
    ],
    [
      "by its name, which begins with the stack's",
      { "Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-decide:live" },
      {
        Decide: {
          Type: "AWS::Lambda::Function",
          Properties: {
            FunctionName: { "Fn::Sub": "${AWS::StackName}-decide" },
            Environment: { Variables: POLICY_ENVIRONMENT },
          },
        },
      },
    ],
    [
      "by its mark",
      { "Fn::GetAtt": "Marked.Arn" },
      {
        Marked: { Type: "AWS::Lambda::Function", Metadata: { "rego-authorizer": toFunctionMark() } },
      },
    ],
  ])("%s", (_, invoked, others) => {
    expect(judgeInvoked(invoked, others)).toEqual([]);
  });

  it.each([
    ["another function", { "Fn::GetAtt": ["Other", "Arn"] }, { Other: OTHER }],
    [
      "an alias of another function",
      { Ref: "Live" },
      {
        Other: OTHER,
        Live: { ...ALIAS, Properties: { FunctionName: { Ref: "Other" } } },
      },
    ],
    [
      "a function with one of the two variables",
      ARN,
      {
        Decide: {
          Type: "AWS::Lambda::Function",
          Properties: { Environment: { Variables: { TRUSTED_ISSUERS: "[]" } } },
        },
      },
    ],
    ["a function that is not in the files", "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere", {}],
    ["a function whose name is a logical id", "arn:aws:lambda:eu-west-1:123456789012:function:Decide", {}],
    ["the function of a stage variable", "${stageVariables.decide}", {}],
  ])("and %s is not", (_, invoked, others) => {
    expect(judgeInvoked(invoked, others)).toEqual(FOREIGN);
  });
});

describe("the mark of an authorizer", () => {
  const elsewhere = { "Fn::ImportValue": "TheFunction" };
  const markFor = (arn: unknown) => ({ "rego-authorizer": { ...toAuthorizerMark(""), invokes: arn } });

  it("convinces for a function that is not in the files", () => {
    expect(judgeInvoked(elsewhere, {}, markFor(elsewhere))).toEqual([]);
  });

  it("does not convince if it was copied, and names another function", () => {
    expect(judgeInvoked(elsewhere, {}, markFor({ "Fn::ImportValue": "AnotherFunction" }))).toEqual(FOREIGN);
  });

  it("does not convince for a function in the files that is not the policy's", () => {
    const arn = { "Fn::GetAtt": ["Other", "Arn"] };
    expect(judgeInvoked(arn, { Other: OTHER }, markFor(arn))).toEqual(FOREIGN);
  });
});

describe("a user can name", () => {
  it.each([
    ["the authorizer by its logical id", "Authorizer"],
    ["the authorizer by its name", "decide"],
    ["the function by its name", "other"],
    ["the function by its logical id", "Other"],
  ])("%s", (_, name) => {
    expect(judgeInvoked({ "Fn::GetAtt": ["Other", "Arn"] }, { Other: OTHER }, {}, [name])).toEqual([]);
  });

  it("the function by its ARN, if it is not in the files", () => {
    const arn = "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere";
    expect(judgeInvoked(arn, {}, {}, [arn])).toEqual([]);
    expect(judgeInvoked(arn, {}, {}, [`${arn}x`])).toEqual(FOREIGN);
  });
});

describe("a stack in several templates", () => {
  const { Decide, Api, Authorizer, Route, Stage } = createHttpParts();
  const outputs = {
    Outputs: {
      ApiId: { Value: { Ref: "Api" }, Export: { Name: { "Fn::Sub": "shared-api" } } },
      AuthorizerId: { Value: { Ref: "Authorizer" }, Export: { Name: "shared-authorizer" } },
    },
  };
  const base = { Resources: { Decide, Api, Authorizer, Stage }, ...outputs };

  it("is followed through exports and imports", () => {
    const judgeImport = (type: string) => {
      const properties = {
        ...Route.Properties,
        ApiId: { "Fn::ImportValue": "shared-api" },
        AuthorizationType: type,
        AuthorizerId: { "Fn::ImportValue": "shared-authorizer" },
      };
      const other = { Resources: { Route: { ...Route, Properties: properties } } };
      return toLines(judgeFolder({ "base.json": base, "other.json": other }, {}, ["base.json", "other.json"]).findings);
    };
    expect(judgeImport("CUSTOM")).toEqual([]);
    expect(judgeImport("NONE")).toEqual(["method.open Route"]);
  });

  const nestedRoute = (type: unknown) => ({
    Parameters: { TheApi: { Type: "String" }, TheAuthorizer: { Type: "String" }, TheType: { Type: "String" } },
    Resources: {
      Route: {
        ...Route,
        Properties: {
          ...Route.Properties,
          ApiId: { Ref: "TheApi" },
          AuthorizationType: type,
          AuthorizerId: { Ref: "TheAuthorizer" },
        },
      },
    },
  });
  const parentOf = (TheType: unknown, url: unknown = "./nested.json") => ({
    ...base,
    Resources: {
      ...base.Resources,
      Nested: {
        Type: "AWS::CloudFormation::Stack",
        Properties: {
          TemplateURL: url,
          Parameters: {
            TheApi: { Ref: "Api" },
            TheAuthorizer: { "Fn::GetAtt": ["Authorizer", "AuthorizerId"] },
            TheType,
          },
        },
      },
    },
  });

  it("is followed into nested stacks, with their parameters", () => {
    const judgeNested = (type: string) =>
      toLines(judgeFolder({ "parent.json": parentOf(type), "nested.json": nestedRoute({ Ref: "TheType" }) }).findings);
    expect(judgeNested("CUSTOM")).toEqual([]);
    expect(judgeNested("NONE")).toEqual(["method.open Route"]);
  });

  it("is judged once if the nested template is named, too, in any order", () => {
    const files = { "parent.json": parentOf("CUSTOM"), "nested.json": nestedRoute({ Ref: "TheType" }) };
    for (const named of [
      ["parent.json", "nested.json"],
      ["nested.json", "parent.json"],
    ])
      expect(toLines(judgeFolder(files, {}, named).findings)).toEqual([]);
    expect(toLines(judgeFolder(files, {}, ["nested.json"]).findings)).toContain("unreadable Route");
  });

  it("is unreadable if a nested template is not a local file", () => {
    const files = { "parent.json": parentOf("CUSTOM", "https://s3.amazonaws.com/b/nested.json") };
    expect(toLines(judgeFolder(files).findings)).toContain("unreadable Nested");
  });
});
