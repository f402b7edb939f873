import { describe, expect, it } from "vitest";
import { checkPublicRoutes } from "../../../../build/policy/public-routes.ts";
import { checkRoutes, findRouteNotices } from "../../../../build/policy/routes.ts";
import type { RuleValues } from "../../../../build/policy/rule-values.ts";

const PLACE = { file: "policies/access/a.rego", line: 3 };

function grant(verbs: readonly string[], path: string, kind: RuleValues["kind"] = "grant"): RuleValues {
  return { kind, name: "a.rule", ...PLACE, apis: [], verbs, path, conditions: [], claims: [] };
}

const ROUTES = ["GET /orders", "GET /orders/{id}", "PUT /orders/{id}", "ANY /admin/{proxy+}", "GET /audit-log"].map(
  (route, at) => {
    const [verb = "", path = ""] = route.split(" ");
    return { verb, path, api: undefined, file: "api.yaml", line: at + 1 };
  },
);

describe("a rule that no route can match is a problem", () => {
  it.each([
    [
      "a misspelt path",
      grant(["GET"], "/audit-logs"),
      /^a\.rule: no route of api\.yaml has the path \/audit-logs, so the grant would never apply; did you mean \/audit-log\?/,
    ],
    [
      "other verbs",
      grant(["POST"], "/orders"),
      /^a\.rule: api\.yaml has only GET on the path \/orders, and the grant names POST,/,
    ],
    ["a segment too many", grant(["ANY"], "/orders/{id}/lines"), /has the path \/orders\/\{id\}\/lines/],
    ["a denial", grant(["ANY"], "/audits", "denial"), /so the denial would never forbid anything/],
  ])("%s", (_, rule, message) => {
    expect(checkRoutes([rule], ROUTES)).toEqual([
      { code: "rule.no_route", ...PLACE, message: expect.stringMatching(message) },
    ]);
  });
});

it.each([
  ["the same route under another parameter", grant(["GET"], "/orders/{order}")],
  ["a literal where the route has a parameter", grant(["PUT"], "/orders/7")],
  ["a greedy path", grant(["DELETE"], "/{proxy+}")],
  ["one verb of several", grant(["DELETE", "GET"], "/audit-log")],
  ["a part of a route for every verb", grant(["PATCH"], "/admin/a/b")],
  ["the route of a WebSocket API", grant(["CONNECT"], "/")],
  ["a path that is not written out", { ...grant(["GET"], ""), path: undefined }],
])("a rule with %s is not a problem", (_, rule) => {
  expect(checkRoutes([rule], ROUTES)).toEqual([]);
});

describe("a public rule is compared with the routes of its own APIs", () => {
  const routes = [
    { verb: "GET", path: "/health", api: "orders", file: "orders.yaml", line: 1 },
    { verb: "GET", path: "/status", api: "billing", file: "billing.yaml", line: 1 },
  ];
  const rule = (path: string, apis: readonly string[] | undefined, verbs: readonly string[] = ["GET"]) => {
    return { name: "a.open", area: "a", ...PLACE, verbs, path, ...(apis && { apis }) };
  };
  it.each<[string, ReturnType<typeof rule>, string | undefined, RegExp]>([
    ["all APIs", rule("/health", undefined), undefined, /./],
    ["one that has the route", rule("/health", ["orders"]), undefined, /./],
    ["one of two that has it", rule("/health", ["billing", "orders"]), undefined, /./],
    [
      "one that lacks it",
      rule("/health", ["billing"]),
      "rule.no_route",
      /no route of billing\.yaml has the path \/health/,
    ],
    [
      "one that has no document",
      rule("/health", ["order"]),
      "api.unknown",
      /no document is for the API "order", so the public rule would open nothing there; did you mean orders\?/,
    ],
    ["another spelling", rule("/health", ["Orders"]), "api.unknown", /no document is for the API "Orders"/],
    ["one of two that has no document", rule("/health", ["orders", "x"]), "api.unknown", /for the API "x"/],
    ["a verb that is a problem by itself", rule("/health", undefined, ["get"]), undefined, /./],
    ["no verb, which is a problem by itself", rule("/health", undefined, []), undefined, /./],
  ])("%s", (_, one, code, message) => {
    const found = checkPublicRoutes([one], routes);
    expect(found).toEqual(code === undefined ? [] : [{ code, ...PLACE, message: expect.stringMatching(message) }]);
  });

  it("which may be in one document of two APIs", () => {
    const shared = ["orders", "billing"].map((api, at) => {
      return { verb: "GET", path: "/health", isOpen: true as const, api, file: "shared.yaml", line: at + 1 };
    });
    expect(checkPublicRoutes([rule("/health", ["orders"])], shared).map(({ code, line }) => [code, line])).toEqual([
      ["route.open", 2],
    ]);
    expect(checkPublicRoutes([rule("/health", undefined)], shared)).toEqual([]);
  });
});

describe("what is right and may still surprise is noticed", () => {
  it("routes that no grant names", () => {
    const rules = [grant(["GET"], "/orders/{id}"), grant(["ANY"], "/audit-log", "denial"), grant(["HEAD"], "/admin/a")];
    expect(findRouteNotices(rules, ROUTES).map(({ line, message }) => [line, message])).toEqual([
      [1, "no grant names GET /orders, so nobody can call it"],
      [3, "no grant names PUT /orders/{id}, so nobody can call it"],
      [5, "no grant names GET /audit-log, so nobody can call it"],
    ]);
  });

  it("verbs that no route has, but not those that ANY stands for, nor a preflight", () => {
    const preflight = { verb: "OPTIONS", path: "/orders", api: undefined, file: "api.yaml", line: 9 };
    const rules = [grant(["ANY"], "/{proxy+}"), grant(["DELETE", "GET"], "/audit-log")];
    const found = findRouteNotices(rules, [...ROUTES, preflight]);
    expect(found.filter(({ code }) => code === "rule.idle_verb")).toEqual([
      {
        code: "rule.idle_verb",
        ...PLACE,
        message:
          "a.rule: no route of api.yaml has DELETE on the path /audit-log, so the grant names more than there is",
      },
    ]);
  });
});
