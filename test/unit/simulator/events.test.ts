import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../authorizer/gateway/event.ts";
import { toRequest } from "../../../authorizer/gateway/request.ts";
import type { ApiKind } from "../../../contract/api-kinds.ts";
import { receive, type WireRequest } from "../../../simulator/arrival.ts";
import { toContextVariables } from "../../../simulator/events.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { API, allowing, apiOf, requestOf } from "../../support/simulated.ts";

type Event = Readonly<Record<string, unknown>>;

const ROUTES = [{ verb: "GET", path: "/customers/{customer_id}/orders", authorizer: "main" }];

const SOCKET: SimulatedApi = {
  kind: "websocket",
  stage: "prod",
  routes: [{ verb: "ANY", path: "$connect", authorizer: "main" }],
  authorizers: {
    main: { kind: "websocket", response: "iam", identitySources: ["route.request.header.Authorization"], ttlS: 0 },
  },
};

const APIS: Readonly<Record<ApiKind, SimulatedApi>> = {
  "rest-token": apiOf("rest", { kind: "rest-token" }, { routes: ROUTES }),
  "rest-request": apiOf("rest", {}, { routes: ROUTES }),
  "http-1": apiOf("http", { kind: "http-1" }, { routes: ROUTES }),
  "http-2": apiOf("http", {}, { routes: ROUTES }),
  websocket: SOCKET,
};
const KINDS = Object.keys(APIS) as readonly ApiKind[];

async function eventOf(api: SimulatedApi, request: WireRequest): Promise<Event> {
  const { event } = await createSimulator(api, async () => allowing("*")).send(request, 1_718_639_527_000);
  return event as Event;
}

/** Lists the dotted names of all fields, except those that depend on the client's headers. */
function namesOf(value: unknown, prefix = ""): readonly string[] {
  return Object.entries(Object(value)).flatMap(([name, inner]) => {
    const isMap = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    const isOpen = /headers|query|parameters/i.test(name);
    return [`${prefix}${name}`, ...(isMap && !isOpen ? namesOf(inner, `${prefix}${name}.`) : [])];
  });
}

const REQUEST = requestOf("/customers/42/orders", "Bearer token", { id: "id-1" });

describe.each(KINDS)("an event of kind %s", (kind) => {
  it("has the fields of the recorded event, and no others", async () => {
    const file = join(import.meta.dirname, "../../fixtures/events", `${kind}.json`);
    const recorded = new Set(namesOf(JSON.parse(readFileSync(file, "utf8"))));
    expect(namesOf(await eventOf(APIS[kind], REQUEST)).filter((name) => !recorded.has(name))).toEqual([]);
  });

  it("agrees with itself for the authorizer", async () => {
    const parsed = parseEvent(await eventOf(APIS[kind], REQUEST));
    if (!parsed.ok) throw new Error(parsed.error.code);
    expect(parsed.value.kind).toBe(kind);
    const isSocket = kind === "websocket";
    expect(toRequest(parsed.value)).toMatchObject({
      ok: true,
      value: { method: isSocket ? "CONNECT" : "GET", path: isSocket ? "/" : "/customers/42/orders" },
    });
  });
});

describe("an event with a base path", () => {
  it.each(["rest-request", "http-2"] as const)("agrees with itself for the authorizer (%s)", async (kind) => {
    const mappings = [{ domainName: "api.example.com", basePath: "shop" }];
    const request = { ...REQUEST, path: "/shop/customers/42/orders", domainName: "api.example.com" };
    const parsed = parseEvent(await eventOf({ ...APIS[kind], mappings }, request));
    expect(parsed.ok && toRequest(parsed.value)).toMatchObject({
      ok: true,
      value: { path: "/customers/42/orders" },
    });
  });
});

describe("the client's certificate", () => {
  const clientCertificate = {
    clientCertPem: "-----BEGIN CERTIFICATE-----",
    subjectDN: "CN=till-7",
    issuerDN: "CN=Shop CA",
    serialNumber: "a1:b2",
    validity: { notBefore: "May 28 12:30:02 2019 GMT", notAfter: "Aug  5 09:36:04 2021 GMT" },
  };
  const mappings = [{ domainName: "api.example.com", basePath: "" }];
  const subjectOf = async (kind: ApiKind, request: WireRequest) => {
    const parsed = parseEvent(await eventOf({ ...APIS[kind], mappings }, { ...request, clientCertificate }));
    return parsed.ok && parsed.value.clientCertificate?.fields.subject;
  };

  it.each(["rest-request", "http-1", "http-2"] as const)("is in a %s event of a custom domain alone", async (kind) => {
    const onOwnDomain = { ...REQUEST, domainName: "api.example.com" };
    expect([await subjectOf(kind, onOwnDomain), await subjectOf(kind, REQUEST)]).toEqual(["CN=till-7", undefined]);
  });
});

describe("repeated headers and parameters", () => {
  const request: WireRequest = {
    ...REQUEST,
    headers: [...REQUEST.headers, ["X-Tag", "1"], ["X-Tag", "2"], ["x-tag", "3"]],
    query: "q=a%20b&q=c+d&r=",
  };

  it("are all in the event of a REST API, with the last one in the single view and the case of names", async () => {
    expect(await eventOf(APIS["rest-request"], request)).toMatchObject({
      headers: { Authorization: "Bearer token", "X-Tag": "2", "x-tag": "3" },
      multiValueHeaders: { Authorization: ["Bearer token"], "X-Tag": ["1", "2"], "x-tag": ["3"] },
      queryStringParameters: { q: "c d", r: "" },
      multiValueQueryStringParameters: { q: ["a b", "c d"], r: [""] },
    });
  });

  it.each(["http-1", "http-2"] as const)(
    "are joined on an HTTP API, and names are in lower case (%s)",
    async (kind) => {
      expect(await eventOf(APIS[kind], request)).toMatchObject({
        headers: { authorization: "Bearer token", "x-tag": "1,2,3" },
        queryStringParameters: { q: "a b,c d", r: "" },
      });
    },
  );

  it("do not change the raw query string", async () => {
    expect(await eventOf(APIS["http-2"], request)).toMatchObject({ rawQueryString: "q=a%20b&q=c+d&r=" });
  });
});

describe("identity sources are in the event of an HTTP API", () => {
  const identitySources = [
    "$request.header.authorization",
    "$context.routeKey",
    "$context.httpMethod",
    "$context.path",
  ];
  const values = ["Bearer token", "GET /customers/{customer_id}/orders", "GET", "/customers/42/orders"];

  it("as a list with payload 2.0", async () => {
    const api = apiOf("http", { identitySources }, { routes: ROUTES });
    expect(await eventOf(api, REQUEST)).toMatchObject({ identitySource: values });
  });

  it("joined with payload 1.0", async () => {
    const api = apiOf("http", { kind: "http-1", identitySources }, { routes: ROUTES });
    const identitySource = values.join(",");
    expect(await eventOf(api, REQUEST)).toMatchObject({ identitySource, authorizationToken: identitySource });
  });

  it("with payload 2.0, $default for a route's key", async () => {
    const routes = [{ verb: "ANY", path: "$default", authorizer: "main" }];
    const api = apiOf("http", { identitySources: ["$context.routeKey"] }, { routes });
    expect(await eventOf(api, REQUEST)).toMatchObject({ identitySource: ["$default"], routeKey: "$default" });
  });
});

it.each<[ApiKind, Readonly<Record<string, string>>]>([
  [
    "rest-request",
    {
      stage: "prod",
      resourcePath: "/customers/{customer_id}/orders",
      path: "/prod/customers/42/orders",
      httpMethod: "GET",
    },
  ],
  [
    "http-2",
    {
      stage: "$default",
      routeKey: "GET /customers/{customer_id}/orders",
      path: "/customers/42/orders",
      httpMethod: "GET",
    },
  ],
  ["websocket", { stage: "prod", routeKey: "$connect" }],
])("identity sources may name the context of %s", (kind, variables) => {
  const arrival = receive(APIS[kind], REQUEST);
  if (!arrival.ok) throw new Error(arrival.error);
  expect(toContextVariables(APIS[kind], arrival.value)).toEqual({
    "identity.sourceIp": "203.0.113.7",
    domainName: "local00api.execute-api.eu-west-1.amazonaws.com",
    ...variables,
  });
});

it("an event has the time and the request as it arrived", async () => {
  expect(await eventOf(APIS["rest-request"], REQUEST)).toMatchObject({
    methodArn: `${API}/prod/GET/customers/42/orders`,
    requestContext: { requestId: "id-1", requestTimeEpoch: 1_718_639_527_000 },
  });
});
