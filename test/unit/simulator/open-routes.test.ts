import { describe, expect, it } from "vitest";
import type { CorsConfiguration } from "../../../simulator/simulated-api.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { allowing, anonymous, apiOf, denying, echoing } from "../../support/simulated.ts";

const CORS: CorsConfiguration = {
  allowOrigins: ["https://app.example.com"],
  allowMethods: ["GET", "PUT"],
  allowHeaders: ["authorization"],
  exposeHeaders: ["x-page"],
  maxAgeS: 600,
  allowCredentials: true,
};

const ORIGIN = ["Origin", "https://app.example.com"] as const;
const ELSEWHERE = ["Origin", "https://elsewhere.example.com"] as const;
const TO_COME = ["Access-Control-Request-Method", "PUT"] as const;

function preflight(...headers: readonly (readonly [string, string])[]) {
  return anonymous("/orders", { method: "OPTIONS", headers });
}

describe("a route without an authorizer", () => {
  it.each(["rest", "http"] as const)(
    "lets every request to a %s API through, and no other route does",
    async (kind) => {
      const routes = [{ verb: "GET", path: "/health", authorizer: null }, ...apiOf(kind).routes];
      const simulator = echoing(apiOf(kind, {}, { routes }));
      const health = await simulator.send(anonymous("/health"), 0);
      expect([health.status, health.context, health.event]).toEqual([200, {}, undefined]);
      expect((await simulator.send(anonymous("/health", { method: "PUT" }), 0)).status).toBe(401);
      expect((await simulator.send(anonymous("/healthy"), 0)).status).toBe(401);
      expect(simulator.calls).toBe(0);
    },
  );

  it("answers by itself with a mock integration", async () => {
    const mock = { status: 204, headers: { "access-control-allow-origin": "*" } };
    const routes = [{ verb: "OPTIONS", path: "/orders", authorizer: null, mock }, ...apiOf("rest").routes];
    const { status, body, headers, context } = await echoing(apiOf("rest", {}, { routes })).send(preflight(), 0);
    expect([status, body, headers, context]).toEqual([204, undefined, mock.headers, undefined]);
  });

  it("can't have a mock integration on an HTTP API", () => {
    const mock = { status: 204, headers: {} };
    const routes = [{ verb: "OPTIONS", path: "/orders", authorizer: null, mock }];
    expect(() => echoing(apiOf("http", {}, { routes }))).toThrow("/orders: mock integrations are for REST APIs");
  });
});

describe("the CORS configuration of an HTTP API", () => {
  it("answers a preflight, and nothing else, before the authorizer", async () => {
    const simulator = echoing(apiOf("http", {}, { cors: CORS }));
    const { status, body, headers } = await simulator.send(preflight(ORIGIN, TO_COME), 0);
    expect([status, body, headers]).toEqual([
      204,
      undefined,
      {
        "access-control-allow-origin": "https://app.example.com",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "authorization",
        "access-control-max-age": "600",
      },
    ]);
    for (const headers of [[ORIGIN], [TO_COME], []])
      expect((await simulator.send(preflight(...headers), 0)).status).toBe(401);
    expect((await simulator.send({ ...preflight(ORIGIN, TO_COME), method: "PUT" }, 0)).status).toBe(401);
  });

  it.each<[string, readonly string[], string, string | undefined]>([
    ["the origin itself", ["https://app.example.com"], "https://app.example.com", "https://app.example.com"],
    ["every origin", ["*"], "https://app.example.com", "*"],
    ["every origin with https", ["https://*"], "https://app.example.com", "https://app.example.com"],
    ["no origin with http", ["https://*"], "http://app.example.com", undefined],
    ["no other origin", ["https://app.example.com"], "https://app.example.com.evil.example", undefined],
    ["no origin without a list", [], "https://app.example.com", undefined],
  ])("allows %s", async (_, allowOrigins, origin, allowed) => {
    const simulator = echoing(apiOf("http", {}, { cors: { ...CORS, allowOrigins } }));
    const { status, headers } = await simulator.send(preflight(["origin", origin], TO_COME), 0);
    expect([status, headers["access-control-allow-origin"]]).toEqual([204, allowed]);
  });

  it("adds headers to responses of the integration, and to no refusal", async () => {
    const request = { ...anonymous("/orders"), headers: [ORIGIN, ["Authorization", "alice"] as const] };
    const allowed = await createSimulator(apiOf("http", {}, { cors: CORS }), async () => allowing("*")).send(
      request,
      0,
    );
    expect(allowed.headers).toEqual({
      "access-control-allow-origin": "https://app.example.com",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "x-page",
    });
    const denied = await createSimulator(apiOf("http", {}, { cors: CORS }), async () => denying("*")).send(request, 0);
    expect([denied.status, denied.headers]).toEqual([403, {}]);
    const other = await echoing(apiOf("http", {}, { cors: CORS })).send(
      { ...request, headers: [ELSEWHERE, ["Authorization", "alice"]] },
      0,
    );
    expect([other.status, other.headers]).toEqual([200, {}]);
  });

  it("is for HTTP APIs only", () => {
    expect(() => echoing(apiOf("rest", {}, { cors: CORS }))).toThrow("a CORS configuration is for HTTP APIs");
  });
});
