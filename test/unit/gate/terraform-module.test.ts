import { describe, expect, it } from "vitest";
import { judgeTemplate, toLines } from "../../support/gate.ts";
import { digestSources, readRecordedPlan } from "../../support/recorded-plan.ts";

// A plan that Terraform made of the module and of a configuration with four APIs. All ids are known after the apply only, and so are
// all variables of the function.

const RECORDED = readRecordedPlan();
const TEXT = JSON.stringify(RECORDED);

interface Resource {
  readonly address: string;
  readonly values: Record<string, unknown>;
  readonly child_modules?: readonly Planned[];
}

interface Planned {
  readonly resources?: Resource[];
  readonly child_modules?: readonly Planned[];
}

/** Judges the plan after a change, in a copy of it. */
function judge(change: (plan: Record<string, unknown>) => void): readonly string[] {
  const plan = JSON.parse(TEXT);
  change(plan);
  return [...new Set(toLines(judgeTemplate(plan).findings))];
}

/** Finds a resource among the planned values, at any depth. */
function planned(plan: Record<string, unknown>, address: string): Record<string, unknown> {
  const search = ({ resources = [], child_modules: children = [] }: Planned): readonly Resource[] => [
    ...resources.filter((one) => one.address === address),
    ...children.flatMap(search),
  ];
  const [found] = search(Object(plan["planned_values"]).root_module);
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
  it("has the policy on the methods of a REST, an HTTP and a WebSocket API", () => {
    const { findings, seen } = judgeTemplate(RECORDED);
    expect({ found: toLines(findings), apis: seen.apis, withPolicy: seen.withPolicy }).toEqual({
      found: [],
      apis: 4,
      withPolicy: 4,
    });
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
        "authorizer.foreign aws_apigatewayv2_route.connect",
        "authorizer.foreign aws_apigatewayv2_route.home",
      ],
    ],
  ])("is refused with %s", (_, change, found) => {
    expect(judge(change)).toEqual(found);
  });

  it("says what to do about a function whose variables it does not show", () => {
    const plan = JSON.parse(TEXT);
    Object.assign(planned(plan, FUNCTION), { tags: null, tags_all: {} });
    const [{ cause = "" } = {}] = judgeTemplate(plan).findings;
    expect(cause).toMatch(
      /its function rego-authorizer has variables that are known after the apply only, and no tag rego-authorizer:revision; use the module infra\/terraform, or name the function with --authorizer$/,
    );
  });
});

describe("the plan of the module, once the variables of its function are known", () => {
  const CONTRACTS = JSON.stringify(
    Object.fromEntries(
      [...TEXT.matchAll(/function:rego-authorizer:(orders|search|chat)-([0-9a-f]{12})/g)].map(
        ([, api = "", id = ""]) => {
          const kind = { orders: "rest", search: "http", chat: "websocket" }[api];
          const key = { rest: ["token", "method", "path"], http: ["token", "route", "method", "path"] }[kind ?? ""];
          return [id, { api: kind, ...(key !== undefined && { key }) }];
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
