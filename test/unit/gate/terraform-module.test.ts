import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { describe, expect, it } from "vitest";
import type { GateOptions } from "../../../gate/judge.ts";
import { AuthorizerAlarms } from "../../../infra/constructs/authorizer-alarms.ts";
import { LogMetrics } from "../../../infra/constructs/log-metrics.ts";
import { judgeTemplate, toLines } from "../../support/gate.ts";
import { digestSources, RECORDED_PLAN_OPTIONS, readRecordedPlan } from "../../support/recorded-plan.ts";

// A plan that Terraform made of the module and of a configuration with four APIs. All ids are known after the apply only, and so are
// all variables of the function.

const RECORDED = readRecordedPlan();
const TEXT = JSON.stringify(RECORDED);

interface Resource {
  readonly address: string;
  readonly type: string;
  readonly values: Record<string, unknown>;
  readonly child_modules?: readonly Planned[];
}

interface Planned {
  readonly resources?: Resource[];
  readonly child_modules?: readonly Planned[];
}

/** Judges the plan after a change, in a copy of it. */
function judge(change: (plan: Record<string, unknown>) => void, options?: GateOptions): readonly string[] {
  const plan = JSON.parse(TEXT);
  change(plan);
  return [...new Set(toLines(judgeTemplate(plan, { ...RECORDED_PLAN_OPTIONS, ...options }).findings))];
}

/** Lists the resources of a type among the planned values, or the one with an address, at any depth. */
function listPlanned(plan: Readonly<Record<string, unknown>>, wanted: string): readonly Resource[] {
  const search = ({ resources = [], child_modules: children = [] }: Planned): readonly Resource[] => [
    ...resources.filter(({ address, type }) => address === wanted || type === wanted),
    ...children.flatMap(search),
  ];
  return search(Object(plan["planned_values"]).root_module);
}

function planned(plan: Record<string, unknown>, address: string): Record<string, unknown> {
  const [found] = listPlanned(plan, address);
  if (found === undefined) throw new Error(`the plan has no ${address}`);
  return found.values;
}

/** Finds the expressions of a resource of the root module. */
function expressions(plan: Record<string, unknown>, address: string): Record<string, unknown> {
  const { resources } = Object(plan["configuration"]).root_module;
  return resources.find((one: { readonly address: string }) => one.address === address).expressions;
}

const FUNCTION = "module.authorizer.aws_lambda_function.this";

it("the recorded plan is of the module as it is; otherwise npm run e2e:terraform -- --record makes it anew", () => {
  expect(RECORDED.recorded_from).toBe(digestSources());
});

describe("the plan of the module", () => {
  it("has the policy on the methods of a REST, an HTTP and a WebSocket API, two that only report, and a public one", () => {
    const { findings, seen } = judgeTemplate(RECORDED, RECORDED_PLAN_OPTIONS);
    expect({ found: toLines(findings), seen }).toEqual({
      found: [],
      seen: { apis: 4, methods: 7, withPolicy: 4, withIam: 0, reportOnly: 2, public: 1, needingNone: 0 },
    });
  });

  it("is refused for the methods that only report, and no other, unless they are accepted, and then until the day", () => {
    const reporting = [
      "method.report_only aws_api_gateway_method.report",
      "method.report_only aws_apigatewayv2_route.other",
    ];
    expect(judge(() => {}, { accepted: [] })).toEqual(reporting);
    expect(judge(() => {}, { today: "2026-12-19" })).toEqual(reporting);
  });

  it("is refused for the public method if no rule opens it, or one opens another", () => {
    const rules = [[], [{ name: "ops.health", verbs: ["GET"], path: "/healthz" }]];
    for (const publicRules of rules)
      expect(judge(() => {}, { publicRules })).toEqual(["method.open aws_api_gateway_method.health"]);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["an identity source", "rest", { identity_source: "method.request.header.Authorization" }],
    ["a cache", "rest", { authorizer_result_ttl_in_seconds: 60 }],
    ["an identity source", "http", { identity_sources: ["$request.header.Authorization"] }],
    ["a cache", "http", { authorizer_result_ttl_in_seconds: 60 }],
  ])("is refused with %s of a report-only authorizer (%s), which nobody can accept", (_, kind, values) => {
    const type = kind === "rest" ? "aws_api_gateway_authorizer" : "aws_apigatewayv2_authorizer";
    const address = `module.authorizer.${type}.report_only["${kind === "rest" ? "admin" : "search"}"]`;
    const accepted = [...(RECORDED_PLAN_OPTIONS.accepted ?? []), { name: address, reason: "A week of decisions." }];
    const found = judge((plan) => Object.assign(planned(plan, address), values), { accepted });
    expect(found).toEqual([`cache.contract ${address}`]);
  });

  it("is refused with a resource policy that a report-only authorizer would override, or that the plan does not show", () => {
    const address = "aws_api_gateway_rest_api.admin";
    const found = ["method.open aws_api_gateway_method.report"];
    expect(judge((plan) => Object.assign(planned(plan, address), { policy: '{"Statement":[]}' }))).toEqual(found);
    const written = (plan: Record<string, unknown>) =>
      Object.assign(expressions(plan, address), { policy: { references: ["aws_iam_role.x"] } });
    expect(judge((plan) => void written(plan))).toEqual(found);
  });

  it.each<[string, (plan: Record<string, unknown>) => void, readonly string[]]>([
    [
      "a method without an authorizer",
      (plan) => Object.assign(planned(plan, "aws_api_gateway_method.order"), { authorization: "NONE" }),
      ["method.open aws_api_gateway_method.order"],
    ],
    [
      "a route without an authorizer",
      (plan) => Object.assign(planned(plan, "aws_apigatewayv2_route.home"), { authorization_type: "NONE" }),
      ["method.open aws_apigatewayv2_route.home"],
    ],
    [
      "a deployment whose triggers read the module alone, which does not know of new methods",
      (plan) => {
        const references = [
          'module.authorizer.redeployment["orders"]',
          "module.authorizer.redeployment",
          "module.authorizer",
        ];
        expressions(plan, "aws_api_gateway_deployment.orders")["triggers"] = { references };
      },
      ["stage.stale aws_api_gateway_stage.orders"],
    ],
    [
      "a function without the tag, whose variables are not shown",
      (plan) => Object.assign(planned(plan, FUNCTION), { tags: null, tags_all: {} }),
      [
        "authorizer.foreign aws_api_gateway_method.admin",
        "authorizer.foreign aws_api_gateway_method.order",
        "authorizer.foreign aws_api_gateway_method.report",
        "authorizer.foreign aws_apigatewayv2_route.connect",
        "authorizer.foreign aws_apigatewayv2_route.home",
        "authorizer.foreign aws_apigatewayv2_route.other",
      ],
    ],
  ])("is refused with %s", (_, change, found) => {
    expect(judge(change)).toEqual(found);
  });

  it("says what to do about a function whose variables it does not show", () => {
    const plan = JSON.parse(TEXT);
    Object.assign(planned(plan, FUNCTION), { tags: null, tags_all: {} });
    const [{ cause = "" } = {}] = judgeTemplate(plan, RECORDED_PLAN_OPTIONS).findings;
    expect(cause).toMatch(
      /its function rego-authorizer has variables that are known after the apply only, and no tag rego-authorizer:revision; use the module infra\/terraform, or name the function with --authorizer$/,
    );
  });
});

describe("the plan of the module, once the variables of its function are known", () => {
  const KINDS = { orders: "rest", admin: "rest", search: "http", chat: "websocket" } as const;
  const KEYS = { rest: ["token", "method", "path"], http: ["token", "route", "method", "path"], websocket: undefined };
  const CONTRACTS = JSON.stringify(
    Object.fromEntries(
      [...TEXT.matchAll(/function:rego-authorizer:(orders|admin|search|chat)(-report)?-([0-9a-f]{12})/g)].map(
        ([, name, report, id]) => {
          const api = KINDS[name as keyof typeof KINDS];
          const { [api]: key } = KEYS;
          return [id, report === undefined ? { api, ...(key && { key }) } : { api, mode: "report" }];
        },
      ),
    ),
  );
  const show = (plan: Record<string, unknown>, contracts = CONTRACTS) =>
    Object.assign(planned(plan, FUNCTION), {
      environment: [
        { variables: { TRUSTED_ISSUERS: "[]", CACHE_CONTRACT: '{"id":"sha256:0"}', API_CONTRACTS: contracts } },
      ],
    });
  const addresses = [...TEXT.matchAll(/module\.authorizer\.aws_api\w+_authorizer\.\w+\[\\"[^\\]+\\"\]/g)];
  const AUTHORIZERS = [...new Set(addresses.map(([text]) => text.replaceAll("\\", "")))];
  const find = (start: string) => AUTHORIZERS.find((address) => address.includes(`["${start}-`)) ?? "";

  it("fits the contracts of all kinds of APIs", () => {
    expect(judge((plan) => show(plan))).toEqual([]);
  });

  it.each([
    [
      "a REST API's authorizer without the path",
      "orders/token",
      { identity_source: "method.request.header.Authorization" },
    ],
    [
      "an HTTP API's authorizer without the route",
      "search/token",
      { identity_sources: ["$request.header.Authorization"] },
    ],
  ])("is refused with %s in the cache key", (_, start, values) => {
    const address = find(start);
    const found = judge((plan) => {
      show(plan);
      Object.assign(planned(plan, address), values);
    });
    expect(found).toEqual([`cache.contract ${address}`]);
  });

  it("is refused with contracts that the aliases do not name", () => {
    const found = judge((plan) => show(plan, "{}"));
    expect(found.filter((line) => line.startsWith("cache.contract "))).toEqual(
      AUTHORIZERS.map((address) => `cache.contract ${address}`).sort(),
    );
  });
});

it("the module's alarms compare the metrics of the constructs' alarms with the same figures", () => {
  const stack = new Stack();
  const lambda = new LambdaFunction(stack, "Function", {
    ...{ runtime: Runtime.NODEJS_24_X, handler: "index.handler", code: Code.fromInline("exports") },
  });
  const log = LogGroup.fromLogGroupName(stack, "Log", "log");
  const metrics = new LogMetrics(stack, "Metrics", log, "rego-authorizer");
  new AuthorizerAlarms(stack, "Alarms", lambda, metrics, { errors: 3, leastDenials: 50 });
  const template = Template.fromStack(stack);
  const propertiesOf = (type: string) =>
    Object.values(template.findResources(type)).map(({ Properties }) => Properties);
  const of = (type: string) => listPlanned(RECORDED, type).map(({ values }) => values);
  const alarms = of("aws_cloudwatch_metric_alarm");
  const toAlarm = (description: unknown, threshold: unknown, periods: unknown, expressions: readonly unknown[]) =>
    JSON.stringify([description, threshold ?? null, periods, expressions.filter((one) => one ?? false).sort()]);
  const wanted = propertiesOf("AWS::CloudWatch::Alarm").map((one) => {
    const expressions = [one.Metrics ?? []].flat().map(({ Expression }) => Expression);
    return toAlarm(one.AlarmDescription, one.Threshold, one.EvaluationPeriods, expressions);
  });
  const made = alarms.map((one) => {
    const expressions = [one["metric_query"]].flat().map((query) => Object(query).expression);
    return toAlarm(one["alarm_description"], one["threshold"], one["evaluation_periods"], expressions);
  });
  expect(made.sort()).toEqual(wanted.sort());
  const patterns = propertiesOf("AWS::Logs::MetricFilter").map(({ FilterPattern }) => FilterPattern);
  expect(
    of("aws_cloudwatch_log_metric_filter")
      .map(({ pattern }) => pattern)
      .sort(),
  ).toEqual(patterns.sort());
});
