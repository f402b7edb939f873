import { describe, expect, it } from "vitest";
import { computeAlternatives } from "../../../gate/alternatives.ts";
import { createHttpParts, judgeRoute, judgeTemplate, toLines } from "../../support/gate.ts";

const OPEN = ["method.open Route"];
const IF = (yes: unknown, no: unknown, name = "IsProd") => ({ "Fn::If": [name, yes, no] });
const NO_VALUE = { Ref: "AWS::NoValue" };
const AUTHORIZER = { Ref: "Authorizer" };

describe("a route whose authorization depends on conditions", () => {
  it.each([
    ["is open in one branch", { AuthorizationType: IF("CUSTOM", "NONE") }],
    ["is open in the other branch", { AuthorizationType: IF("NONE", "CUSTOM") }],
    ["has no value in a branch", { AuthorizationType: IF("CUSTOM", NO_VALUE) }],
    ["names no authorizer in a branch", { AuthorizerId: IF(AUTHORIZER, NO_VALUE) }],
    [
      "has an authorizer in the branch without custom authorization",
      {
        AuthorizationType: IF("CUSTOM", "NONE"),
        AuthorizerId: IF(NO_VALUE, AUTHORIZER),
      },
    ],
    ["is open in an inner branch", { AuthorizationType: IF("CUSTOM", IF("AWS_IAM", "NONE", "IsTest")) }],
  ])("is found if it %s", (_, properties) => {
    expect(judgeRoute(properties)).toEqual(expect.arrayContaining(OPEN));
  });

  it.each([
    ["every branch authorizes", { AuthorizationType: IF("CUSTOM", "AWS_IAM") }],
    [
      "the authorizer is missing only where IAM authorizes",
      {
        AuthorizationType: IF("CUSTOM", "AWS_IAM"),
        AuthorizerId: IF(AUTHORIZER, NO_VALUE),
      },
    ],
  ])("passes if %s", (_, properties) => {
    expect(judgeRoute(properties)).toEqual([]);
  });
});

describe("a route whose authorization is a parameter", () => {
  const given = { AuthorizationType: { Ref: "Type" } };

  it("is unreadable if the parameter may be anything", () => {
    const Parameters = { Type: { Type: "String", Default: "CUSTOM" } };
    expect(judgeRoute(given, { Parameters })).toEqual(["unreadable Route"]);
  });

  it("is judged for each allowed value", () => {
    const allow = (AllowedValues: readonly string[]) => ({ Parameters: { Type: { Type: "String", AllowedValues } } });
    expect(judgeRoute(given, allow(["CUSTOM", "NONE"]))).toEqual(OPEN);
    expect(judgeRoute(given, allow(["CUSTOM", "AWS_IAM"]))).toEqual([]);
  });
});

it("a map is read by its keys, and by every value if a key is known at deployment only", () => {
  const Mappings = { Stages: { dev: { auth: "NONE" }, prod: { auth: "CUSTOM" } } };
  const find = (key: unknown) => ({ AuthorizationType: { "Fn::FindInMap": ["Stages", key, "auth"] } });
  expect(judgeRoute(find("prod"), { Mappings })).toEqual([]);
  expect(judgeRoute(find("dev"), { Mappings })).toEqual(OPEN);
  expect(judgeRoute(find({ Ref: "AWS::Region" }), { Mappings })).toEqual(OPEN);
});

it("a map with a default has one more value, if a key is not in it or known at deployment only", () => {
  const Mappings = { Stages: { prod: { auth: "CUSTOM" } } };
  const find = (key: unknown, DefaultValue: string) => ({
    AuthorizationType: { "Fn::FindInMap": ["Stages", key, "auth", { DefaultValue }] },
  });
  expect(judgeRoute(find("prod", "NONE"), { Mappings })).toEqual([]);
  expect(judgeRoute(find("test", "NONE"), { Mappings })).toEqual(OPEN);
  expect(judgeRoute(find({ Ref: "AWS::Region" }, "NONE"), { Mappings })).toEqual(OPEN);
  expect(judgeRoute(find({ Ref: "AWS::Region" }, "AWS_IAM"), { Mappings })).toEqual([]);
});

it("a key that only the deployment knows is the same in all lookups", () => {
  const Mappings = { Stages: { dev: { auth: "AWS_IAM", id: "none" }, prod: { auth: "CUSTOM", id: "Authorizer" } } };
  const find = (name: string) => ({ "Fn::FindInMap": ["Stages", { Ref: "AWS::Region" }, name] });
  const given = { AuthorizationType: find("auth"), AuthorizerId: find("id") };
  expect(judgeRoute(given, { Mappings })).toEqual(["authorizer.foreign Route"]);
  const { findings } = judgeTemplate({
    Resources: {
      ...createHttpParts(),
      Route: { ...createHttpParts().Route, Properties: { ...createHttpParts().Route.Properties, ...given } },
    },
    Mappings,
  });
  expect(findings.map(({ cause }) => /authorizer (\w+)/.exec(cause)?.[1])).toEqual(["Authorizer"]);
});

it("the condition of a resource holds within it", () => {
  const judgeUnder = (condition: string) => {
    const { Route, ...others } = createHttpParts();
    const changed = { ...Route.Properties, AuthorizationType: IF("CUSTOM", "NONE", "Secured") };
    return toLines(
      judgeTemplate({ Resources: { ...others, Route: { ...Route, Condition: condition, Properties: changed } } })
        .findings,
    );
  };
  expect(judgeUnder("Secured")).toEqual([]);
  expect(judgeUnder("Other")).toEqual(OPEN);
});

it("variables that the gate does not read have any number of conditions", () => {
  const Variables = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`V${at}`, IF("a", "b", `C${at}`)]));
  const Backend = { Type: "AWS::Lambda::Function", Properties: { Environment: { Variables } } };
  expect(toLines(judgeTemplate({ Resources: { ...createHttpParts(), Backend } }).findings)).toEqual([]);
});

it("more combinations of conditions than can be tried are unreadable", () => {
  const nested = Array.from({ length: 9 }, (_, at) => IF("a", "b", `C${at}`));
  expect(judgeRoute({ AuthorizerId: { "Fn::Join": ["", nested] } })).toContain("unreadable Route");
});

describe("a route $connect", () => {
  const judgeConnect = (apiCondition: string | undefined, routeCondition: string | undefined) => {
    const { Decide, Api, Authorizer, Route, Stage } = createHttpParts();
    const Resources = {
      Decide,
      Authorizer,
      Stage: { ...Stage, Properties: { ...Stage.Properties, StageName: "prod" } },
      Api: { ...Api, Condition: apiCondition, Properties: { ProtocolType: "WEBSOCKET" } },
      Connect: { ...Route, Condition: routeCondition, Properties: { ...Route.Properties, RouteKey: "$connect" } },
      Message: { ...Route, Properties: { ApiId: { Ref: "Api" }, RouteKey: "$default" } },
    };
    return toLines(judgeTemplate({ Resources }).findings);
  };

  it("authorizes the whole API", () => {
    expect(judgeConnect(undefined, undefined)).toEqual([]);
  });

  it("must exist whenever its API does", () => {
    expect(judgeConnect(undefined, "IsProd")).toEqual(["method.open Api"]);
    expect(judgeConnect("IsTest", "IsProd")).toEqual(["method.open Api"]);
    expect(judgeConnect("IsProd", "IsProd")).toEqual([]);
  });
});

it("a choice is the same for the same name, and every combination is tried", () => {
  const all = computeAlternatives((choose) => [choose("a", 2), choose("b", 3), choose("a", 2)].join(""));
  expect(all).toEqual(["000", "010", "020", "101", "111", "121"]);
  expect(computeAlternatives(() => "one")).toEqual(["one"]);
});
