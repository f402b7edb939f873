import { describe, expect, it } from "vitest";
import type { Api } from "../../../contract/api-kinds.ts";
import type { ApiShape, AuthorizerShape } from "../../../gateway-rules/api-shape.ts";
import { parseRouteKey } from "../../../gateway-rules/api-shape.ts";
import { findBrokenRules, RULES } from "../../../gateway-rules/find-broken-rules.ts";
import { formatBrokenRule } from "../../../gateway-rules/rule.ts";

const toRoutes = (keys: readonly string[]) => keys.map((key) => ({ where: key, ...parseRouteKey(key) }));
const routed = (kind: Api, ...keys: readonly string[]): ApiShape => ({
  kind,
  where: "the API",
  routes: toRoutes(keys),
});
const authorized = (kind: Api, ...authorizers: readonly Omit<AuthorizerShape, "where">[]): ApiShape => ({
  kind,
  where: "the API",
  authorizers: authorizers.map((one, at) => ({ where: `authorizer ${at}`, ...one })),
});
const staged = (kind: Api, ...names: readonly string[]): ApiShape => ({
  kind,
  where: "the API",
  stages: names.map((name) => ({ where: "a stage", name })),
});
const modelled = (kind: Api, ...names: readonly string[]): ApiShape => ({
  kind,
  where: "the API",
  models: names.map((name) => ({ where: "a model", name })),
});
const times = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const codesOf = (shape: ApiShape, effect: string) =>
  findBrokenRules(shape)
    .filter((one) => one.effect === effect)
    .map(({ code }) => code);

interface Case {
  readonly refused: ApiShape;
  readonly accepted: ApiShape;
  readonly effect?: "notice";
}

const HEADER = "method.request.header.Authorization";

/** An API that breaks one rule, and its neighbour that does not. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "route.form": [
    { refused: routed("rest", "GET home"), accepted: routed("rest", "GET /home") },
    { refused: routed("rest", "$default"), accepted: routed("http", "$default") },
    { refused: routed("http", "POST/home"), accepted: routed("http", "POST /home") },
    { refused: routed("http", "GET  /home"), accepted: routed("http", "GET /home") },
    { refused: routed("http", "$connect"), accepted: routed("websocket", "$connect", "$default", "send message") },
    { refused: routed("websocket", " "), accepted: routed("websocket", "ping") },
    {
      refused: { kind: "rest", where: "the API", resources: [{ where: "a resource", path: "home" }] },
      accepted: { kind: "rest", where: "the API", resources: [{ where: "a resource", path: "/home" }] },
    },
  ],
  "route.verb": [
    { refused: routed("rest", "TRACE /home"), accepted: routed("rest", "ANY /home") },
    { refused: routed("http", "get /home"), accepted: routed("http", "OPTIONS /home", "PATCH /home") },
  ],
  "route.twice": [
    { refused: routed("rest", "ANY /home", "ANY /home"), accepted: routed("rest", "ANY /home", "GET /home") },
    { refused: routed("http", "$default", "$default"), accepted: routed("http", "$default", "ANY /{proxy+}") },
    { refused: routed("websocket", "$connect", "$connect"), accepted: routed("websocket", "$connect", "$disconnect") },
  ],
  "route.siblings": [
    {
      refused: routed("rest", "GET /orders/{proxy+}", "POST /orders/{order_id}/refunds"),
      accepted: routed("http", "GET /orders/{proxy+}", "POST /orders/{order_id}/refunds"),
    },
    {
      refused: routed("rest", "GET /orders/{id}", "POST /orders/{order_id}/refunds"),
      accepted: routed("rest", "GET /orders/{id}", "POST /orders/{id}/refunds", "GET /orders/all", "GET /{any}"),
    },
    {
      refused: {
        ...routed("rest", "GET /{a}"),
        resources: [{ where: "a resource without methods", path: "/{b+}" }],
      },
      accepted: { ...routed("rest", "GET /{a}"), resources: [{ where: "a resource", path: "/{a}/{b+}" }] },
    },
  ],
  "route.same_requests": [
    {
      refused: routed("http", "GET /users/{id}", "GET /users/{name}"),
      accepted: routed("http", "GET /users/{id}", "GET /users/{id}/name"),
    },
    { refused: routed("http", "ANY /{a+}", "ANY /{b+}"), accepted: routed("http", "ANY /{a+}", "GET /{a+}") },
  ],
  "route.sibling_names": [
    {
      refused: routed("http", "GET /users/{id}", "GET /users/{name}/orders"),
      accepted: routed("http", "GET /users/{id}", "GET /users/{id}/orders", "GET /users/{proxy+}"),
      effect: "notice",
    },
  ],
  "route.authorizer_on_message": [
    {
      refused: {
        kind: "websocket",
        where: "",
        routes: [{ where: "", verb: undefined, path: "send", authorizer: "A" }],
      },
      accepted: {
        kind: "websocket",
        where: "",
        routes: [{ where: "", verb: undefined, path: "$connect", authorizer: "A" }],
      },
    },
  ],
  "route.unknown_authorizer": [
    {
      refused: {
        ...authorized("rest", { name: "A" }),
        routes: [{ where: "", verb: "GET", path: "/", authorizer: "B" }],
      },
      accepted: {
        ...authorized("rest", { name: "A" }),
        routes: [
          { where: "", verb: "GET", path: "/", authorizer: "A" },
          { where: "", verb: "PUT", path: "/", authorizer: null },
        ],
      },
    },
  ],
  "path.characters": [
    { refused: routed("rest", "GET /a@b"), accepted: routed("rest", "GET /v1.0/events:batch/$metadata/a,b_c-d") },
    { refused: routed("rest", "GET /über"), accepted: routed("http", "GET /über") },
    { refused: routed("rest", "GET /a%20b"), accepted: routed("rest", "GET /a-b") },
    { refused: routed("rest", "GET /*"), accepted: routed("rest", "GET /{proxy+}") },
  ],
  "path.partial_parameter": [
    { refused: routed("rest", "GET /{id}.json"), accepted: routed("rest", "GET /{id}") },
    { refused: routed("rest", "GET /users{id}"), accepted: routed("rest", "GET /users/{id}") },
    { refused: routed("rest", "GET /{a}{b}"), accepted: routed("rest", "GET /{a}/{b}") },
  ],
  "path.parameter_name": [
    { refused: routed("rest", "GET /{user id}"), accepted: routed("rest", "GET /{user-id}/{user.id}/{user_id}") },
    { refused: routed("rest", "GET /{}"), accepted: routed("rest", "GET /{a}") },
    { refused: routed("rest", "GET /{+}"), accepted: routed("rest", "GET /{a+}") },
    { refused: routed("rest", "GET /{a*}"), accepted: routed("rest", "GET /{a}") },
  ],
  "path.empty_segment": [{ refused: routed("rest", "GET /a//b"), accepted: routed("rest", "GET /a/b", "GET /") }],
  "path.greedy_last": [
    { refused: routed("rest", "GET /{proxy+}/a"), accepted: routed("rest", "GET /{proxy}/a") },
    { refused: routed("http", "GET /a/{b+}/c"), accepted: routed("http", "GET /a/c/{b+}") },
  ],
  "path.parameter_twice": [
    { refused: routed("rest", "GET /{id}/a/{id}"), accepted: routed("rest", "GET /{id}/a/{other}") },
    { refused: routed("rest", "GET /{id}/a/{id+}"), accepted: routed("rest", "GET /{id}/a/id") },
    {
      refused: routed("http", "GET /{id}/a/{id}"),
      accepted: routed("http", "GET /{id}/a/{other}"),
      effect: "notice",
    },
  ],
  "path.reserved": [
    { refused: routed("rest", "GET /ping"), accepted: routed("rest", "GET /health/ping"), effect: "notice" },
    { refused: routed("rest", "GET /sping/a"), accepted: routed("http", "GET /sping/a"), effect: "notice" },
  ],
  "authorizer.name_twice": [
    {
      refused: authorized("rest", { name: "A" }, { name: "A" }),
      accepted: authorized("rest", { name: "A" }, { name: "a" }, {}, {}),
    },
  ],
  "authorizer.name_length": [
    {
      refused: authorized("http", { name: "a".repeat(129) }),
      accepted: authorized("http", { name: "a".repeat(128) }),
    },
    { refused: authorized("websocket", { name: "" }), accepted: authorized("websocket", { name: "a" }) },
  ],
  "authorizer.type": [
    { refused: authorized("http", { type: "token" }), accepted: authorized("rest", { type: "token" }) },
    { refused: authorized("websocket", { type: "jwt" }), accepted: authorized("http", { type: "jwt" }) },
    { refused: authorized("http", { type: "cognito" }), accepted: authorized("rest", { type: "cognito" }) },
  ],
  "authorizer.source": [
    {
      refused: authorized("rest", { type: "request", identitySources: ["$request.header.Authorization"] }),
      accepted: authorized("rest", { type: "request", identitySources: [HEADER, "context.path", "stageVariables.a"] }),
    },
    {
      refused: authorized("http", { identitySources: [HEADER] }),
      accepted: authorized("http", {
        identitySources: ["$request.header.Authorization", "$context.routeKey", "$stageVariables.a"],
      }),
    },
    {
      refused: authorized("websocket", { identitySources: ["$request.querystring.a"] }),
      accepted: authorized("websocket", { identitySources: ["route.request.querystring.a"] }),
    },
  ],
  "authorizer.token_source": [
    {
      refused: authorized("rest", { type: "token", identitySources: [] }),
      accepted: authorized("rest", { type: "token", identitySources: [HEADER] }),
    },
    {
      refused: authorized("rest", { type: "token", identitySources: [HEADER, "context.path"] }),
      accepted: authorized("rest", { type: "request", identitySources: [HEADER, "context.path"] }),
    },
    {
      refused: authorized("rest", { type: "cognito", identitySources: ["method.request.querystring.a"] }),
      accepted: authorized("rest", { type: "cognito", identitySources: [HEADER] }, { type: "token" }),
    },
  ],
  "authorizer.ttl": [
    { refused: authorized("rest", { ttlS: 3601 }), accepted: authorized("rest", { ttlS: 3600 }) },
    { refused: authorized("rest", { ttlS: -1 }), accepted: authorized("rest", { ttlS: 0 }) },
    { refused: authorized("http", { ttlS: 1.5 }), accepted: authorized("http", { ttlS: 1 }) },
  ],
  "authorizer.ttl_of_websocket": [
    { refused: authorized("websocket", { ttlS: 60 }), accepted: authorized("websocket", { ttlS: 0 }) },
  ],
  "authorizer.ttl_without_source": [
    {
      refused: authorized("rest", { ttlS: 60, identitySources: [] }),
      accepted: authorized("rest", { ttlS: 0, identitySources: [] }, { ttlS: 60 }),
    },
    {
      refused: authorized("http", { ttlS: 60, identitySources: [] }),
      accepted: authorized("http", { ttlS: 60, identitySources: ["$context.routeKey"] }),
    },
  ],
  "authorizer.payload_version": [
    {
      refused: authorized("http", { type: "request", payloadVersion: null }),
      accepted: authorized("http", { type: "request", payloadVersion: "1.0" }, { type: "jwt", payloadVersion: null }),
    },
    {
      refused: authorized("http", { type: "request", payloadVersion: "3.0" }),
      accepted: authorized("http", { type: "request", payloadVersion: "2.0" }, { type: "request" }),
    },
  ],
  "authorizer.simple_responses": [
    {
      refused: authorized("http", { payloadVersion: "1.0", hasSimpleResponses: true }),
      accepted: authorized("http", { payloadVersion: "2.0", hasSimpleResponses: true }),
    },
    {
      refused: authorized("rest", { hasSimpleResponses: true }),
      accepted: authorized("rest", { hasSimpleResponses: false }),
    },
  ],
  "stage.name": [
    { refused: staged("rest", "$default"), accepted: staged("http", "$default") },
    { refused: staged("rest", "v1.0"), accepted: staged("rest", "v1-0_b") },
    { refused: staged("http", "a".repeat(129)), accepted: staged("http", "a".repeat(128)) },
    { refused: staged("websocket", ""), accepted: staged("websocket", "prod") },
  ],
  "stage.name_twice": [{ refused: staged("rest", "prod", "prod"), accepted: staged("rest", "prod", "Prod") }],
  "model.name": [
    { refused: modelled("rest", "a-b"), accepted: modelled("rest", "ab1", "a".repeat(129)) },
    { refused: modelled("websocket", "a".repeat(129)), accepted: modelled("websocket", "a".repeat(128)) },
  ],
  "model.name_twice": [{ refused: modelled("rest", "A", "A"), accepted: modelled("rest", "A", "B") }],
  "quota.resources": [
    {
      refused: routed("rest", ...times(301, "GET /r")),
      accepted: routed("rest", ...times(300, "GET /r"), ...times(300, "PUT /r"), "GET /"),
    },
    {
      refused: routed("rest", ...times(151, "GET /r").map((path) => `${path}/a`)),
      accepted: routed("rest", ...times(150, "GET /r").map((path) => `${path}/a`)),
    },
  ],
  "quota.routes": [
    { refused: routed("http", ...times(301, "GET /r")), accepted: routed("http", ...times(300, "GET /r")) },
    { refused: routed("websocket", ...times(301, "r")), accepted: routed("websocket", ...times(300, "r")) },
  ],
  "quota.integrations": [
    {
      refused: { kind: "http", where: "the API", integrations: 301 },
      accepted: { kind: "http", where: "the API", integrations: 300 },
    },
    {
      refused: { kind: "websocket", where: "the API", integrations: 301 },
      accepted: { kind: "rest", where: "the API", integrations: 301 },
    },
  ],
  "quota.authorizers": (["rest", "http", "websocket"] as const).map((kind) => ({
    refused: authorized(kind, ...times(11, "A").map((name) => ({ name }))),
    accepted: authorized(kind, ...times(10, "A").map((name) => ({ name }))),
  })),
  "quota.stages": (["rest", "http", "websocket"] as const).map((kind) => ({
    refused: staged(kind, ...times(11, "s")),
    accepted: staged(kind, ...times(10, "s")),
  })),
  "quota.stage_variables": [
    {
      refused: { kind: "rest", where: "", stages: [{ where: "a stage", name: "a", variables: 101 }] },
      accepted: { kind: "rest", where: "", stages: [{ where: "a stage", name: "a", variables: 100 }] },
    },
  ],
};

describe("the table of API Gateway's rules", () => {
  it("has a case for every rule of every kind of API", () => {
    const missing = RULES.flatMap(({ code, kinds, effect }) =>
      (CASES[code] ?? []).some((one) => kinds.includes(one.refused.kind) && (one.effect ?? "refused") === effect)
        ? []
        : [`${code} for ${kinds.join()}`],
    );
    expect(missing).toEqual([]);
    expect(Object.keys(CASES).filter((code) => !RULES.some((rule) => rule.code === code))).toEqual([]);
  });

  for (const [code, cases] of Object.entries(CASES))
    it.each(cases)(
      `${code}: finds an API that breaks it, and not its neighbour (%#)`,
      ({ refused, accepted, effect }) => {
        expect([...new Set(codesOf(refused, effect ?? "refused"))]).toEqual([code]);
        expect(findBrokenRules(accepted)).toEqual([]);
      },
    );

  it("says where, what, what to do and who says so", () => {
    const shape: ApiShape = {
      kind: "rest",
      where: "App/Api",
      routes: [
        { where: "App/Api/One", verb: "GET", path: "/orders/{proxy+}" },
        { where: "App/Api/Two", verb: "POST", path: "/orders/{id}/refunds" },
      ],
    };
    expect(findBrokenRules(shape).map(formatBrokenRule)).toEqual([
      "App/Api/One and App/Api/Two: /orders/{proxy+} and /orders/{id} are siblings with a variable path part, and a REST API " +
        "allows only one below /orders; write the paths out that the greedy parameter stands for, all with one name for the " +
        'parameter, or use an HTTP API (API Gateway: "A sibling ({id}) of this resource already has a variable path part -- ' +
        'only one is allowed")',
    ]);
  });

  it("takes the quotas that AWS has raised, and does not take raised ones that AWS does not raise", () => {
    const routes = routed("http", ...times(301, "GET /r"));
    expect(findBrokenRules(routes, { routes: 301 })).toEqual([]);
    expect(findBrokenRules(routes, { routes: 300 })).toHaveLength(1);
    const integrations: ApiShape = { kind: "http", where: "the API", integrations: 301 };
    expect(findBrokenRules(integrations, { integrations: 1000 })).toHaveLength(1);
  });

  it("applies no rule about a list that is not known", () => {
    for (const kind of ["rest", "http", "websocket"] as const) expect(findBrokenRules({ kind, where: "" })).toEqual([]);
  });
});
