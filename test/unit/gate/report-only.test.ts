import { describe, expect, it } from "vitest";
import { closesByPolicy } from "../../../contract/resource-policy.ts";
import type { GateOptions } from "../../../gate/judge.ts";
import { toAuthorizerMark } from "../../../gate/marks.ts";
import { createHttpParts, judgeTemplate, POLICY_ENVIRONMENT, toLines, toUri } from "../../support/gate.ts";

const REPORT = "aaaaaaaaaaaa";
const ENFORCED = "bbbbbbbbbbbb";
const CONTRACTS = { [REPORT]: { api: "http", mode: "report" }, [ENFORCED]: { api: "http" } };
const ACCEPTED = [{ name: "Api", reason: "A week of decisions before we enforce them." }];

/** The template of an HTTP API whose authorizer invokes an alias, with some of its properties changed. */
function judgeAlias(alias: unknown, properties: object = {}, options?: GateOptions, contracts: unknown = CONTRACTS) {
  const { Decide, Api, Authorizer, Route, Stage } = createHttpParts();
  const Variables = { ...POLICY_ENVIRONMENT, API_CONTRACTS: JSON.stringify(contracts) };
  const Alias = {
    Type: "AWS::Lambda::Alias",
    Properties: { FunctionName: { Ref: "Decide" }, Name: "orders-report-aaaaaaaaaaaa", FunctionVersion: "1" },
  };
  const AuthorizerUri =
    typeof alias === "string" ? { "Fn::Sub": `${URI}\${Decide.Arn}:${alias}/invocations` } : toUri(alias);
  return judgeTemplate(
    {
      Resources: {
        ...{ Api, Route, Stage, Alias },
        Decide: { ...Decide, Properties: { Environment: { Variables } } },
        Authorizer: { ...Authorizer, Properties: { ...Authorizer.Properties, AuthorizerUri, ...properties } },
      },
    },
    options,
  );
}

/** Judges the same API, with another name of the alias, other variables and another text that the URI invokes. */
function judgeNamed(name: unknown, variables: object, others: object, invoked: unknown = { Ref: "Alias" }) {
  const { Decide, Api, Authorizer, Route, Stage } = createHttpParts();
  const Variables = { ...POLICY_ENVIRONMENT, API_CONTRACTS: JSON.stringify(CONTRACTS), ...variables };
  const Alias = {
    Type: "AWS::Lambda::Alias",
    Properties: { FunctionName: { Ref: "Decide" }, Name: name, FunctionVersion: "1" },
  };
  const Properties = { ...Authorizer.Properties, AuthorizerUri: toUri(invoked) };
  const Resources = { Api, Route, Stage, Alias, Decide: { ...Decide, Properties: { Environment: { Variables } } } };
  return judgeTemplate({ ...others, Resources: { ...Resources, Authorizer: { ...Authorizer, Properties } } }).findings;
}

const URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/";

describe("a report-only authorizer is known by the alias that its URI names", () => {
  it.each<[string, unknown, readonly string[]]>([
    ["written out", `orders-report-${REPORT}`, ["method.report_only Route"]],
    ["by a reference", { Ref: "Alias" }, ["method.report_only Route"]],
    ["of an enforcing one", `orders-${ENFORCED}`, []],
    ["of an API whose name only looks like it", `report-orders-${ENFORCED}`, []],
  ])("%s", (_, alias, lines) => {
    const { findings } = judgeAlias(alias);
    expect(toLines(findings)).toEqual(lines);
  });

  const PARAMETER = {
    Parameters: { Name: { Type: "String" } },
    Conditions: { Prod: { "Fn::Equals": ["a", { Ref: "Name" }] } },
  };
  it.each(["first", "last"])("in one branch of a condition, the %s", (place) => {
    const names = [`orders-report-${REPORT}`, `orders-${ENFORCED}`];
    const branches = place === "first" ? names : names.toReversed();
    expect(toLines(judgeNamed({ "Fn::If": ["Prod", ...branches] }, {}, PARAMETER))).toEqual([
      "method.report_only Route",
    ]);
    const enforced = { "Fn::If": ["Prod", `orders-${ENFORCED}`, `shop-${ENFORCED}`] };
    expect(toLines(judgeNamed(enforced, {}, PARAMETER))).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["a parameter is its name", { Ref: "Alias" }],
    ["a parameter is its end", { "Fn::Sub": `\${Decide.Arn}:orders-\${Name}` }],
    ["a variable of the stage is its name", { "Fn::Sub": "${Decide.Arn}:${!stageVariables.alias}" }],
  ])("and may be one if %s, unless no contract of the function is report-only", (_, invoked) => {
    const judgeHidden = (contracts: unknown) =>
      judgeNamed({ Ref: "Name" }, { API_CONTRACTS: contracts, UNQUALIFIED_CONTRACT: "x" }, PARAMETER, invoked);
    expect(toLines(judgeHidden(JSON.stringify(CONTRACTS)))).toEqual(["method.report_only Route"]);
    expect(toLines(judgeHidden({ Ref: "Name" }))).toEqual(["method.report_only Route"]);
    expect(toLines(judgeHidden(JSON.stringify({ [ENFORCED]: { api: "http" } })))).toEqual([]);
  });

  it("and by the mark of an authorizer whose function is not in the files", () => {
    const invoked = { "Fn::ImportValue": "TheAlias" };
    const judgeMark = (mode?: "report") => {
      const { Api, Authorizer, Route, Stage } = createHttpParts();
      const Metadata = { "rego-authorizer": toAuthorizerMark(invoked, mode) };
      const Properties = { ...Authorizer.Properties, AuthorizerUri: toUri(invoked) };
      return toLines(
        judgeTemplate({ Resources: { Api, Route, Stage, Authorizer: { ...Authorizer, Metadata, Properties } } })
          .findings,
      );
    };
    expect(judgeMark("report")).toEqual(["method.report_only Route"]);
    expect(judgeMark()).toEqual([]);
  });

  it("and is accepted by the name of the API, the route or the authorizer, with a reason", () => {
    for (const name of ["Api", "orders-api", "Route", "Authorizer", "decide"]) {
      const { findings, accepted, unused, seen } = judgeAlias(
        `orders-report-${REPORT}`,
        {},
        {
          accepted: [{ name, reason: "A week of decisions." }],
        },
      );
      expect([findings, unused, accepted.map(({ reason }) => reason)], name).toEqual([
        [],
        [],
        ["A week of decisions."],
      ]);
      expect(seen).toMatchObject({ methods: 1, withPolicy: 0, reportOnly: 1 });
    }
    const other = judgeAlias(`orders-report-${REPORT}`, {}, { accepted: [{ name: "Other", reason: "x" }] });
    expect([toLines(other.findings), other.unused]).toEqual([["method.report_only Route"], ["Other"]]);
  });

  it("and is accepted until a day", () => {
    const until = (today: string) =>
      judgeAlias(
        `orders-report-${REPORT}`,
        {},
        { accepted: ACCEPTED.map((one) => ({ ...one, until: "2026-12-31" })), today },
      );
    expect(until("2026-12-31").findings).toEqual([]);
    const over = until("2027-01-01");
    expect(over.findings.map(({ advice }) => advice)).toEqual([
      expect.stringMatching(/^it was accepted until 2026-12-31; /),
    ]);
    expect(over.unused).toEqual([]);
  });
});

describe("a report-only authorizer must let every request through, and decide each", () => {
  it.each<[string, string, object, RegExp | undefined]>([
    ["without a TTL", `orders-report-${REPORT}`, {}, undefined],
    ["with a TTL of 0", `orders-report-${REPORT}`, { AuthorizerResultTtlInSeconds: 0 }, undefined],
    [
      "with a cache",
      `orders-report-${REPORT}`,
      { AuthorizerResultTtlInSeconds: 60 },
      /caches responses for 60 seconds/,
    ],
    [
      "with a TTL that is not known",
      `orders-report-${REPORT}`,
      { AuthorizerResultTtlInSeconds: { Ref: "Ttl" } },
      /caches/,
    ],
    [
      "with an identity source",
      `orders-report-${REPORT}`,
      { IdentitySource: ["$request.header.Authorization"] },
      /is report-only and has an identity source, so that API Gateway refuses requests without it/,
    ],
    ["with a contract that enforces", `orders-report-${ENFORCED}`, {}, /is not report-only, and gets a fault/],
    ["with an enforcing alias and a report-only contract", `orders-${REPORT}`, {}, /is report-only, and gets a fault/],
  ])("%s", (_, alias, properties, cause) => {
    const { findings } = judgeAlias(alias, properties, { accepted: ACCEPTED });
    const broken = findings.filter(({ code }) => code === "cache.contract").map((one) => one.cause);
    expect(broken).toEqual(cause === undefined ? [] : [expect.stringMatching(cause)]);
  });
});

describe("a resource policy closes by its silence what a report-only Allow opens", () => {
  const ALL = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" };
  const DENY = {
    Effect: "Deny",
    Principal: "*",
    Action: "execute-api:Invoke",
    Resource: "*",
    Condition: { a: { b: "c" } },
  };
  it.each<[string, boolean, unknown]>([
    ["no policy", false, undefined],
    ["everybody, and explicit denials", false, { Statement: [ALL, DENY] }],
    ["one statement that is not in a list", false, { Statement: ALL }],
    ["a policy as a text", false, JSON.stringify({ Statement: [{ ...ALL, Principal: { AWS: ["*"] } }] })],
    ["an ARN of everything", false, { Statement: [{ ...ALL, Resource: "arn:aws:execute-api:*:*:*/*" }] }],
    ["a condition", true, { Statement: [{ ...ALL, Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } }] }],
    ["one account", true, { Statement: [{ ...ALL, Principal: { AWS: "123456789012" } }] }],
    ["some paths", true, { Statement: [{ ...ALL, Resource: "execute-api:/prod/GET/home" }] }],
    ["denials alone", true, { Statement: [DENY] }],
    ["nothing", true, {}],
    ["something that is not a policy", true, "{"],
  ])("%s: %s", (_, closes, policy) => {
    expect(closesByPolicy(policy)).toBe(closes);
  });

  it("and nobody can accept that", () => {
    const policy = (Condition?: object) => ({ Statement: [{ ...ALL, ...(Condition && { Condition }) }] });
    const judgeRest = (Policy: object | undefined, alias: string) => {
      const { Decide } = createHttpParts();
      const AuthorizerUri = { "Fn::Sub": `${URI}\${Decide.Arn}:${alias}/invocations` };
      const contracts = { [REPORT]: { api: "rest", mode: "report" }, [ENFORCED]: { api: "rest" } };
      const Variables = { ...POLICY_ENVIRONMENT, API_CONTRACTS: JSON.stringify(contracts) };
      return judgeTemplate(
        {
          Resources: {
            Decide: { ...Decide, Properties: { Environment: { Variables } } },
            Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "orders", ...(Policy && { Policy }) } },
            Authorizer: {
              Type: "AWS::ApiGateway::Authorizer",
              Properties: {
                ...{ RestApiId: { Ref: "Api" }, Name: "report", Type: "REQUEST", AuthorizerUri },
                AuthorizerResultTtlInSeconds: 0,
              },
            },
            Method: {
              Type: "AWS::ApiGateway::Method",
              Properties: {
                ...{ RestApiId: { Ref: "Api" }, ResourceId: { "Fn::GetAtt": ["Api", "RootResourceId"] } },
                ...{ HttpMethod: "GET", AuthorizationType: "CUSTOM", AuthorizerId: { Ref: "Authorizer" } },
              },
            },
            Deployment0123456789abcdef0123456789abcdef: {
              ...{ Type: "AWS::ApiGateway::Deployment", DependsOn: ["Method"] },
              Properties: { RestApiId: { Ref: "Api" } },
            },
            Stage: {
              Type: "AWS::ApiGateway::Stage",
              Properties: {
                ...{ RestApiId: { Ref: "Api" }, StageName: "prod" },
                DeploymentId: { Ref: "Deployment0123456789abcdef0123456789abcdef" },
              },
            },
          },
        },
        { accepted: ACCEPTED },
      );
    };
    const office = policy({ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } });
    expect(judgeRest(office, `orders-report-${REPORT}`).findings).toMatchObject([
      { code: "method.open", cause: expect.stringMatching(/^GET \/ is report-only and has a resource policy/) },
    ]);
    expect(judgeRest(policy(), `orders-report-${REPORT}`).findings).toEqual([]);
    expect(judgeRest(undefined, `orders-report-${REPORT}`).findings).toEqual([]);
    expect(judgeRest(office, `orders-${ENFORCED}`).findings).toEqual([]);
  });
});
