import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toRouteTableId } from "../../../analysis/paths/route-table.ts";
import { overlaps } from "../../../contract/path-template.ts";
import { findGatewayErrors } from "../../../openapi/gateway-errors.ts";
import { parseRoutes, readRoutes } from "../../../openapi/read-routes.ts";

describe("the routes of an OpenAPI document", () => {
  it("are its operations, ANY among them", () => {
    const parsed = parseRoutes(`openapi: 3.0.1
paths:
  /b/{id}:
    summary: Those of b
    description: All of them
    servers: []
    x-owner: somebody
    parameters: []
    get: {}
    put: {}
  /a/{proxy+}:
    x-amazon-apigateway-any-method: {}
  /: { get: {} }
`);
    expect(parsed).toEqual({
      ok: true,
      value: [
        { verb: "GET", path: "/" },
        { verb: "ANY", path: "/a/{proxy+}" },
        { verb: "GET", path: "/b/{id}" },
        { verb: "PUT", path: "/b/{id}" },
      ],
    });
  });

  it("are read from JSON too", () => {
    expect(parseRoutes('{"swagger": "2.0", "paths": {"/a": {"get": {}}}}')).toEqual({
      ok: true,
      value: [{ verb: "GET", path: "/a" }],
    });
  });

  it("are read from a document with extensions and with tags of CloudFormation", () => {
    const text = "openapi: 3.0.1\npaths: { x-note: 1, /a: { get: { x-uri: !GetAtt A.Arn } } }";
    expect(parseRoutes(text)).toEqual({ ok: true, value: [{ verb: "GET", path: "/a" }] });
  });

  it("say which operations the document opens", () => {
    const auth = "{ type: NONE }";
    const text = `openapi: 3.0.1\npaths: { /a: { get: {}, put: { security: [] }, post: { x-amazon-apigateway-auth: ${auth} } } }`;
    const open = ["POST", "PUT"].map((verb) => ({ verb, path: "/a", isOpen: true }));
    expect(parseRoutes(text)).toEqual({ ok: true, value: [{ verb: "GET", path: "/a" }, ...open] });
  });

  it.each([
    ["text that is not YAML", "paths: [", /is neither JSON nor YAML/],
    ["something else", "a: b", /is not an OpenAPI document/],
    ["paths that are a list", "openapi: 3.0.1\npaths: []", /is not an OpenAPI document/],
    ["no operation", "openapi: 3.0.1\npaths: { /a: { parameters: [] } }", /has no operation/],
    [
      "a greedy parameter in the middle",
      "openapi: 3.0.1\npaths: { '/{a+}/b': { get: {} } }",
      /is not a path that API Gateway accepts/,
    ],
    ["an HTTP API's default", "openapi: 3.0.1\npaths: { /$default: { get: {} } }", /replace it by the routes ANY/],
    ["a path without its slash", "openapi: 3.0.1\npaths: { a: { get: {} } }", /is not a path that API Gateway accepts/],
    ["an empty segment", "openapi: 3.0.1\npaths: { /a//b: { get: {} } }", /is not a path that API Gateway accepts/],
    ...["$ref", "<<", "GET", "Get", "trace", "Fn::Transform", "X-Amazon-Apigateway-Any-Method"].map(
      (key): [string, string, RegExp] => [
        `${key}, whose operations are not visible`,
        `openapi: 3.0.1\npaths: { /a: { get: {}, ${JSON.stringify(key)}: {} } }`,
        new RegExp(
          `^/a: the operations that "${RegExp.escape(key)}" stands for are not visible in the document; write them out`,
        ),
      ],
    ),
  ])("are not read from %s", (_, text, message) => {
    const parsed = parseRoutes(text);
    expect(parsed.ok ? "" : parsed.error.join()).toMatch(message);
  });

  it("are those of the sample API, which names every path of the sample policy's areas", async () => {
    const routes = await readRoutes("infra/example/api/openapi.yaml");
    expect(routes.ok && routes.value.map(({ verb, path }) => `${verb} ${path}`)).toEqual([
      "ANY /admin",
      "ANY /admin/{proxy+}",
      "GET /customers/{customer_id}/orders",
      "GET /home",
      "GET /orders/{order_id}",
      "GET /orders/{order_id}/lines/{line_id}",
      "POST /orders/{order_id}/refunds",
      "GET /vtl/whoami",
    ]);
  });

  it("are those of an API that can be made of either kind", () => {
    const refused = ["rest", "http"].flatMap((kind) => {
      const text = readFileSync("infra/example/api/openapi.yaml", "utf8");
      const { errors, notices } = findGatewayErrors(parse(text), kind === "rest" ? "rest" : "http");
      return [...errors, ...notices];
    });
    expect(refused).toEqual([]);
  });

  it("can't be read from a file that does not exist", async () => {
    expect(await readRoutes("none.yaml")).toEqual({ ok: false, error: ["none.yaml: can't be read"] });
  });
});

describe("the id of a route table", () => {
  const table = [
    { verb: "GET", path: "/a/{id}" },
    { verb: "PUT", path: "/b/{p+}" },
  ];

  it("is the same in any order and with any names of parameters", () => {
    const other = [
      { verb: "PUT", path: "/b/{proxy+}" },
      { verb: "GET", path: "/a/{x}" },
    ];
    expect(toRouteTableId(other)).toBe(toRouteTableId(table));
  });

  it.each([
    ["a verb", [{ verb: "ANY", path: "/a/{id}" }, table[1]]],
    ["greediness", [table[0], { verb: "PUT", path: "/b/{p}" }]],
    ["one more route", [...table, { verb: "GET", path: "/" }]],
  ])("differs by %s", (_, other) => {
    expect(toRouteTableId(other.filter((route) => route !== undefined))).not.toBe(toRouteTableId(table));
  });
});

describe("two templates overlap", () => {
  it.each<[string, string, boolean]>([
    ["/", "/", true],
    ["/", "/{p+}", false],
    ["/a", "/a", true],
    ["/a", "/b", false],
    ["/a", "/{x}", true],
    ["/a", "/a/b", false],
    ["/a/{p+}", "/a", false],
    ["/a/{p+}", "/a/b/c", true],
    ["/a/{p+}", "/b/{p+}", false],
    ["/{x}/b", "/a/{y}", true],
    ["/{x}/b", "/a/c", false],
    ["/{p+}", "/a/{x}/c", true],
  ])("%s and %s: %s", (one, other, isSo) => {
    expect([overlaps(one, other), overlaps(other, one)]).toEqual([isSo, isSo]);
  });
});
