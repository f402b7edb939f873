import { describe, expect, it } from "vitest";
import type { CacheContract } from "../../../contract/manifest.ts";
import { DEFAULT_TOKEN_SOURCES } from "../../../contract/token-source.ts";
import { toApi, toCachedApi } from "../../../local/api.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { allowing, anonymous, brief, echoing, requestOf } from "../../support/simulated.ts";

describe.each(["rest", "http"] as const)("without a cache every request to a %s API", (kind) => {
  it.each(["/", "/orders", "/a/b/", "//a"])("reaches the authorizer each time (%s)", async (path) => {
    const simulator = echoing(toApi(kind));
    expect(brief(await simulator.send(requestOf(path), 0))).toEqual([200, undefined]);
    expect(brief(await simulator.send(requestOf(path), 0))).toEqual([200, undefined]);
    expect(simulator.calls).toBe(2);
  });

  it("reaches it without a token too, and gets its response", async () => {
    const simulator = createSimulator(toApi(kind), async () => ({ error: "Unauthorized" }));
    expect((await simulator.send(anonymous("/orders"), 0)).status).toBe(kind === "rest" ? 401 : 500);
    expect(simulator.calls).toBe(1);
  });
});

describe.each(["rest", "http"] as const)("with a cache contract, on a %s API", (kind) => {
  const route = { because: [] };
  const contract: CacheContract = {
    id: "sha256:0",
    key_dependencies: [],
    required: [],
    routes: [
      { ...route, verb: "GET", path: "/orders/{id}", class: "token", authorizer: "token" },
      { ...route, verb: "PUT", path: "/orders/{id}", class: "never", authorizer: "never" },
      { ...route, verb: "CONNECT", path: "/", class: "never", authorizer: "never" },
    ],
    authorizers: {
      token: { class: "token", rest: ["token"], http: ["token"], because: {} },
      never: { class: "never", rest: ["token"], http: ["token"], because: {} },
    },
  };

  it.each([
    ["is cached where the contract allows it", "GET", "/orders/7", "hit"],
    ["is not cached where the contract forbids it", "PUT", "/orders/7", undefined],
    ["is not cached for another verb", "POST", "/orders/7", undefined],
    ["is not cached for another path", "GET", "/orders", undefined],
  ])("a response %s", async (_, method, path, cache) => {
    const simulator = createSimulator(toCachedApi(kind, contract, 60, DEFAULT_TOKEN_SOURCES), async () =>
      allowing("*"),
    );
    const request = requestOf(path, "alice", { method });
    await simulator.send(request, 0);
    expect(brief(await simulator.send(request, 59_999))).toEqual([200, cache]);
    expect((await simulator.send(request, 60_000)).cache).not.toBe("hit");
  });

  it("a catch-all route of the contract replaces the default one", async () => {
    const path = kind === "rest" ? "/{proxy+}" : "$default";
    const wide = {
      ...contract,
      routes: [{ ...route, verb: "ANY", path, class: "token" as const, authorizer: "token" }],
    };
    const simulator = createSimulator(toCachedApi(kind, wide, 60, DEFAULT_TOKEN_SOURCES), async () => allowing("*"));
    expect((await simulator.send(requestOf("/any"), 0)).cache).toBe("miss");
  });
});

it("nothing is cached if no cache key can hold the token, and no identity source is needed", async () => {
  const contract = {
    id: "sha256:0",
    key_dependencies: [],
    required: [],
    routes: [{ verb: "GET", path: "/orders", class: "token" as const, authorizer: "token", because: [] }],
    authorizers: { token: { class: "token" as const, rest: ["token"], http: ["token"], because: {} } },
  };
  const several = [...DEFAULT_TOKEN_SOURCES, { from: "cookie", name: "session" }] as const;
  for (const kind of ["rest", "http"] as const) {
    const simulator = createSimulator(toCachedApi(kind, contract, 60, several), async () => allowing("*"));
    const request = requestOf("/orders", undefined, { headers: [["cookie", "session=alice"]] });
    await simulator.send(request, 0);
    expect(brief(await simulator.send(request, 1))).toEqual([200, undefined]);
  }
});
