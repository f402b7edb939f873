import { describe, expect, it } from "vitest";
import { toCacheContract } from "../../../../analysis/cache/contract.ts";
import { toCacheContractVariable, toSettings } from "../../../../analysis/cache/settings.ts";
import type { CacheKeyDependency } from "../../../../build/policy/key-dependencies.ts";
import type { TrailingSlash } from "../../../../contract/manifest.ts";
import type { PolicyIndex } from "../../../../contract/policy-index.ts";
import type { Route } from "../../../../contract/route.ts";

const POSITIONS = { api: [], params: {}, tail: {} };
const ALL = { roles: ["user"], where: {}, ...POSITIONS };
const NO_ROLES = { groups: {}, scopes: {}, kinds: {}, claims: {}, issuers: {} };

/** Conditions by their input references; `where` is the field's part in a cache key, if it can be one. */
const DEPENDENCIES: ReadonlyMap<string, readonly CacheKeyDependency[]> = new Map([
  ["office", [{ read: "request.source_ip", condition: "office", sources: ["source_ip"] }]],
  ["recent", [{ read: "now_s", condition: "recent", sources: undefined }]],
  ["soon", [{ read: "now_s", condition: "soon", sources: [], lateByS: 60 }]],
  ["later", [{ read: "calendar.UTC.hour", condition: "later", sources: [], lateByS: 600 }]],
  ["own", [{ read: "params.id", condition: "own", sources: [] }]],
  ["tenant", [{ read: "request.headers.x-tenant", condition: "tenant", sources: ["header.x-tenant"] }]],
  ["senior", []],
]);

function contractOf(
  grants: Readonly<Record<string, { verbs: string[]; path: string; when?: string[] }>>,
  denials: Readonly<Record<string, { verbs: string[]; path: string; unless?: string[] }>> = {},
  routes?: readonly Route[],
  trailingSlash?: TrailingSlash,
) {
  const index: PolicyIndex = {
    grants: Object.fromEntries(
      Object.entries(grants).map(([name, { when = [], ...rule }]) => [name, { ...ALL, ...rule, when }]),
    ),
    denials: Object.fromEntries(
      Object.entries(denials).map(([name, { unless = [], ...rule }]) => [
        name,
        { roles: [], ...POSITIONS, ...rule, unless },
      ]),
    ),
    roles: NO_ROLES,
  };
  const contract = toCacheContract(index, DEPENDENCIES, routes, "request", trailingSlash);
  if (!contract.ok) throw new Error(contract.error.join("\n"));
  return contract.value;
}

/** Formats the class of each route, and the reasons for it. */
function classesOf(...args: Parameters<typeof contractOf>) {
  return contractOf(...args).routes.map(({ verb, path, class: of, because }) =>
    [verb, path, of, ...because.map(({ read, conditions }) => `${read}:${conditions}`)].join(" "),
  );
}

describe("the class of a route", () => {
  it.each<[string, readonly string[], string]>([
    ["token, where rules have no condition", [], "token"],
    ["token, where conditions read only the principal", ["senior"], "token"],
    ["request, where one reads a field that can be in a key", ["office"], "request request.source_ip:office"],
    ["request, where one reads a parameter of the path", ["own"], "request params.id:own"],
    ["request, where one reads a required header", ["tenant"], "request request.headers.x-tenant:tenant"],
    ["never, where one reads the time", ["recent"], "never now_s:recent"],
    ["request, where one reads the time and may notice it late", ["soon"], "request now_s:soon"],
    ["never, where another one reads the time at once", ["recent", "soon"], "never now_s:recent,soon"],
    [
      "never, where one reads the time and another field",
      ["office", "recent"],
      "never now_s:recent request.source_ip:office",
    ],
  ])("is %s", (_, when, found) => {
    expect(classesOf({ "a.b": { verbs: ["GET"], path: "/a/{id}", when: [...when] } })).toEqual([
      `GET /a/{id} ${found}`,
    ]);
  });

  it("is never for a WebSocket API, which caches nothing", () => {
    expect(classesOf({ "a.b": { verbs: ["CONNECT"], path: "/" } })).toEqual([
      "CONNECT / never a WebSocket's $connect:",
    ]);
  });

  it("follows the most demanding rule that shares a path with it", () => {
    const rules = {
      "a.any": { verbs: ["ANY"], path: "/a/{p+}" },
      "a.one": { verbs: ["PUT"], path: "/a/{id}/x", when: ["recent"] },
    };
    const denials = { "a.no": { verbs: ["DELETE"], path: "/a/b", unless: ["office"] } };
    const routes = [
      { verb: "GET", path: "/a/{p+}" },
      { verb: "PUT", path: "/a/{p+}" },
      { verb: "PUT", path: "/a/{id}" },
      { verb: "DELETE", path: "/a/{id}" },
      { verb: "DELETE", path: "/a/c" },
      { verb: "ANY", path: "/a/b" },
      { verb: "ANY", path: "/b/{p+}" },
    ];
    expect(classesOf(rules, denials, routes)).toEqual([
      "GET /a/{p+} token",
      "PUT /a/{p+} never now_s:recent",
      "PUT /a/{id} token",
      "DELETE /a/{id} request request.source_ip:office",
      "DELETE /a/c token",
      "ANY /a/b request request.source_ip:office",
      "ANY /b/{p+} token",
    ]);
  });

  it("is found for the paths that the policy names, where no routes are given", () => {
    const rules = {
      "a.get": { verbs: ["GET", "PUT"], path: "/a" },
      "a.any": { verbs: ["ANY"], path: "/b" },
      "a.put": { verbs: ["PUT"], path: "/b" },
    };
    expect(classesOf(rules, { "a.no": { verbs: ["PUT"], path: "/c" } })).toEqual([
      "GET /a token",
      "PUT /a token",
      "ANY /b token",
      "PUT /c token",
    ]);
  });
});

describe("authorizers", () => {
  it("are one for each class, with the key that its routes need and the conditions that need it", () => {
    const { authorizers, key_dependencies, required } = contractOf({
      "a.a": { verbs: ["GET"], path: "/a" },
      "a.b": { verbs: ["GET"], path: "/b", when: ["office"] },
      "a.c": { verbs: ["GET"], path: "/c/{id}", when: ["own"] },
      "a.d": { verbs: ["GET"], path: "/d", when: ["recent"] },
    });
    const http = ["token", "route", "method", "path"];
    expect(authorizers).toEqual({
      never: { class: "never", rest: ["token"], http, because: {} },
      request: {
        class: "request",
        rest: ["token", "method", "path", "source_ip"],
        http: [...http, "source_ip"],
        because: { source_ip: ["office"] },
      },
      token: { class: "token", rest: ["token", "method", "path"], http, because: {} },
    });
    expect({ key_dependencies, required }).toEqual({ key_dependencies: ["never", "source_ip"], required: [] });
  });

  it("are separate for a parameter before a greedy one, and cache nothing on HTTP APIs", () => {
    const contract = contractOf({
      "a.a": { verbs: ["GET"], path: "/a/{x}/{p+}" },
      "a.b": { verbs: ["GET"], path: "/b/{x}" },
      "a.c": { verbs: ["GET"], path: "/c/{x}/d/{p+}", when: ["office"] },
    });
    expect(contract.routes.map(({ path, authorizer }) => [path, authorizer])).toEqual([
      ["/a/{x}/{p+}", "token-rest-only"],
      ["/b/{x}", "token"],
      ["/c/{x}/d/{p+}", "request-rest-only"],
    ]);
    const ttls = (api: "rest" | "http") =>
      toSettings(contract, api, 60, undefined).map(({ name, ttlS }) => [name, ttlS]);
    expect(ttls("rest")).toEqual([
      ["request-rest-only", 60],
      ["token", 60],
      ["token-rest-only", 60],
    ]);
    expect(ttls("http")).toEqual([
      ["request-rest-only", 0],
      ["token", 60],
      ["token-rest-only", 0],
    ]);
  });

  it("are separate for a parameter at the end, where a trailing slash is the same", () => {
    const grants = {
      "a.a": { verbs: ["GET"], path: "/a/{x}" },
      "a.b": { verbs: ["GET"], path: "/b/{x}/c" },
      "a.c": { verbs: ["GET"], path: "/c/{p+}" },
      "a.d": { verbs: ["GET"], path: "/" },
    };
    const same = contractOf(grants, {}, undefined, "same");
    expect(same.routes.map(({ path, authorizer }) => [path, authorizer])).toEqual([
      ["/", "token"],
      ["/a/{x}", "token-rest-only"],
      ["/b/{x}/c", "token"],
      ["/c/{p+}", "token"],
    ]);
    expect(toSettings(same, "http", 60).map(({ ttlS }) => ttlS)).toEqual([60, 0]);
    expect(toSettings(same, "rest", 60).map(({ ttlS }) => ttlS)).toEqual([60, 60]);
    expect(same.id).not.toBe(contractOf(grants).id);
    expect(contractOf(grants, {}, undefined, "denied")).toEqual(contractOf(grants));
  });

  it("cache nothing if no cache key can hold the token", () => {
    const contract = contractOf({ "a.b": { verbs: ["GET"], path: "/b", when: ["tenant"] } });
    const cookie = [{ from: "cookie", name: "session" }] as const;
    expect(toSettings(contract, "rest", 60).map(({ ttlS }) => ttlS)).toEqual([60]);
    expect(toSettings(contract, "rest", 60, cookie)).toEqual([
      { name: "request-header.x-tenant", ttlS: 0, identitySources: ["method.request.header.Cookie"] },
    ]);
    expect(toSettings(contract, "http", 60, [...cookie, { from: "query", name: "t" }])).toEqual([
      { name: "request-header.x-tenant", ttlS: 0, identitySources: [] },
    ]);
    expect(JSON.parse(toCacheContractVariable(contract, ["rest", "http"], cookie))).toEqual({
      id: contract.id,
      token_source: "cookie:session",
    });
  });

  it("are separate for a header in the key, since every request to them must have it", () => {
    const contract = contractOf({
      "a.b": { verbs: ["GET"], path: "/b", when: ["office"] },
      "a.c": { verbs: ["GET"], path: "/c", when: ["office", "tenant"] },
    });
    expect(contract.routes.map(({ path, authorizer }) => [path, authorizer])).toEqual([
      ["/b", "request"],
      ["/c", "request-header.x-tenant"],
    ]);
    expect(contract.authorizers["request"]?.rest).toEqual(["token", "method", "path", "source_ip"]);
    expect(contract.authorizers["request-header.x-tenant"]?.rest).toEqual([
      "token",
      "method",
      "path",
      "header.x-tenant",
      "source_ip",
    ]);
    expect(contract.required).toEqual(["header.x-tenant"]);
  });
});

describe("the longest TTL", () => {
  const contract = contractOf({
    "a.a": { verbs: ["GET"], path: "/a", when: ["soon", "later"] },
    "a.b": { verbs: ["GET"], path: "/b/{id}", when: ["later", "office"] },
    "a.c": { verbs: ["GET"], path: "/b/{id}/c", when: ["office"] },
    "a.d": { verbs: ["GET"], path: "/d", when: ["recent", "later"] },
  });

  it("is the lowest that a condition of a route allows, and routes share an authorizer only with the same", () => {
    expect(contract.routes.map(({ path, authorizer }) => [path, authorizer])).toEqual([
      ["/a", "request-60s"],
      ["/b/{id}", "request-600s"],
      ["/b/{id}/c", "request"],
      ["/d", "never"],
    ]);
    const limits = Object.entries(contract.authorizers).map(([name, authorizer]) => [name, authorizer.max_ttl_s]);
    expect(limits).toEqual([
      ["never", undefined],
      ["request", undefined],
      ["request-600s", 600],
      ["request-60s", 60],
    ]);
    expect(contract.max_ttl_s).toBe(60);
  });

  it("limits the TTL of the settings", () => {
    const ttls = (ttlS: number) => toSettings(contract, "rest", ttlS, undefined).map((settings) => settings.ttlS);
    expect([ttls(30), ttls(300), ttls(3600)]).toEqual([
      [0, 30, 30, 30],
      [0, 300, 300, 60],
      [0, 3600, 600, 60],
    ]);
  });
});

describe("the id of a contract", () => {
  const rules = {
    "a.b": { verbs: ["GET"], path: "/b/{id}", when: ["office"] },
    "a.c": { verbs: ["GET"], path: "/c" },
  };
  const { id } = contractOf(rules);

  it.each<[string, Parameters<typeof contractOf>[0]]>([
    ["a rule without conditions", { ...rules, "a.d": { verbs: ["GET"], path: "/d" } }],
    ["a name", { "a.x": rules["a.b"], "a.c": rules["a.c"] }],
    ["another name of a parameter", { ...rules, "a.b": { verbs: ["GET"], path: "/b/{x}", when: ["office"] } }],
  ])("stays the same with %s", (_, others) => {
    expect(contractOf(others).id).toBe(id);
  });

  it.each<[string, Parameters<typeof contractOf>[0]]>([
    ["a rule with a condition", { ...rules, "a.d": { verbs: ["GET"], path: "/d", when: ["office"] } }],
    ["another path", { ...rules, "a.b": { verbs: ["GET"], path: "/b/{id+}", when: ["office"] } }],
    ["another verb", { ...rules, "a.b": { verbs: ["PUT"], path: "/b/{id}", when: ["office"] } }],
    ["another cache-key dependency", { ...rules, "a.b": { verbs: ["GET"], path: "/b/{id}", when: ["own"] } }],
  ])("changes with %s", (_, others) => {
    expect(contractOf(others).id).not.toBe(id);
  });

  it("changes with a longest TTL", () => {
    const ids = ["soon", "later", "own"].map(
      (name) => contractOf({ "a.b": { verbs: ["GET"], path: "/b/{id}", when: [name] } }).id,
    );
    expect(new Set(ids).size).toBe(3);
  });
});

it("CACHE_CONTRACT has the parts that all keys have", () => {
  const contract = contractOf({
    "a.a": { verbs: ["GET"], path: "/a" },
    "a.b": { verbs: ["GET"], path: "/b", when: ["office"] },
    "a.d": { verbs: ["GET"], path: "/d", when: ["recent"] },
  });
  expect(JSON.parse(toCacheContractVariable(contract, ["rest", "http"], undefined))).toEqual({
    id: contract.id,
    rest: ["token", "method", "path"],
    http: ["token", "route", "method", "path"],
  });
  expect(
    JSON.parse(
      toCacheContractVariable(
        contractOf({ "a.d": { verbs: ["GET"], path: "/d", when: ["recent"] } }),
        ["rest"],
        undefined,
      ),
    ),
  ).toEqual({ id: expect.any(String) });
});
