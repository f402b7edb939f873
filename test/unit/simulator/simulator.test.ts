import { describe, expect, it } from "vitest";
import type { Invocation } from "../../../simulator/invocation.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import {
  API,
  allowing,
  anonymous,
  apiOf,
  arnOf,
  brief,
  denying,
  echoing,
  requestOf,
  TOKEN_SOURCE,
} from "../../support/simulated.ts";

const ROUTE_KEY = [TOKEN_SOURCE.rest, "context.httpMethod", "context.path"];
const EXPIRY_MS = 300_000;

describe("a cached response", () => {
  it("serves the same method and path again, without invoking the authorizer", async () => {
    const simulator = echoing(apiOf("rest"));
    const first = await simulator.send(requestOf("/orders"), 0);
    const second = await simulator.send(requestOf("/orders"), 1000);
    expect([first, second].map(brief)).toEqual([
      [200, "miss"],
      [200, "hit"],
    ]);
    expect(simulator.calls).toBe(1);
    expect([first.respondedAtMs, second.respondedAtMs]).toEqual([0, 0]);
  });

  it("of one exact method and path, under the token alone, refuses every other route until it expires", async () => {
    const simulator = echoing(apiOf("rest"));
    await simulator.send(requestOf("/orders"), 0);
    const other = requestOf("/customers");
    expect(brief(await simulator.send(other, EXPIRY_MS - 1))).toEqual([403, "hit"]);
    expect(brief(await simulator.send(other, EXPIRY_MS))).toEqual([200, "miss"]);
  });

  it("of one exact method and path serves every route if both are in the key", async () => {
    const simulator = echoing(apiOf("rest", { identitySources: ROUTE_KEY }));
    const requests = [
      requestOf("/orders"),
      requestOf("/customers"),
      requestOf("/orders", "alice", { method: "PUT" }),
      requestOf("/orders"),
    ];
    const outcomes = [];
    for (const request of requests) outcomes.push(brief(await simulator.send(request, 0)));
    expect(outcomes).toEqual([
      [200, "miss"],
      [200, "miss"],
      [200, "miss"],
      [200, "hit"],
    ]);
  });

  it("that allows the whole stage opens routes for which the authorizer was never invoked", async () => {
    const asked: string[] = [];
    const simulator = createSimulator(apiOf("rest"), async (event) => {
      asked.push(arnOf(event));
      return arnOf(event).endsWith("/public") ? allowing(`${API}/prod/*`) : denying("*");
    });
    expect(brief(await simulator.send(requestOf("/admin"), 0))).toEqual([403, "miss"]);
    simulator.flush();
    expect(brief(await simulator.send(requestOf("/public"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(requestOf("/admin"), 0))).toEqual([200, "hit"]);
    expect(asked).toEqual([`${API}/prod/GET/admin`, `${API}/prod/GET/public`]);
  });

  it("that is simple opens every route of an HTTP API", async () => {
    const simulator = createSimulator(apiOf("http", { response: "simple" }), async (event) => ({
      response: { isAuthorized: arnOf(event).endsWith("/public"), context: { path: arnOf(event) } },
    }));
    expect(brief(await simulator.send(requestOf("/admin", "bob"), 0))).toEqual([403, "miss"]);
    expect(brief(await simulator.send(requestOf("/public"), 0))).toEqual([200, "miss"]);
    const replayed = await simulator.send(requestOf("/admin"), 0);
    expect(brief(replayed)).toEqual([200, "hit"]);
    expect(replayed.context).toEqual({ path: `${API}/$default/GET/public` });
  });

  it("that is simple opens no other route with the route in the key", async () => {
    const identitySources = [TOKEN_SOURCE.http, "$context.routeKey"];
    const routes = ["/public", "/admin"].map((path) => ({ verb: "GET", path, authorizer: "main" }));
    const simulator = createSimulator(
      apiOf("http", { response: "simple", identitySources }, { routes }),
      async (event) => ({ response: { isAuthorized: arnOf(event).endsWith("/public") } }),
    );
    expect(brief(await simulator.send(requestOf("/public"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(requestOf("/admin"), 0))).toEqual([403, "miss"]);
  });

  it("under a key without the token allows everyone what it allowed the first client", async () => {
    const api = apiOf("rest", { identitySources: ["context.httpMethod", "context.path"] });
    const simulator = createSimulator(api, async (event) => {
      const { headers } = event as { readonly headers: Readonly<Record<string, string>> };
      return headers["Authorization"] === "alice" ? allowing("*") : denying("*");
    });
    expect(brief(await simulator.send(requestOf("/orders", "bob"), 0))).toEqual([403, "miss"]);
    simulator.flush();
    expect(brief(await simulator.send(requestOf("/orders", "alice"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(requestOf("/orders", "bob"), 0))).toEqual([200, "hit"]);
    expect(brief(await simulator.send(anonymous("/orders"), 0))).toEqual([200, "hit"]);
  });

  it("is not shared by two tokens", async () => {
    const simulator = echoing(apiOf("rest"));
    await simulator.send(requestOf("/orders", "alice"), 0);
    expect(brief(await simulator.send(requestOf("/orders", "bob"), 0))).toEqual([200, "miss"]);
  });

  it("is not shared by two lists of values that look alike when joined", async () => {
    const identitySources = ["method.request.header.a", "method.request.header.b"];
    const simulator = echoing(apiOf("rest", { identitySources }));
    const sent = (a: string, b: string) =>
      anonymous("/orders", {
        headers: [
          ["a", a],
          ["b", b],
        ],
      });
    expect(brief(await simulator.send(sent("x,y", "z"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(sent("x", "y,z"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(sent("x,y", "z"), 0))).toEqual([200, "hit"]);
  });

  it("belongs to its authorizer alone", async () => {
    const authorizer = apiOf("rest").authorizers["main"];
    if (authorizer === undefined) throw new Error("there is no authorizer");
    const api: SimulatedApi = {
      ...apiOf("rest"),
      routes: ["one", "other"].map((name) => ({ verb: "GET", path: `/${name}`, authorizer: name })),
      authorizers: { one: authorizer, other: authorizer },
    };
    const simulator = createSimulator(api, async () => allowing("*"));
    expect(brief(await simulator.send(requestOf("/one"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(requestOf("/other"), 0))).toEqual([200, "miss"]);
    expect(brief(await simulator.send(requestOf("/one"), 0))).toEqual([200, "hit"]);
  });

  it("denies as long as it allows", async () => {
    const simulator = createSimulator(apiOf("rest"), async () => denying("*"));
    const first = await simulator.send(requestOf("/orders"), 0);
    const second = await simulator.send(requestOf("/customers"), EXPIRY_MS - 1);
    expect([first, second].map(brief)).toEqual([
      [403, "miss"],
      [403, "hit"],
    ]);
    expect(second.body).toEqual({ Message: "User is not authorized to access this resource with an explicit deny" });
  });

  it("passes its context on, as it was created for another request", async () => {
    let made = 0;
    const simulator = createSimulator(apiOf("rest"), async () => {
      made += 1;
      const { response } = allowing("*") as { readonly response: object };
      return { response: { ...response, context: { made } } };
    });
    await simulator.send(requestOf("/orders"), 0);
    expect((await simulator.send(requestOf("/customers"), 1)).context).toEqual({ principalId: "me", made: "1" });
    expect((await simulator.send(requestOf("/customers"), EXPIRY_MS)).context).toEqual({
      principalId: "me",
      made: "2",
    });
  });

  it("is reported with the event and the ARN of the request that it serves", async () => {
    const simulator = echoing(apiOf("rest"));
    await simulator.send(requestOf("/orders"), 0);
    const { arn, event } = await simulator.send(requestOf("/customers"), 0);
    expect([arn, event]).toMatchObject([`${API}/prod/GET/customers`, { path: "/customers" }]);
  });

  it("expires to the millisecond, counted from its creation", async () => {
    const simulator = echoing(apiOf("rest", { ttlS: 1 }));
    const outcomes = [];
    for (const nowMs of [5_000, 5_999, 6_000, 6_999, 7_000])
      outcomes.push((await simulator.send(requestOf("/orders"), nowMs)).cache);
    expect(outcomes).toEqual(["miss", "hit", "miss", "hit", "miss"]);
  });

  it("is gone after a flush, and so is one still in progress", async () => {
    const first = Promise.withResolvers<Invocation>();
    let answer: () => Promise<Invocation> = () => first.promise;
    const simulator = createSimulator(apiOf("rest"), () => answer());
    const pending = simulator.send(requestOf("/orders"), 0);
    simulator.flush();
    first.resolve(allowing("*"));
    expect(brief(await pending)).toEqual([200, "miss"]);
    answer = async () => denying("*");
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([403, "miss"]);
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([403, "hit"]);
    simulator.flush();
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([403, "miss"]);
  });
});

describe("the cache does not store", () => {
  it.each<[string, Invocation, number]>([
    ["the error for 401", { error: "Unauthorized" }, 401],
    ["another error", { error: "it broke" }, 500],
    ["an answer without meaning", { response: {} }, 500],
    ["a malformed policy", { response: { principalId: "me", policyDocument: {} } }, 500],
  ])("%s", async (_, invocation, status) => {
    const simulator = createSimulator(apiOf("rest"), async () => invocation);
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([status, "miss"]);
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([status, "miss"]);
    expect(simulator.calls).toBe(2);
  });

  it("any response with a TTL of 0", async () => {
    const simulator = echoing(apiOf("rest", { ttlS: 0 }));
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([200, undefined]);
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([200, undefined]);
    expect(simulator.calls).toBe(2);
  });
});

describe("an identity source", () => {
  const sources = [TOKEN_SOURCE.rest, "method.request.querystring.tenant"];

  it.each([300, 0])("that is present causes an invocation, with a TTL of %i", async (ttlS) => {
    const simulator = echoing(apiOf("rest", { identitySources: sources, ttlS }));
    expect((await simulator.send(requestOf("/orders", "alice", { query: "tenant=a" }), 0)).status).toBe(200);
    expect(simulator.calls).toBe(1);
  });

  it.each([
    ["header", 300, anonymous("/orders", { query: "tenant=a" })],
    ["header", 0, anonymous("/orders", { query: "tenant=a" })],
    ["header's value", 300, requestOf("/orders", "", { query: "tenant=a" })],
    ["parameter", 300, requestOf("/orders")],
    ["parameter's value", 300, requestOf("/orders", "alice", { query: "tenant=" })],
    ["parameter in this case", 0, requestOf("/orders", "alice", { query: "Tenant=a" })],
  ])("causes 401 without a %s, with a TTL of %i, and no invocation", async (_, ttlS, request) => {
    const simulator = echoing(apiOf("rest", { identitySources: sources, ttlS }));
    expect(await simulator.send(request, 0)).toEqual({
      status: 401,
      body: { message: "Unauthorized" },
      headers: {},
      context: undefined,
      cache: undefined,
      event: undefined,
      arn: undefined,
      respondedAtMs: undefined,
    });
    expect(simulator.calls).toBe(0);
  });

  it.each(["http-1", "http-2"] as const)("is required by an HTTP API too (%s)", async (kind) => {
    const simulator = echoing(apiOf("http", { kind, ttlS: 0 }));
    expect((await simulator.send(anonymous("/orders"), 0)).status).toBe(401);
    expect((await simulator.send(requestOf("/orders"), 0)).status).toBe(200);
    expect(simulator.calls).toBe(1);
  });

  it("is not required where none is configured", async () => {
    const simulator = createSimulator(apiOf("rest", { identitySources: [], ttlS: 0 }), async () => ({
      error: "Unauthorized",
    }));
    expect((await simulator.send(anonymous("/orders"), 0)).status).toBe(401);
    expect(simulator.calls).toBe(1);
  });

  it("is the key of a TOKEN authorizer, which gets nothing else", async () => {
    const simulator = echoing(apiOf("rest", { kind: "rest-token" }));
    const { event } = await simulator.send(requestOf("/orders", "Bearer x"), 0);
    expect(event).toEqual({
      type: "TOKEN",
      authorizationToken: "Bearer x",
      methodArn: `${API}/prod/GET/orders`,
    });
    expect(brief(await simulator.send(requestOf("/customers", "Bearer x"), 0))).toEqual([403, "hit"]);
  });
});

describe("the settings of an API", () => {
  const socket = { kind: "websocket", stage: "prod", routes: [], mappings: [] } as const;
  it.each<[string, SimulatedApi, string]>([
    [
      "a WebSocket API with a cache",
      {
        ...socket,
        authorizers: {
          main: { kind: "websocket", response: "iam", identitySources: ["route.request.header.auth"], ttlS: 1 },
        },
      },
      "main: AuthorizerResultTtlInSeconds cannot be set for WEBSOCKET protocol Apis",
    ],
    [
      "a cache without an identity source",
      apiOf("http", { identitySources: [] }),
      "main: Identity source must be set if authorizer caching is enabled (TTL is greater than 0)",
    ],
    [
      "more than an hour",
      apiOf("rest", { ttlS: 3601 }),
      "main: the TTL is 3601 seconds; take a whole number from 0 to 3600",
    ],
    ["a negative TTL", apiOf("rest", { ttlS: -1 }), "main: the TTL is -1 seconds"],
    ["half a second", apiOf("rest", { ttlS: 0.5 }), "main: the TTL is 0.5 seconds"],
    [
      "simple responses of payload 1.0",
      apiOf("http", { kind: "http-1", response: "simple" }),
      "main: simple responses need payload 2.0",
    ],
    [
      "a source of another kind of API",
      apiOf("rest", { identitySources: [TOKEN_SOURCE.http] }),
      `main: ${TOKEN_SOURCE.http} is not an identity source of this kind of API`,
    ],
    [
      "an authorizer of another kind",
      apiOf("rest", { kind: "http-2", identitySources: [TOKEN_SOURCE.http] }),
      "main: http-2 is not a kind of authorizer for this API",
    ],
    [
      "a TOKEN authorizer with a parameter for a token",
      apiOf("rest", { kind: "rest-token", identitySources: ["method.request.querystring.token"] }),
      "main: method.request.querystring.token is its identity source, and a TOKEN authorizer has exactly one, a header",
    ],
    [
      "a context variable that it can't evaluate",
      apiOf("rest", { identitySources: ["context.identity.userAgent"] }),
      "main: the simulator does not know context.identity.userAgent",
    ],
    [
      "a stage variable as identity source, which it can't evaluate",
      apiOf("rest", { identitySources: ["stageVariables.tenant"] }),
      "main: the simulator does not know stageVariables.tenant",
    ],
    [
      "siblings with a variable path part",
      apiOf(
        "rest",
        {},
        {
          routes: [
            { verb: "GET", path: "/orders/{proxy+}", authorizer: "main" },
            { verb: "POST", path: "/orders/{order_id}/refunds", authorizer: "main" },
          ],
        },
      ),
      "/orders/{proxy+} and /orders/{order_id} are siblings with a variable path part",
    ],
    ["a stage that no REST API has", apiOf("rest", {}, { stage: "$default" }), '"$default" is not the name of a stage'],
    [
      "a route without its authorizer",
      apiOf("rest", {}, { routes: [{ verb: "GET", path: "/x", authorizer: "other" }] }),
      "GET /x: there is no authorizer other",
    ],
  ])("are refused with %s", (_, api, message) => {
    expect(() => echoing(api)).toThrow(message);
  });

  it("are accepted with siblings if the routes stand in for those of an API", () => {
    const routes = ["/{proxy+}", "/{id}", "/{id}"].map((path) => ({ verb: "GET", path, authorizer: "main" }));
    expect(() => echoing(apiOf("rest", {}, { routes, isStandIn: true }))).not.toThrow();
    const unknown = routes.map((route) => ({ ...route, authorizer: "other" }));
    expect(() => echoing(apiOf("rest", {}, { routes: unknown, isStandIn: true }))).toThrow(
      "there is no authorizer other",
    );
  });

  it("are accepted with siblings on an HTTP API", () => {
    const routes = ["/orders/{proxy+}", "/orders/{id}"].map((path) => ({ verb: "GET", path, authorizer: "main" }));
    expect(() => echoing(apiOf("http", {}, { routes }))).not.toThrow();
  });

  it("are accepted with a TTL of an hour", () => {
    expect(() => echoing(apiOf("rest", { ttlS: 3600 }))).not.toThrow();
  });
});

describe("a WebSocket connection", () => {
  const api: SimulatedApi = {
    kind: "websocket",
    stage: "prod",
    routes: [{ verb: "ANY", path: "$connect", authorizer: "main" }],
    authorizers: {
      main: { kind: "websocket", response: "iam", identitySources: ["route.request.querystring.token"], ttlS: 0 },
    },
  };

  it("invokes the authorizer at each $connect", async () => {
    const simulator = echoing(api);
    const request = anonymous("/", { query: "token=x" });
    expect(brief(await simulator.send(request, 0))).toEqual([200, undefined]);
    expect(brief(await simulator.send(request, 0))).toEqual([200, undefined]);
    expect(simulator.calls).toBe(2);
  });

  it("is refused with 401 without its identity source", async () => {
    expect((await echoing(api).send(anonymous("/"), 0)).status).toBe(401);
  });

  it("is not allowed by a resource with a slash behind the verb", async () => {
    const simulator = createSimulator(api, async () => allowing(`${API}/prod/*/*`));
    expect((await simulator.send(anonymous("/", { query: "token=x" }), 0)).status).toBe(403);
  });
});
