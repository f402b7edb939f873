import { describe, expect, it } from "vitest";
import { checkContract, isKeyOfRequest } from "../../../authorizer/cache-guard.ts";
import type { ApiKind } from "../../../contract/api-kinds.ts";
import { parseCacheContract } from "../../../contract/cache-contract.ts";
import type { CacheContract } from "../../../contract/manifest.ts";
import { KINDS } from "../../support/events.ts";

const REST = ["token", "method", "path"];
const HTTP = ["token", "route", "method", "path"];

describe("CACHE_CONTRACT", () => {
  it.each<[string, object]>([
    ["for REST", { id: "sha256:1", rest: REST }],
    ["for HTTP", { id: "sha256:1", http: [...HTTP, "source_ip"] }],
    ["without a cached API", { id: "sha256:1" }],
    ["with a larger key", { id: "sha256:1", rest: [...REST, "header.x-tenant", "query.page", "domain"] }],
    ["for per-token policy documents", { id: "sha256:1", cache_scope: "token", rest: ["token"] }],
  ])("is accepted %s", (_, value) => {
    const { cache_scope: cacheScope = "request", ...parts } = value as { readonly cache_scope?: "token" };
    const contract = { cacheScope, rest: undefined, http: undefined, tokenSources: undefined, ...parts };
    expect(parseCacheContract(JSON.stringify(value))).toEqual({ ok: true, value: contract });
  });

  it("may be missing", () => {
    expect(parseCacheContract(undefined)).toEqual({ ok: true, value: undefined });
  });

  it.each<[string, string, RegExp]>([
    ["invalid JSON", "{", /JSON object; rego-authorizer cache-contract prints it/],
    ["empty", "", /JSON object/],
    ["a list", "[]", /JSON object/],
    ["no id", "{}", /id must be/],
    ["other answers", '{"id":"1","cache_scope":"all"}', /cache_scope must be/],
    ["other keys", '{"id":"1","websocket":[]}', /has an unknown key; its keys are/],
    ["no list", '{"id":"1","rest":"token"}', /rest must be a list/],
    [
      "an unknown part of a request",
      '{"id":"1","rest":["token","method","path","resourcePath"]}',
      /rest must be a list/,
    ],
    ["a token source that is not a string", '{"id":"1","token_source":{}}', /token_source must be/],
    ["a header without a name", '{"id":"1","rest":["token","method","path","header."]}', /rest must be a list/],
    ["no token", '{"id":"1","rest":["method","path"]}', /rest must have token$/],
    ["no method and path", '{"id":"1","rest":["token"]}', /rest must have method, path$/],
    [
      "no token in the key of per-token policy documents",
      '{"id":"1","cache_scope":"token","rest":[]}',
      /rest must have token$/,
    ],
    ["no route", '{"id":"1","http":["token","method","path"]}', /http must have route$/],
  ])("is refused: %s", (_, text, message) => {
    const parsed = parseCacheContract(text);
    expect(parsed.ok ? "" : parsed.error.join("\n")).toMatch(message);
  });
});

describe("a package starts under the deployed cache contract", () => {
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
    tokenSources: undefined,
  });

  it.each<[string, ReturnType<typeof deployed>, CacheContract]>([
    ["if it was built for this contract", deployed(REST), built("deployed", ["never", "source_ip"])],
    [
      "if it was built for this contract, with per-token policy documents",
      deployed(["token"], undefined, "token"),
      built("deployed", ["never"], true),
    ],
    ["if it has no cache-key dependencies", deployed(REST, HTTP), built("other", [])],
    ["if all keys have its cache-key dependencies", deployed([...REST, "source_ip"]), built("other", ["source_ip"])],
    ["if nothing is cached", deployed(undefined), built("other", ["never", "source_ip"])],
    [
      "if it was built for this contract, with a longest TTL",
      deployed(REST),
      { ...built("deployed", []), max_ttl_s: 60 },
    ],
    ["if nothing is cached, with a longest TTL", deployed(undefined), { ...built("other", []), max_ttl_s: 60 }],
    [
      "if it was built for the cache scope token, and the deployment has the scope request",
      deployed(REST),
      built("other", [], true),
    ],
  ])("%s", (_, contract, policy) => {
    expect(checkContract(contract, policy)).toEqual({ ok: true, value: undefined });
  });

  it.each<[string, ReturnType<typeof deployed>, CacheContract, RegExp]>([
    ["another that needs more", deployed(REST), built("other", ["source_ip"]), /needs source_ip in the cache key/],
    [
      "if it needs a larger key on HTTP APIs",
      deployed(undefined, HTTP),
      built("other", ["header.x-tenant"]),
      /needs header.x-tenant/,
    ],
    [
      "if its responses must not be cached",
      deployed([...REST, "source_ip"]),
      built("other", ["never", "source_ip"]),
      /must not be cached/,
    ],
    [
      "if its responses must not be cached for as long",
      deployed(REST),
      { ...built("other", []), max_ttl_s: 60 },
      /must not be cached for more than 60 seconds/,
    ],
    [
      "if it has no per-token policy documents",
      deployed(["token"], undefined, "token"),
      built("deployed", []),
      /for the per-token policy documents of another package/,
    ],
    [
      "if it has other per-token policy documents",
      deployed(["token"], undefined, "token"),
      built("other", [], true),
      /for the per-token policy documents of another package/,
    ],
  ])("but not %s", (_, contract, policy, message) => {
    const checked = checkContract(contract, policy);
    expect(checked.ok ? "" : checked.error).toMatch(message);
  });

  it("but not if a trailing slash is the same, and HTTP APIs may cache what they must not", () => {
    const check = (contract: ReturnType<typeof deployed>, id: string) =>
      checkContract(contract, built(id, []), "same").ok;
    expect(check(deployed(undefined, HTTP), "other")).toBe(false);
    expect(check(deployed(undefined, HTTP), "deployed")).toBe(true);
    expect(check(deployed(REST), "other")).toBe(true);
    expect(checkContract(deployed(undefined, HTTP), built("other", []), "denied").ok).toBe(true);
  });

  it.each<[string, ReturnType<typeof deployed> | undefined, readonly ApiKind[]]>([
    ["not known, if the deployment says nothing", undefined, []],
    ["true, where nothing is cached", deployed(undefined), ["rest-request", "http-1", "http-2", "websocket"]],
    ["true, with method and path in the key", deployed(REST, HTTP), ["rest-request", "http-1", "http-2", "websocket"]],
    ["false, with the token alone as key", deployed(["token"], undefined, "token"), ["http-1", "http-2", "websocket"]],
  ])("that each response is for one method and path is %s", (_, contract, kinds) => {
    expect(KINDS.filter((kind) => isKeyOfRequest(contract, kind))).toEqual(kinds);
  });
});
