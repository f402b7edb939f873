import { describe, expect, it } from "vitest";
import { findRoute } from "../../../simulator/find-route.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";

/** Creates an API of routes such as `GET /orders/{id}` or `$default`. */
function apiOf(kind: SimulatedApi["kind"], ...routes: readonly string[]): SimulatedApi {
  return {
    kind,
    stage: "prod",
    routes: routes.map((text) => {
      const [verb = "", path = verb] = text.split(" ");
      return { verb, path, authorizer: "main" };
    }),
    authorizers: {},
  };
}

/** Finds the route that serves a request, as it was written, and its parameters. */
function found(api: SimulatedApi, method: string, path: string): unknown {
  const match = findRoute(api, method, path);
  return match && [`${match.route.verb} ${match.route.path}`, match.pathParameters];
}

const SHARED = [
  "ANY /",
  "GET /hello",
  "GET /pets/{id}",
  "ANY /pets/dog",
  "POST /pets/dog",
  "GET /pets/{id}/toys/{toy}",
  "ANY /pets/{proxy+}",
  "ANY /{proxy+}",
];

describe.each(["rest", "http"] as const)("a %s API routes", (kind) => {
  const api = apiOf(kind, ...SHARED);

  it.each<[string, string, string, string, Record<string, string>]>([
    ["the root", "GET", "/", "ANY /", {}],
    ["slashes alone to the root", "GET", "//", "ANY /", {}],
    ["a literal", "GET", "/hello", "GET /hello", {}],
    ["a literal with a slash behind it", "GET", "/hello/", "GET /hello", {}],
    ["a literal with slashes before it", "GET", "//hello", "GET /hello", {}],
    ["a parameter", "GET", "/pets/7", "GET /pets/{id}", { id: "7" }],
    ["a parameter with a slash behind it", "GET", "/pets/7/", "GET /pets/{id}", { id: "7" }],
    ["a parameter with special characters", "GET", "/pets/a:b;c=*", "GET /pets/{id}", { id: "a:b;c=*" }],
    ["a literal before a parameter", "GET", "/pets/dog", "ANY /pets/dog", {}],
    ["the verb before ANY", "POST", "/pets/dog", "POST /pets/dog", {}],
    ["several parameters", "GET", "/pets/7/toys/8", "GET /pets/{id}/toys/{toy}", { id: "7", toy: "8" }],
    ["a greedy parameter with its slashes", "GET", "/pets/7//toys", "ANY /pets/{proxy+}", { proxy: "7//toys" }],
    ["a greedy parameter without the last slash", "GET", "/x/y/", "ANY /{proxy+}", { proxy: "x/y" }],
    ["a greedy parameter without the first slashes", "GET", "//x", "ANY /{proxy+}", { proxy: "x" }],
    ["the longer of two greedy ones", "PUT", "/pets/7", "ANY /pets/{proxy+}", { proxy: "7" }],
    ["a verb that the template lacks to a wider template", "POST", "/hello", "ANY /{proxy+}", { proxy: "hello" }],
    ["a greedy parameter never empty", "GET", "/pets", "ANY /{proxy+}", { proxy: "pets" }],
    ["a verb in its case only", "get", "/hello", "ANY /{proxy+}", { proxy: "hello" }],
    ["a literal in its case only", "GET", "/Hello", "ANY /{proxy+}", { proxy: "Hello" }],
  ])("%s", (_, method, path, route, parameters) => {
    expect(found(api, method, path)).toEqual([route, parameters]);
  });

  it.each([
    ["GET", "/"],
    ["GET", "/hello/you"],
    ["POST", "/hello"],
    ["GET", "/pets//toys"],
  ])("%s %s nowhere, if no template matches", (method, path) => {
    expect(found(apiOf(kind, "GET /hello", "GET /pets/{id}/toys"), method, path)).toBeUndefined();
  });

  it("to the first of two equal templates", () => {
    expect(found(apiOf(kind, "GET /a/{x}", "GET /a/{y}"), "GET", "/a/1")).toEqual(["GET /a/{x}", { x: "1" }]);
  });
});

describe("REST and HTTP APIs differ", () => {
  const both = ["GET /a/{proxy+}", "GET /{x}/b"];

  it("in what is more specific: the first literal, or a template without a greedy parameter", () => {
    expect(found(apiOf("rest", ...both), "GET", "/a/b")).toEqual(["GET /a/{proxy+}", { proxy: "b" }]);
    expect(found(apiOf("http", ...both), "GET", "/a/b")).toEqual(["GET /{x}/b", { x: "a" }]);
  });

  it("in whether parameters are decoded, after the route was found", () => {
    expect(found(apiOf("rest", "GET /pets/{id}"), "GET", "/pets/a%2Fb%20c")).toEqual([
      "GET /pets/{id}",
      { id: "a%2Fb%20c" },
    ]);
    expect(found(apiOf("http", "GET /pets/{id}"), "GET", "/pets/a%2Fb%20c")).toEqual([
      "GET /pets/{id}",
      { id: "a/b c" },
    ]);
  });

  it("in whether literals are decoded", () => {
    expect(found(apiOf("rest", "GET /pets"), "GET", "/%70ets")).toBeUndefined();
    expect(found(apiOf("http", "GET /pets"), "GET", "/%70ets")).toEqual(["GET /pets", {}]);
  });

  it("in $default, which matches all other requests", () => {
    expect(found(apiOf("http", "$default", "GET /pets"), "GET", "/pets")).toEqual(["GET /pets", {}]);
    expect(found(apiOf("http", "$default", "GET /pets"), "PUT", "/pets")).toEqual(["$default $default", {}]);
    expect(found(apiOf("rest", "$default", "GET /pets"), "PUT", "/pets")).toBeUndefined();
  });
});

it("a WebSocket API routes everything to $connect, if that exists", () => {
  expect(found(apiOf("websocket", "$connect"), "GET", "/any")).toEqual(["$connect $connect", {}]);
  expect(found(apiOf("websocket"), "GET", "/any")).toBeUndefined();
});
