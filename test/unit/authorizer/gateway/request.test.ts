import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../../authorizer/gateway/event.ts";
import { toRequest } from "../../../../authorizer/gateway/request.ts";
import type { ApiKind } from "../../../../contract/api-kinds.ts";
import type { TrailingSlash } from "../../../../contract/manifest.ts";
import { changed, createEvent, KINDS, redirected, type TestEvent } from "../../../support/events.ts";

function requestOf(event: TestEvent, trailingSlash?: TrailingSlash) {
  const parsed = parseEvent(event);
  if (!parsed.ok) return parsed.error.code;
  const request = toRequest(parsed.value, trailingSlash);
  return request.ok ? `${request.value.method} ${request.value.path}` : request.error.code;
}

const REST_ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod";
const HTTP_ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/$default";

describe("toRequest", () => {
  it.each(KINDS)("makes the request of a %s event", (kind) => {
    const expected = kind === "websocket" ? "CONNECT /" : "GET /customers/42/orders";
    expect(requestOf(createEvent(kind, "t"))).toBe(expected);
  });

  it.each(KINDS.filter((kind) => kind !== "websocket"))("makes the request to the root of a %s event", (kind) => {
    expect(requestOf(redirected(kind, createEvent(kind, "t"), "POST", "/"))).toBe("POST /");
  });

  it("gives a policy the headers, parameters and address of the request", () => {
    const event = changed(createEvent("rest-request", undefined), {
      "headers.X-Tenant": "green",
      "multiValueHeaders.X-Tenant": ["blue", "green"],
      "queryStringParameters.page": "2",
      "multiValueQueryStringParameters.page": ["1", "2"],
    });
    const parsed = parseEvent(event);
    const request = parsed.ok ? toRequest(parsed.value) : parsed;
    expect(request).toMatchObject({
      ok: true,
      value: { api_id: "abcdef1234", stage: "prod", source_ip: "203.0.113.7" },
    });
    expect(request.ok && request.value.headers.get("x-tenant")).toEqual(["blue", "green"]);
    expect(request.ok && request.value.query.get("page")).toEqual(["1", "2"]);
  });

  it.each(KINDS.filter((kind) => kind !== "rest-token"))("has API Gateway's id of a %s request", (kind) => {
    const parsed = parseEvent(changed(createEvent(kind, "t"), { "requestContext.requestId": "the-id" }));
    expect(parsed.ok && parsed.value.requestId).toBe("the-id");
  });

  it("reads parameters that only one view has, and those of an HTTP API without a raw query", () => {
    const rest = parseEvent(changed(createEvent("rest-request", "t"), { "queryStringParameters.a": "1" }));
    const http = parseEvent(
      changed(createEvent("http-2", "t"), { rawQueryString: undefined, "queryStringParameters.a": "1" }),
    );
    expect([rest, http].map((parsed) => parsed.ok && parsed.value.query.get("a"))).toEqual([["1"], ["1"]]);
  });

  it("reads the parameters of an HTTP API from the raw query, where a comma is part of the value", () => {
    const parsed = parseEvent(changed(createEvent("http-2", "t"), { rawQueryString: "a=1,2&a=3&b=x%20y" }));
    expect(parsed.ok && [...parsed.value.query]).toEqual([
      ["a", ["1,2", "3"]],
      ["b", ["x y"]],
    ]);
  });
});

/** Changes after which an event still agrees with itself; the unchanged event is accepted above. */
const AGREEING: readonly (readonly [string, ApiKind, Readonly<Record<string, unknown>>, string])[] = [
  [
    "a path behind the base path of a custom domain",
    "rest-request",
    {
      path: "/shop/customers/42/orders",
      "requestContext.path": "/shop/customers/42/orders",
      "requestContext.domainName": "api.example.com",
    },
    "GET /customers/42/orders",
  ],
  [
    "a path behind the stage's name",
    "http-2",
    {
      routeArn: `${REST_ARN}/GET/customers/42/orders`,
      rawPath: "/prod/customers/42/orders",
      "requestContext.stage": "prod",
    },
    "GET /customers/42/orders",
  ],
  [
    "a path behind the base path of an HTTP API's custom domain",
    "http-2",
    { rawPath: "/shop/customers/42/orders", "requestContext.domainName": "api.example.com" },
    "GET /customers/42/orders",
  ],
  [
    "a route that takes any method",
    "http-2",
    { routeKey: "ANY /customers/{customer_id}/orders" },
    "GET /customers/42/orders",
  ],
  [
    "the default route, which has no template",
    "http-2",
    { routeKey: "$default", pathParameters: undefined },
    "GET /customers/42/orders",
  ],
  [
    "a greedy parameter",
    "rest-request",
    { resource: "/{proxy+}", pathParameters: { proxy: "customers/42/orders" } },
    "GET /customers/42/orders",
  ],
  [
    "parameters as they arrive, encoded",
    "rest-request",
    {
      methodArn: `${REST_ARN}/GET/customers/4%202/orders`,
      path: "/customers/4%202/orders",
      "requestContext.path": "/prod/customers/4%202/orders",
      "pathParameters.customer_id": "4%202",
    },
    "GET /customers/4 2/orders",
  ],
  [
    "the root behind its stage",
    "rest-request",
    { methodArn: `${REST_ARN}/GET/`, path: "/", "requestContext.path": "/prod/", resource: "/", pathParameters: {} },
    "GET /",
  ],
  [
    "the root behind a base path",
    "rest-request",
    {
      methodArn: `${REST_ARN}/GET/`,
      path: "/shop",
      "requestContext.path": "/shop/",
      resource: "/",
      pathParameters: {},
      "requestContext.domainName": "api.example.com",
    },
    "GET /",
  ],
  [
    "fields that are null",
    "rest-request",
    { queryStringParameters: null, multiValueQueryStringParameters: null, stageVariables: null },
    "GET /customers/42/orders",
  ],
];

/** The fields that the log can name, for the operator of a custom domain or a stage. */
const FIELDS: readonly (readonly [string, ApiKind, Readonly<Record<string, unknown>>])[] = [
  ["apiId", "rest-request", { "requestContext.apiId": "zzzzzz9999" }],
  ["stage", "rest-request", { "requestContext.stage": "test" }],
  ["arn", "rest-request", { methodArn: `${REST_ARN}/GET/a//b` }],
  ["path", "rest-request", { path: "/shop/customers/42/orders" }],
  ["path", "rest-request", { path: "/customers/42/orders/" }],
  ["method", "rest-request", { "requestContext.httpMethod": "DELETE" }],
  ["route", "rest-request", { resource: "/home" }],
];

const DISAGREEING: readonly (readonly [string, ApiKind, Readonly<Record<string, unknown>>, string])[] = [
  ["another path in the event", "rest-request", { path: "/customers/43/orders" }, "event.inconsistent"],
  [
    "another path in the context",
    "rest-request",
    { "requestContext.path": "/prod/customers/43/orders" },
    "event.inconsistent",
  ],
  [
    "a path behind something that is not the stage",
    "rest-request",
    { path: "/test/customers/42/orders" },
    "event.inconsistent",
  ],
  [
    "a base path without a custom domain",
    "rest-request",
    { "requestContext.domainName": undefined, path: "/shop/customers/42/orders" },
    "event.inconsistent",
  ],
  [
    "a path of the context with an empty segment that the path lacks",
    "rest-request",
    { "requestContext.path": "/prod//customers/42/orders" },
    "path.not_canonical",
  ],
  [
    "a root that has another slash in one field",
    "rest-request",
    { methodArn: `${REST_ARN}/GET/`, path: "//", resource: "/", pathParameters: {} },
    "path.not_canonical",
  ],
  ["another method", "rest-request", { httpMethod: "DELETE" }, "event.inconsistent"],
  [
    "another method in the context of a REST API",
    "rest-request",
    { "requestContext.httpMethod": "DELETE" },
    "event.inconsistent",
  ],
  [
    "another path in the context of an HTTP API",
    "http-2",
    { "requestContext.http.path": "/customers/43/orders" },
    "event.inconsistent",
  ],
  [
    "another path in the context of payload 1.0",
    "http-1",
    { "requestContext.path": "/customers/43/orders" },
    "event.inconsistent",
  ],
  ["another method in the context", "http-2", { "requestContext.http.method": "DELETE" }, "event.inconsistent"],
  ["another API", "rest-request", { "requestContext.apiId": "zzzzzz9999" }, "event.inconsistent"],
  ["another stage", "http-2", { "requestContext.stage": "test" }, "event.inconsistent"],
  [
    "parameters that fill the template with another path",
    "rest-request",
    { "pathParameters.customer_id": "43" },
    "event.inconsistent",
  ],
  ["a template without its parameter", "rest-request", { pathParameters: {} }, "event.inconsistent"],
  ["a route of another verb", "http-2", { routeKey: "POST /customers/{customer_id}/orders" }, "event.inconsistent"],
  ["a malformed route", "http-2", { routeKey: "customers" }, "event.inconsistent"],
  [
    "a parameter with a smuggled slash",
    "rest-request",
    { "pathParameters.customer_id": "42%2F.." },
    "event.inconsistent",
  ],
  [
    "a parameter of one segment with a slash, decoded after the route was matched",
    "http-2",
    {
      routeArn: `${HTTP_ARN}/GET/tenants/a/users/users`,
      rawPath: "/tenants/a/users/users",
      "requestContext.http.path": "/tenants/a/users/users",
      routeKey: "GET /tenants/{tenant}/users",
      "requestContext.routeKey": "GET /tenants/{tenant}/users",
      pathParameters: { tenant: "a/users" },
    },
    "event.inconsistent",
  ],
  ["a method override", "rest-request", { "headers.X-HTTP-Method-Override": "DELETE" }, "event.method_override"],
  [
    "a method override in another letter case, in the other view",
    "rest-request",
    { "multiValueHeaders.x-http-method-OVERRIDE": ["PUT"] },
    "event.method_override",
  ],
  ["no ARN", "rest-request", { methodArn: undefined }, "event.malformed"],
  ["an ARN that is a number", "rest-request", { methodArn: 7 }, "event.malformed"],
  ["a WebSocket's ARN on a REST API", "rest-request", { methodArn: `${REST_ARN}/$connect` }, "event.not_connect"],
  ["another route of a WebSocket", "websocket", { "requestContext.routeKey": "send" }, "event.not_connect"],
  ["a message of a WebSocket", "websocket", { "requestContext.eventType": "MESSAGE" }, "event.not_connect"],
  ["a WebSocket with a method's ARN", "websocket", { methodArn: `${REST_ARN}/GET/a` }, "event.not_connect"],
  [
    "an HTTP API's path that is still encoded",
    "http-2",
    {
      routeArn: `${HTTP_ARN}/GET/customers/4%202/orders`,
      rawPath: "/customers/4 2/orders",
      "requestContext.http.path": "/customers/4 2/orders",
      "pathParameters.customer_id": "4 2",
    },
    "path.not_canonical",
  ],
];

describe("an event that agrees with itself", () => {
  it.each(AGREEING)("%s (%s)", (_, kind, changes, request) => {
    expect(requestOf(changed(createEvent(kind, "t"), changes))).toBe(request);
  });
});

describe("an event that disagrees with itself is denied", () => {
  it.each(DISAGREEING)("%s (%s)", (_, kind, changes, code) => {
    expect(requestOf(changed(createEvent(kind, "t"), changes))).toBe(code);
  });
});

describe("a refused event", () => {
  it.each(FIELDS)("has the field in the error: %s", (field, kind, changes) => {
    const parsed = parseEvent(changed(createEvent(kind, "t"), changes));
    expect(parsed.ok && toRequest(parsed.value)).toMatchObject({ ok: false, error: { field, method: "GET" } });
  });
});

describe("the source address", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["203.0.113.7\0", undefined],
    ["unknown", undefined],
    ["", undefined],
  ])("%j is %s", (sourceIp, address) => {
    for (const [kind, name] of [
      ["rest-request", "requestContext.identity.sourceIp"],
      ["http-2", "requestContext.http.sourceIp"],
    ] as const) {
      const parsed = parseEvent(changed(createEvent(kind, "t"), { [name]: sourceIp }));
      expect(parsed.ok && parsed.value.sourceIp).toBe(address);
    }
  });
});

describe("a value that is not an authorizer event", () => {
  it.each([
    null,
    undefined,
    "",
    "event",
    7,
    true,
    [],
    {},
    { type: "REQUEST", version: "3.0" },
    { type: "token" },
    { type: {} },
    { version: "2.0" },
  ])("%j is denied, without an exception", (event) => {
    const parsed = parseEvent(event);
    expect(parsed.ok ? "an event" : parsed.error.code).toMatch(/^event\.(unknown|malformed)$/);
  });

  it.each(KINDS)("a %s event whose headers are not an object is denied", (kind) => {
    const event = createEvent(kind, "t");
    const requestId = (event["requestContext"] as { requestId?: string } | undefined)?.requestId;
    const parsed = parseEvent(changed(event, { headers: 7, authorizationToken: 7 }));
    const arn: unknown = expect.objectContaining({ apiId: "abcdef1234" });
    expect(parsed).toEqual({ ok: false, error: { kind, requestId, code: "event.malformed", arn } });
  });
});

describe("the console's test of an authorizer", () => {
  const arnOf = (stage: string) =>
    `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/${stage}/GET/customers/42/orders`;
  // As execution logs show such events: no route is matched, and there is no address.
  const test = changed(createEvent("rest-request", "t"), {
    methodArn: arnOf("ESTestInvoke-stage"),
    resource: "/",
    pathParameters: {},
    "requestContext.resourceId": "test-invoke-resource-id",
    "requestContext.resourcePath": "/",
    "requestContext.path": "/customers/42/orders",
    "requestContext.stage": "test-invoke-stage",
    "requestContext.domainName": "testPrefix.testDomainName",
    "requestContext.domainPrefix": "testPrefix",
    "requestContext.identity.sourceIp": "test-invoke-source-ip",
  });

  it("is judged like the request that it shows, without an address", () => {
    expect(requestOf(test)).toBe("GET /customers/42/orders");
    const parsed = parseEvent(test);
    const request = parsed.ok ? toRequest(parsed.value) : parsed;
    expect(request).toMatchObject({ ok: true, value: { stage: "ESTestInvoke-stage", source_ip: undefined } });
  });

  it("of a TOKEN authorizer too, whose event has the ARN only", () => {
    expect(requestOf(changed(createEvent("rest-token", "t"), { methodArn: arnOf("ESTestInvoke-stage") }))).toBe(
      "GET /customers/42/orders",
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["another path", { path: "/admin" }, "event.inconsistent"],
    ["another path in its context", { "requestContext.path": "/admin" }, "event.inconsistent"],
    ["another method", { httpMethod: "DELETE" }, "event.inconsistent"],
    ["another API", { "requestContext.apiId": "other" }, "event.inconsistent"],
    ["the test's stage in its context alone", { methodArn: arnOf("prod") }, "event.inconsistent"],
    ["the test's stage in its ARN alone", { "requestContext.stage": "prod" }, "event.inconsistent"],
    ["a method override", { "headers.X-HTTP-Method-Override": "DELETE" }, "event.method_override"],
    ["a path with two readings", { methodArn: `${arnOf("ESTestInvoke-stage")}//x` }, "path.not_canonical"],
  ])("is denied with %s", (_, changes, code) => {
    expect(requestOf(changed(test, changes))).toBe(code);
  });

  it("has no meaning on the other kinds of APIs", () => {
    const http = changed(createEvent("http-2", "t"), {
      routeArn: arnOf("ESTestInvoke-stage"),
      "requestContext.stage": "test-invoke-stage",
    });
    expect(requestOf(http)).toBe("event.inconsistent");
  });
});

describe.each(KINDS.filter((kind) => kind !== "websocket"))("a slash at the end of a path, in a %s event", (kind) => {
  const asked = (path: string) => redirected(kind, createEvent(kind, "t"), "GET", path);

  it.each(["/orders/7", "/orders"])("is denied, or the same as without it, as the build says: %s", (path) => {
    expect(requestOf(asked(`${path}/`))).toBe("path.not_canonical");
    expect(requestOf(asked(`${path}/`), "same")).toBe(`GET ${path}`);
    expect(requestOf(asked(path), "same")).toBe(`GET ${path}`);
  });

  it.each(["//", "/orders//", "/orders/7//", "//orders/", "/orders/./", "/orders/../", "/orders/;/", "/./", "/*/"])(
    "does not make %s canonical",
    (path) => {
      expect(requestOf(asked(path), "same")).toBe("path.not_canonical");
    },
  );

  it("leaves the root as it is", () => {
    expect(requestOf(asked("/"), "same")).toBe("GET /");
  });
});

describe("where a trailing slash is the same", () => {
  const event = changed(redirected("rest-request", createEvent("rest-request", "t"), "GET", "/orders/7/"), {
    resource: "/orders/{id}",
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["a parameter for one segment, without the slash", { "pathParameters.id": "7" }, "GET /orders/7"],
    ["a greedy parameter with the slash", { resource: "/{p+}", "pathParameters.p": "orders/7/" }, "GET /orders/7"],
    ["a greedy parameter without it", { resource: "/{p+}", "pathParameters.p": "orders/7" }, "GET /orders/7"],
    [
      "a parameter for one segment with a slash, which was encoded",
      { "pathParameters.id": "7/" },
      "event.inconsistent",
    ],
    ["a greedy parameter with two", { resource: "/{p+}", "pathParameters.p": "orders/7//" }, "event.inconsistent"],
    ["another path in the event", { "pathParameters.id": "7", path: "/orders/8/" }, "event.inconsistent"],
    ["a second slash in the event", { "pathParameters.id": "7", path: "/orders/7//" }, "path.not_canonical"],
  ])("the route is filled by %s", (_, changes, expected) => {
    expect(requestOf(changed(event, changes), "same")).toBe(expected);
  });

  it("an encoded slash is no slash", () => {
    for (const path of ["/orders/7%2F", "/orders/7%2f", "/orders/7%252F"])
      expect(requestOf(redirected("rest-request", createEvent("rest-request", "t"), "GET", path), "same")).toBe(
        "path.not_canonical",
      );
  });

  it("the path behind a stage or base path may have it, too", () => {
    const behind = (changes: object) => requestOf(changed(event, { "pathParameters.id": "7", ...changes }), "same");
    expect(behind({ "requestContext.path": "/prod/orders/7/" })).toBe("GET /orders/7");
    expect(behind({ path: "/shop/orders/7/", "requestContext.domainName": "api.example.com" })).toBe("GET /orders/7");
    expect(behind({ "requestContext.path": "/other/orders/7/" })).toBe("event.inconsistent");
  });
});
