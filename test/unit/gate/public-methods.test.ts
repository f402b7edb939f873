import { describe, expect, it } from "vitest";
import type { PublicRule } from "../../../contract/public-rules.ts";
import { toFunctionMark } from "../../../gate/marks.ts";
import { createHttpParts, judgeTemplate } from "../../support/gate.ts";

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

it("a route that is public and has an authorizer is noticed", () => {
  const closed = toTemplate({ ...ORDERS, "GET /health": "closed" });
  expect(outcomeOf(closed, RULES)).toMatchObject({
    findings: [],
    notices: ["the route GET /health is public in the policy (ops.health), and is authorized all the same"],
  });
  expect(outcomeOf(closed, [])).toMatchObject({ findings: [], notices: [] });
});
