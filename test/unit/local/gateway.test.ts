import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createGateway, type GatewayOptions } from "../../../local/gateway.ts";
import { createProxy, createSampleApi } from "../../../local/upstream.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";
import { createSimulator, type Outcome } from "../../../simulator/simulator.ts";
import { allowing, apiOf } from "../../support/simulated.ts";

interface Listening extends AsyncDisposable {
  readonly url: string;
}

async function listen(server: Server): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
    },
  };
}

/** Starts a gateway whose authorizer allows everything, and collects the events and reports. */
async function start(api: SimulatedApi, changes: Partial<GatewayOptions> = {}) {
  const notInvoked: Outcome[] = [];
  const ids: string[] = [];
  const simulator = createSimulator(api, async () => allowing("*"));
  const options: GatewayOptions = {
    simulator: () => simulator,
    upstream: createSampleApi(() => []),
    sourceIp: undefined,
    onRequest: (id) => ids.push(id),
    onNotInvoked: (id, outcome) => {
      if (ids.includes(id)) notInvoked.push(outcome);
    },
    ...changes,
  };
  return { gateway: await listen(createGateway(options)), notInvoked };
}

function call(url: string, headers: Readonly<Record<string, string>> = { authorization: "alice" }) {
  return fetch(url, { headers });
}

describe("the sample API", () => {
  it.each<[string, readonly string[], string | undefined, string | null]>([
    [
      "a page of an origin that may",
      ["https://a.example.com", "https://b.example.com"],
      "https://b.example.com",
      "https://b.example.com",
    ],
    ["a page of any origin, if all may", ["*"], "https://b.example.com", "*"],
    ["no page of another origin", ["https://a.example.com"], "https://b.example.com", null],
    ["no page, if no origin may", [], "https://b.example.com", null],
    ["no page, if the request names no origin", ["https://a.example.com"], undefined, null],
  ])("lets %s read its responses", async (_, origins, origin, expected) => {
    const { gateway } = await start(apiOf("rest"), { upstream: createSampleApi(() => origins) });
    await using _gateway = gateway;
    const response = await call(gateway.url, { authorization: "alice", ...(origin !== undefined && { origin }) });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, expected]);
  });
});

describe("the local gateway", () => {
  it("says in x-cache whether a response was cached, and reports those that were", async () => {
    const { gateway, notInvoked } = await start(apiOf("rest"));
    await using _ = gateway;
    const responses = [await call(`${gateway.url}/a`), await call(`${gateway.url}/b?c=d`)];
    expect(responses.map(({ status, headers }) => [status, headers.get("x-cache")])).toEqual([
      [200, "miss"],
      [200, "hit"],
    ]);
    expect(await responses[1]?.json()).toMatchObject({
      path: "/b?c=d",
      authorizer: { roles: "a", principalId: "me" },
    });
    expect(notInvoked.map(({ cache, arn }) => [cache, arn?.split("/").slice(1).join("/")])).toEqual([
      ["hit", "prod/GET/b"],
    ]);
  });

  it("sets no x-cache without a cache or an authorizer", async () => {
    const uncached = await start(apiOf("rest", { ttlS: 0 }));
    await using one = uncached.gateway;
    expect((await call(`${one.url}/a`)).headers.get("x-cache")).toBeNull();
    const cached = await start(apiOf("rest"));
    await using other = cached.gateway;
    const response = await call(`${other.url}/a`, {});
    expect([response.status, response.headers.get("x-cache"), await response.json()]).toEqual([
      401,
      null,
      { message: "Unauthorized" },
    ]);
    expect([uncached.notInvoked.length, cached.notInvoked.length]).toEqual([0, 1]);
  });

  it("replaces x-cache of the upstream", async () => {
    await using upstream = await listen(
      createServer((_, response) => response.setHeader("x-cache", "Hit from elsewhere").end("{}")),
    );
    const { gateway } = await start(apiOf("rest"), { upstream: createProxy(new URL(upstream.url)) });
    await using _ = gateway;
    expect((await call(`${gateway.url}/a`)).headers.get("x-cache")).toBe("miss");
    const uncached = await start(apiOf("rest", { ttlS: 0 }), { upstream: createProxy(new URL(upstream.url)) });
    await using other = uncached.gateway;
    expect((await call(`${other.url}/a`)).headers.get("x-cache")).toBe("Hit from elsewhere");
  });
});
