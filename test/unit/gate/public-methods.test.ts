import { describe, expect, it } from "vitest";
import type { PublicRule } from "../../../contract/public-rules.ts";
import { toFunctionMark } from "../../../gate/marks.ts";
import { createHttpParts, judgeTemplate, toUri } from "../../support/gate.ts";

const RULES: readonly PublicRule[] = [
  { name: "ops.health", verbs: ["GET"], path: "/health" },
  { name: "ops.status", verbs: ["GET"], path: "/status", apis: ["orders"] },
];

/** Makes a template with the routes, each open or with the policy's authorizer, and the policy's function with a mark. */
function toTemplate(routes: Readonly<Record<string, "open" | "closed">>, mark?: object) {
  const { Route, ...parts } = createHttpParts();
  const all = Object.entries(routes).map(([key, how], at) => {
    const closed = { ...Route.Properties, RouteKey: key };
    const { AuthorizerId: _, ...open } = { ...closed, AuthorizationType: "NONE" };
    return [`R${at}`, { ...Route, Properties: how === "open" ? open : closed }] as const;
  });
  const Decide = { ...parts.Decide, ...(mark && { Metadata: { "rego-authorizer": mark } }) };
  return { Resources: { ...parts, Decide, ...Object.fromEntries(all) } };
}

const ORDERS = { "GET /orders": "closed" } as const;

function outcomeOf(template: object, publicRules?: readonly PublicRule[]) {
  const { findings, notices, seen } = judgeTemplate(template, { publicRules });
  return {
    findings: findings.map(({ code, cause }) => `${code} ${cause}`),
    notices: notices.map((one) => one.cause),
    seen,
  };
}

describe("an open route", () => {
  const open = { ...ORDERS, "GET /health": "open" } as const;

  it("is in order if the policy's function is marked with a public rule for it, or the user names the policy", () => {
    const fine = { findings: [], notices: [], seen: expect.objectContaining({ withPolicy: 1, public: 1 }) };
    expect(outcomeOf(toTemplate(open, toFunctionMark(RULES)))).toEqual(fine);
    expect(outcomeOf(toTemplate(open), RULES)).toEqual(fine);
  });

  it.each([
    ["no mark", toTemplate(open), undefined],
    ["a mark without rules", toTemplate(open, toFunctionMark()), undefined],
    [
      "a mark with rules of another form",
      toTemplate(open, { function: 1, public: [{ ...RULES[0], when: [] }] }),
      undefined,
    ],
    [
      "a mark with a greedy rule",
      toTemplate(open, toFunctionMark([{ name: "a.all", verbs: ["ANY"], path: "/{proxy+}" }])),
      undefined,
    ],
    ["rules without the mark of a function", toTemplate(open, { public: RULES }), undefined],
    ["a policy without public rules, whatever the mark says", toTemplate(open, toFunctionMark(RULES)), []],
  ])("is found with %s", (_, template, rules) => {
    expect(outcomeOf(template, rules).findings).toEqual(["method.open the route GET /health is open to everybody"]);
  });

  it.each(["POST /health", "GET /health/{part}", "GET /home"])("is found if it is %s", (key) => {
    const { findings } = outcomeOf(toTemplate({ ...ORDERS, [key]: "open" }), RULES);
    expect(findings).toEqual([`method.open the route ${key} is open to everybody`]);
  });

  it("is found with the reason if it is public in part, unless the public requests have a route of their own", () => {
    const { findings } = outcomeOf(toTemplate({ ...ORDERS, "ANY /health": "open" }), RULES);
    expect(findings).toEqual([
      expect.stringMatching(
        /^method\.open the route ANY \/health is open to everybody, and ANY \/health is public in part \(ops\.health\)/,
      ),
    ]);
    const apart = toTemplate({ "ANY /{proxy+}": "closed", "GET /health": "open" });
    expect(outcomeOf(apart, RULES)).toMatchObject({ findings: [], notices: [] });
  });

  it("of an API is found if the rule is for another API", () => {
    const open = { ...ORDERS, "GET /status": "open" } as const;
    const named = (alias: string) => {
      const template = toTemplate(open);
      const arn = {
        "Fn::Sub": `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/\${Decide.Arn}:${alias}/invocations`,
      };
      const { Authorizer } = template.Resources;
      return {
        Resources: {
          ...template.Resources,
          Authorizer: { ...Authorizer, Properties: { ...Authorizer.Properties, AuthorizerUri: arn } },
        },
      };
    };
    const counts = ["orders-0123456789ab", "admin-0123456789ab", "live"].map(
      (alias) => outcomeOf(named(alias), RULES).findings.length,
    );
    expect(counts).toEqual([0, 1, 1]);
  });
});

describe("an open route for every verb, of which the policy leaves GET to a route with an authorizer", () => {
  const verbs = ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
  const rules = [{ name: "ops.hook", verbs, path: "/hook" }];
  const base = toTemplate({ "ANY /hook": "open", "GET /hook": "closed" }, toFunctionMark(rules));
  const { R0, R1 } = base.Resources as unknown as Record<"R0" | "R1", { readonly Properties: object }>;
  const Conditions = { Prod: { "Fn::Equals": [{ Ref: "AWS::Region" }, "eu-west-1"] } };
  const both = { R0: { ...R0, Condition: "Prod" }, R1: { ...R1, Condition: "Prod" } };
  const elsewhere = {
    ...R1,
    Properties: { ...R1.Properties, RouteKey: { "Fn::If": ["Prod", "GET /hook", "GET /home"] } },
  };
  it.each<[string, object, readonly string[]]>([
    ["is in order if that exists in any case", {}, []],
    ["is in order if that exists under the same condition", both, []],
    ["is found if that exists under a condition", { R1: { ...R1, Condition: "Prod" } }, ["R0"]],
    ["is found if that has another path otherwise", { R1: elsewhere }, ["R0"]],
  ])("%s", (_, changed, found) => {
    const { findings } = judgeTemplate({ Conditions, Resources: { ...base.Resources, ...changed } });
    expect(findings.map(({ code, place }) => [code, place.id])).toEqual(found.map((id) => ["method.open", id]));
  });

  it("is found if it comes from a document that lacks that in another branch", () => {
    const api = { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "HTTP", Name: "hook" } };
    const judgeBody = (Body: unknown) => {
      const { R0: _0, R1: _1, ...others } = base.Resources as Record<string, unknown>;
      const Api = { ...api, Properties: { ...api.Properties, Body } };
      const { findings } = judgeTemplate({ Conditions, Resources: { ...others, Api } });
      return findings.map(({ code }) => code).filter((code) => code.startsWith("method."));
    };
    const closed = { security: [{ decide: [] }] };
    const scheme = {
      ...{ type: "apiKey", name: "Authorization", in: "header", "x-amazon-apigateway-authtype": "custom" },
      "x-amazon-apigateway-authorizer": {
        ...{ type: "request", authorizerPayloadFormatVersion: "2.0", authorizerResultTtlInSeconds: 0 },
        authorizerUri: toUri({ "Fn::GetAtt": ["Decide", "Arn"] }),
      },
    };
    const document = (operations: object) => ({
      ...{
        openapi: "3.0.1",
        info: { title: "hook", version: "1" },
        components: { securitySchemes: { decide: scheme } },
      },
      paths: {
        "/hook": { "x-amazon-apigateway-any-method": { security: [] }, ...operations },
        "/home": { get: closed },
      },
    });
    expect(judgeBody(document({ get: closed }))).toEqual([]);
    expect(judgeBody({ "Fn::If": ["Prod", document({ get: closed }), document({})] })).toEqual(["method.open"]);
  });
});

it("a route that is public and has an authorizer is noticed", () => {
  const closed = toTemplate({ ...ORDERS, "GET /health": "closed" });
  expect(outcomeOf(closed, RULES)).toMatchObject({
    findings: [],
    notices: ["the route GET /health is public in the policy (ops.health), and is authorized all the same"],
  });
  expect(outcomeOf(closed, [])).toMatchObject({ findings: [], notices: [] });
});
