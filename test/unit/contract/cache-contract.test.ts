import { describe, expect, it } from "vitest";
import { checkContract } from "../../../authorizer/cache-guard.ts";
import { parseCacheContract } from "../../../contract/cache-contract.ts";
import type { CacheContract } from "../../../contract/manifest.ts";

const REST = ["token", "method", "path"];
const HTTP = ["token", "route", "method", "path"];

describe("CACHE_CONTRACT", () => {
  it.each<[string, object]>([
    ["for REST", { id: "sha256:1", rest: REST }],
    ["for HTTP", { id: "sha256:1", http: [...HTTP, "source_ip"] }],
    ["for none", { id: "sha256:1" }],
    ["with more in the key", { id: "sha256:1", rest: [...REST, "header.x-tenant", "query.page", "domain"] }],
    ["for answers that hold for a token", { id: "sha256:1", cache_scope: "token", rest: ["token"] }],
  ])("is taken %s", (_, value) => {
    const { cache_scope: cacheScope = "request", ...parts } = value as { readonly cache_scope?: "token" };
    const contract = { cacheScope, rest: undefined, http: undefined, tokenSource: undefined, ...parts };
    expect(parseCacheContract(JSON.stringify(value))).toEqual({ ok: true, value: contract });
  });

  it("may be missing", () => {
    expect(parseCacheContract(undefined)).toEqual({ ok: true, value: undefined });
  });

  it.each<[string, string, RegExp]>([
    ["no JSON", "{", /JSON object; rego-authorizer cache-contract prints it/],
    ["empty", "", /JSON object/],
    ["a list", "[]", /JSON object/],
    ["no id", "{}", /id must be/],
    ["other answers", '{"id":"1","cache_scope":"all"}', /cache_scope must be/],
    ["other keys", '{"id":"1","websocket":[]}', /has an unknown key; its keys are/],
    ["no list", '{"id":"1","rest":"token"}', /rest must be a list/],
    ["a source that is none", '{"id":"1","rest":["token","method","path","resourcePath"]}', /rest must be a list/],
    ["a token source that is no text", '{"id":"1","token_source":{}}', /token_source must be/],
    ["a header without a name", '{"id":"1","rest":["token","method","path","header."]}', /rest must be a list/],
    ["no token", '{"id":"1","rest":["method","path"]}', /rest must have token$/],
    ["no method and path", '{"id":"1","rest":["token"]}', /rest must have method, path$/],
    ["no token for answers of a token", '{"id":"1","cache_scope":"token","rest":[]}', /rest must have token$/],
    ["no route", '{"id":"1","http":["token","method","path"]}', /http must have route$/],
  ])("is refused: %s", (_, text, message) => {
    const parsed = parseCacheContract(text);
    expect(parsed.ok ? "" : parsed.error.join("\n")).toMatch(message);
  });
});

describe("a package is taken under the contract that was deployed", () => {
  const built = (id: string, dependencies: readonly string[], ofToken = false): CacheContract => ({
    id,
    key_dependencies: dependencies,
    required: [],
    routes: [],
    authorizers: {},
    ...(ofToken && { token_documents: { routes: {}, grants: {}, denials: {} } }),
  });
  const deployed = (
    rest: readonly string[] | undefined,
    http?: readonly string[],
    cacheScope: "request" | "token" = "request",
  ) => ({
    id: "deployed",
    cacheScope,
    rest,
    http,
    tokenSource: undefined,
  });

  it.each<[string, ReturnType<typeof deployed>, CacheContract]>([
    ["the same, whatever it needs", deployed(REST), built("deployed", ["never", "source_ip"])],
    ["the same, with answers of a token", deployed(["token"], undefined, "token"), built("deployed", ["never"], true)],
    ["another that needs nothing more", deployed(REST, HTTP), built("other", [])],
    ["another that needs what all keys have", deployed([...REST, "source_ip"]), built("other", ["source_ip"])],
    ["another, where nothing is kept", deployed(undefined), built("other", ["never", "source_ip"])],
    ["another built for answers of a token, that gives them by request", deployed(REST), built("other", [], true)],
  ])("%s", (_, contract, policy) => {
    expect(checkContract(contract, policy)).toEqual({ ok: true, value: undefined });
  });

  it.each<[string, ReturnType<typeof deployed>, CacheContract, RegExp]>([
    ["another that needs more", deployed(REST), built("other", ["source_ip"]), /needs source_ip in the cache key/],
    [
      "another that needs more on HTTP APIs",
      deployed(undefined, HTTP),
      built("other", ["header.x-tenant"]),
      /needs header.x-tenant/,
    ],
    [
      "another whose answers must not be kept",
      deployed([...REST, "source_ip"]),
      built("other", ["never", "source_ip"]),
      /must not be cached/,
    ],
    [
      "one without answers of a token",
      deployed(["token"], undefined, "token"),
      built("deployed", []),
      /for the per-token policy documents of another package/,
    ],
    [
      "one for other answers of a token",
      deployed(["token"], undefined, "token"),
      built("other", [], true),
      /for the per-token policy documents of another package/,
    ],
  ])("but not %s", (_, contract, policy, message) => {
    const checked = checkContract(contract, policy);
    expect(checked.ok ? "" : checked.error).toMatch(message);
  });
});
