import { describe, expect, it } from "vitest";
import { judgeTemplate, POLICY_ENVIRONMENT, toLines } from "../../support/gate.ts";
import { type PlannedForTest, toTerraformPlan } from "../../support/gate-apps.ts";

const refer = (...texts: readonly string[]) => ({ references: texts });
const API = { rest_api_id: refer("aws_api_gateway_rest_api.api.id", "aws_api_gateway_rest_api.api") };
const METHOD = "aws_api_gateway_method.get";
const AUTHORIZER = "aws_api_gateway_authorizer.decide";

const RESOURCES: Readonly<Record<string, PlannedForTest>> = {
  api: { type: "aws_api_gateway_rest_api", name: "api", values: { name: "orders" }, expressions: {} },
  decide: {
    type: "aws_lambda_function",
    name: "decide",
    values: { function_name: "decide-fn", environment: [{ variables: POLICY_ENVIRONMENT }] },
    expressions: {},
  },
  authorizer: {
    type: "aws_api_gateway_authorizer",
    name: "decide",
    values: { type: "REQUEST", name: "decide", authorizer_result_ttl_in_seconds: 0 },
    expressions: {
      ...API,
      authorizer_uri: refer("aws_lambda_function.decide.invoke_arn", "aws_lambda_function.decide"),
    },
  },
  method: {
    type: "aws_api_gateway_method",
    name: "get",
    values: { http_method: "GET", authorization: "CUSTOM" },
    expressions: { ...API, authorizer_id: refer(`${AUTHORIZER}.id`, AUTHORIZER) },
  },
  deployment: {
    type: "aws_api_gateway_deployment",
    name: "d",
    values: {},
    expressions: { ...API, triggers: refer(METHOD) },
  },
  stage: {
    type: "aws_api_gateway_stage",
    name: "s",
    values: { stage_name: "prod" },
    expressions: { ...API, deployment_id: refer("aws_api_gateway_deployment.d.id", "aws_api_gateway_deployment.d") },
  },
};

/** Judges a plan with some resources changed. */
function judgePlan(changes: Readonly<Record<string, Partial<PlannedForTest>>>): readonly string[] {
  const entries = Object.entries({ ...RESOURCES, ...changes }).map(([name, own]) => ({
    type: "",
    name: "",
    values: {},
    expressions: {},
    ...RESOURCES[name],
    ...own,
  }));
  return toLines(judgeTemplate(toTerraformPlan(entries)).findings);
}

it("a plan whose methods have the policy is in order", () => {
  expect(judgePlan({})).toEqual([]);
});

describe("a method of a plan", () => {
  const judgeMethod = (values: object, expressions: object) =>
    judgePlan({ method: { values: { http_method: "GET", ...values }, expressions: { ...API, ...expressions } } });

  it.each([
    ["says NONE", { authorization: "NONE" }, {}],
    ["says CUSTOM, and names no authorizer", { authorization: "CUSTOM" }, {}],
  ])("is open if it %s", (_, values, expressions) => {
    expect(judgeMethod(values, expressions)).toEqual([`method.open ${METHOD}`]);
  });

  it("is unreadable if its authorization is known after the apply only", () => {
    expect(judgeMethod({}, { authorization: refer("local.type") })).toEqual([`unreadable ${METHOD}`]);
  });

  it.each([
    ["a local value", refer("local.authorizer_id")],
    ["another resource", refer("aws_ssm_parameter.id.value", "aws_ssm_parameter.id")],
  ])("whose authorizer is %s has one that is not in the plan", (_, expression) => {
    expect(judgeMethod({ authorization: "CUSTOM" }, { authorizer_id: expression })).toEqual([
      `authorizer.foreign ${METHOD}`,
    ]);
  });

  it("is judged by each authorizer that its expression could name", () => {
    const users: PlannedForTest = {
      type: "aws_api_gateway_authorizer",
      name: "users",
      values: { type: "COGNITO_USER_POOLS" },
      expressions: API,
    };
    const both = refer(
      `${AUTHORIZER}.id`,
      AUTHORIZER,
      "aws_api_gateway_authorizer.users.id",
      "aws_api_gateway_authorizer.users",
    );
    const method = {
      values: { http_method: "GET", authorization: "CUSTOM" },
      expressions: { ...API, authorizer_id: both },
    };
    expect(judgePlan({ users, method })).toEqual([`authorizer.foreign ${METHOD}`]);
  });

  it("names its authorizer by an id that is known", () => {
    const authorizer = { values: { ...RESOURCES["authorizer"]?.values, id: "abc123" } };
    const method = {
      values: { http_method: "GET", authorization: "CUSTOM", authorizer_id: "abc123" },
      expressions: API,
    };
    expect(judgePlan({ authorizer, method })).toEqual([]);
    const other = { ...method, values: { ...method.values, authorizer_id: "xyz789" } };
    expect(judgePlan({ authorizer, method: other })).toEqual([`authorizer.foreign ${METHOD}`]);
  });
});

describe("the function of an authorizer", () => {
  it("is found by its name in an ARN that is known", () => {
    const uri = (name: string) =>
      `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:${name}/invocations`;
    const judgeUri = (name: string) =>
      judgePlan({
        authorizer: { values: { ...RESOURCES["authorizer"]?.values, authorizer_uri: uri(name) }, expressions: API },
      });
    expect(judgeUri("decide-fn")).toEqual([]);
    expect(judgeUri("decide-fn:live")).toEqual([]);
    expect(judgeUri("another")).toEqual([`authorizer.foreign ${METHOD}`]);
  });

  it("is found through an alias", () => {
    const alias: PlannedForTest = {
      type: "aws_lambda_alias",
      name: "live",
      values: {},
      expressions: { function_name: refer("aws_lambda_function.decide.function_name", "aws_lambda_function.decide") },
    };
    const authorizer = {
      expressions: { ...API, authorizer_uri: refer("aws_lambda_alias.live.invoke_arn", "aws_lambda_alias.live") },
    };
    expect(judgePlan({ alias, authorizer })).toEqual([]);
  });
});

describe("a deployment of a plan", () => {
  const judgeTriggers = (triggers: object | undefined) =>
    judgePlan({ deployment: { expressions: { ...API, ...(triggers && { triggers }) } } });
  const STALE = ["stage.stale aws_api_gateway_stage.s"];

  it.each([
    ["whole methods", refer(METHOD)],
    ["the authorization of methods", refer(`${METHOD}.authorization`, METHOD)],
    ["files of the configuration", refer("path.module")],
    ["the time", {}],
  ])("changes if its triggers read %s", (_, triggers) => {
    expect(judgeTriggers(triggers)).toEqual([]);
  });

  it.each([
    ["nothing, since it has none", undefined],
    ["constants", { constant_value: { version: "1" } }],
    ["only ids of methods, which stay", refer(`${METHOD}.id`, METHOD)],
    ["only the API's id", refer("aws_api_gateway_rest_api.api.id", "aws_api_gateway_rest_api.api")],
    ["a local value", refer("local.digest")],
    ["other methods", refer("aws_api_gateway_method.put")],
  ])("stays the same if its triggers read %s", (_, triggers) => {
    expect(judgeTriggers(triggers)).toEqual(STALE);
  });
});

describe("a routing rule of a domain with mutual TLS", () => {
  const judgeRule = (isDisabled: boolean) =>
    judgePlan({
      api: { values: { name: "orders", disable_execute_api_endpoint: isDisabled } },
      domain: {
        type: "aws_apigatewayv2_domain_name",
        name: "d",
        values: { domain_name: "api.example.com", mutual_tls_authentication: [{}] },
      },
      rule: {
        type: "aws_apigatewayv2_routing_rule",
        name: "r",
        values: { domain_name: "api.example.com" },
        expressions: { actions: [{ invoke_api: [{ api_id: API.rest_api_id }] }] },
      },
    });

  it("leads to an API, which needs to have no endpoint of its own", () => {
    expect(judgeRule(false)).toEqual(["endpoint.open aws_api_gateway_rest_api.api"]);
    expect(judgeRule(true)).toEqual([]);
  });
});

describe("a document of a plan", () => {
  it("is unreadable if it is known after the apply only", () => {
    const api = { expressions: { body: refer("local.document") } };
    expect(judgePlan({ api })).toEqual(["unreadable aws_api_gateway_rest_api.api"]);
  });

  it("is judged by its operations", () => {
    const body = JSON.stringify({ openapi: "3.0.1", paths: { "/orders": { get: {} } } });
    const api = { values: { name: "orders", body } };
    expect(judgePlan({ api })).toEqual(["method.open aws_api_gateway_rest_api.api"]);
  });
});

it.each([
  "aws_api_gateway_novelty",
  "awscc_apigateway_method",
  "aws_cloudformation_stack",
  "aws_servicecatalog_provisioned_product",
])("a resource of the type %s is unreadable", (type) => {
  const more: PlannedForTest = { type, name: "x", values: {}, expressions: {} };
  expect(judgePlan({ more })).toEqual([`unreadable ${type}.x`]);
});

it("a route of an API that quick-create makes is open", () => {
  const more: PlannedForTest = {
    type: "aws_apigatewayv2_api",
    name: "quick",
    values: { protocol_type: "HTTP", target: "https://example.com" },
    expressions: {},
  };
  expect(judgePlan({ more })).toEqual(["method.open aws_apigatewayv2_api.quick"]);
});

describe("modules", () => {
  /** A plan whose methods are in a module that is given the API and the authorizer. */
  const toModules = (authorizerId: object, index = "") => {
    const root = [RESOURCES["api"], RESOURCES["decide"], RESOURCES["authorizer"], RESOURCES["stage"]].filter(
      (one) => one !== undefined,
    );
    const plan = toTerraformPlan([
      ...root,
      {
        type: "aws_api_gateway_deployment",
        name: "d",
        values: {},
        expressions: { ...API, triggers: refer("module.orders.methods", "module.orders") },
      },
    ]) as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
    const address = `module.orders${index}.${METHOD}`;
    const own = { mode: "managed", type: "aws_api_gateway_method", name: "get" };
    const values = { http_method: "GET", authorization: "CUSTOM" };
    return {
      ...plan,
      planned_values: {
        root_module: {
          ...plan["planned_values"]?.["root_module"],
          child_modules: [{ address: `module.orders${index}`, resources: [{ address, ...own, values }] }],
        },
      },
      resource_changes: [
        ...[plan["resource_changes"]].flat(),
        { address, change: { after_unknown: { rest_api_id: true, authorizer_id: true } } },
      ],
      configuration: {
        root_module: {
          ...plan["configuration"]?.["root_module"],
          module_calls: {
            orders: {
              expressions: { api: API.rest_api_id, authorizer: authorizerId },
              module: {
                outputs: { methods: { expression: refer(METHOD) } },
                resources: [
                  {
                    address: METHOD,
                    ...own,
                    expressions: { rest_api_id: refer("var.api"), authorizer_id: refer("var.authorizer") },
                  },
                ],
              },
            },
          },
        },
      },
    };
  };

  it.each(["", '["eu"]'])("are followed through variables and outputs, with the index %j", (index) => {
    const { findings, seen } = judgeTemplate(toModules(refer(`${AUTHORIZER}.id`, AUTHORIZER), index));
    expect({ found: toLines(findings), withPolicy: seen.withPolicy }).toEqual({ found: [], withPolicy: 1 });
  });

  it("hide what they are given by local values", () => {
    const { findings } = judgeTemplate(toModules(refer("local.id")));
    expect(toLines(findings)).toEqual([`authorizer.foreign module.orders.${METHOD}`]);
  });
});
