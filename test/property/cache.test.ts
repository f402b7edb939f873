import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DENY_LIST } from "../../authorizer/gateway/token-document.ts";
import type { SimulatedApi, SimulatedAuthorizer } from "../../simulator/simulated-api.ts";
import { CACHE_CONDITIONS, type CacheCase, cacheCase, type Sent, sequenceFor } from "../support/cache-arbitraries.ts";
import { replay, type Sender, START_MS } from "../support/cache-law.ts";
import { type Builder, createBuilder, type Setup, type World } from "../support/cache-world.ts";
import { ALLOWS_ALL, resourcePolicyFor } from "../support/resource-policies.ts";
import { arnOf } from "../support/simulated.ts";
import { createTestIssuer } from "../support/tokens.ts";

const POLICIES = 12;
const SEQUENCES = 25;

const SETUPS: Readonly<Record<string, Setup>> = {
  "REST, REQUEST authorizers, per-request policy documents": {
    kind: "rest-request",
    cacheScope: "request",
    response: "iam",
    ttlS: 300,
  },
  "REST, REQUEST authorizers, per-token policy documents": {
    kind: "rest-request",
    cacheScope: "token",
    response: "iam",
    ttlS: 60,
  },
  "REST, a TOKEN authorizer, per-token policy documents": {
    kind: "rest-token",
    cacheScope: "token",
    response: "iam",
    ttlS: 300,
  },
  "REST, a TOKEN authorizer without a cache": { kind: "rest-token", cacheScope: "request", response: "iam", ttlS: 300 },
  "HTTP, payload 2.0": { kind: "http-2", cacheScope: "request", response: "iam", ttlS: 300 },
  "HTTP, payload 1.0": { kind: "http-1", cacheScope: "request", response: "iam", ttlS: 60 },
  "REST, where a trailing slash is the same": {
    kind: "rest-request",
    cacheScope: "request",
    response: "iam",
    ttlS: 300,
    trailingSlash: "same",
  },
  "REST, per-token policy documents, where a trailing slash is the same": {
    kind: "rest-request",
    cacheScope: "token",
    response: "iam",
    ttlS: 60,
    trailingSlash: "same",
  },
  "HTTP, payload 2.0, where a trailing slash is the same": {
    kind: "http-2",
    cacheScope: "request",
    response: "iam",
    ttlS: 300,
    trailingSlash: "same",
  },
  "HTTP, simple responses, which are never cached": {
    kind: "http-2",
    cacheScope: "request",
    response: "simple",
    ttlS: 300,
  },
};

const issuer = createTestIssuer();
let builder: Builder;
let senders: readonly Sender[];

beforeAll(async () => {
  builder = await createBuilder(issuer);
  const issuedS = START_MS / 1000;
  const times = { iat: issuedS, exp: issuedS + 500_000, auth_time: issuedS };
  const claims = [
    { sub: "u1", "cognito:groups": ["G1"], level: 3 },
    { sub: "1", "cognito:groups": ["G2"] },
    { sub: "items", "cognito:groups": ["G1", "G3"], level: 1, auth_time: issuedS - 3550 },
    { sub: "a", level: 4 },
    { sub: "a b", "cognito:groups": ["G1", "G2"] },
    { sub: "$", "cognito:groups": ["G3"], level: 3 },
  ];
  senders = await Promise.all(
    claims.map(async (changes) => ({
      token: await issuer.sign({ ...times, ...changes }),
      claims: { ...times, ...changes },
    })),
  );
  senders = [...senders, { token: "no.good.token", claims: undefined }];
}, 60_000);
afterAll(() => builder[Symbol.asyncDispose]());

/** Generates policies with the sequences to send to each. Some are decided by the token alone. */
function draw(policies: number, sequences: number, seed: number) {
  const names = Object.keys(CACHE_CONDITIONS);
  const some = fc.oneof(
    cacheCase(names),
    cacheCase(["senior"]),
    cacheCase(["senior", "soon", "office", "own", "blue", "first"]),
  );
  const both = some.chain((given) =>
    fc.tuple(
      fc.constant(given),
      fc.array(sequenceFor(given, senders.length), { minLength: sequences, maxLength: sequences }),
    ),
  );
  return fc.sample(both, { numRuns: policies, seed });
}

describe("with the cache each request gets the same status and context as without it", () => {
  it.each(Object.entries(SETUPS))("%s", { timeout: 120_000 }, async (name, setup) => {
    const drawn = draw(setup.cacheScope === "token" ? POLICIES * 4 : POLICIES, SEQUENCES, 5);
    const indexes = await builder.toIndexes(drawn.map(([given]) => given));
    const counts = { policies: 0, sequences: 0, requests: 0, hits: 0, calls: 0, allowed: 0, denied: 0 };
    for (const [at, [given, sequences]] of drawn.entries()) {
      const index = indexes[at];
      const world = index && (await builder.createWorld(given, index, setup));
      if (world === undefined) continue;
      counts.policies += 1;
      // Every other policy of a REST API stands beside a resource policy, which may deny and must not open anything.
      const isBeside = setup.kind.startsWith("rest") && at % 2 === 0;
      const [beside] = isBeside ? fc.sample(resourcePolicyFor(given), { numRuns: 1, seed: at }) : [];
      const api = { ...world.api, resourcePolicy: beside?.document };
      for (const sequence of sequences) {
        const { violations, outcomes, calls } = await replay(given, world, setup, senders, sequence, { api });
        expect({ given, beside, violations: violations.slice(0, 1) }).toEqual({ given, beside, violations: [] });
        expect(outcomes.filter(({ arn = "", status }) => status === 200 && beside?.denies(arn))).toEqual([]);
        counts.denied += outcomes.filter(({ arn, status }) => status === 403 && arn === undefined).length;
        counts.sequences += 1;
        counts.requests += outcomes.length;
        counts.calls += calls;
        counts.hits += outcomes.filter(({ cache }) => cache === "hit").length;
        counts.allowed += outcomes.filter(({ status }) => status === 200).length;
      }
    }
    console.log(name, JSON.stringify(counts));
    const isCached = setup.response === "iam" && (setup.kind !== "rest-token" || setup.cacheScope === "token");
    expect(counts.policies).toBeGreaterThan(5);
    expect(counts.allowed).toBeGreaterThan(50);
    if (isCached) expect(counts.hits).toBeGreaterThan(100);
    else expect(counts.hits).toBe(0);
  });
});

/** A policy that depends on every part of a cache key, and its API. */
const TELLING: CacheCase = {
  policy: {
    roles: { r1: { groups: ["G1"] }, r2: { groups: ["G2"] } },
    grants: {
      "area.read": { roles: ["r1"], verbs: ["GET"], path: "/items/{p1}" },
      "area.write": { roles: ["r2"], verbs: ["PUT"], path: "/items/{p1}" },
      "area.office": { roles: ["r1"], verbs: ["GET"], path: "/office", when: ["office"] },
      "area.tenant": { roles: ["r1"], verbs: ["GET"], path: "/tenant", when: ["blue"] },
      "area.page": { roles: ["r1"], verbs: ["GET"], path: "/page", when: ["first"] },
      "area.recent": { roles: ["r1"], verbs: ["GET"], path: "/recent", when: ["recent"] },
      "area.soon": { roles: ["r1"], verbs: ["GET"], path: "/soon", when: ["soon"] },
      "area.phone": { roles: ["r1"], verbs: ["GET"], path: "/phone", when: ["by_phone"] },
      "area.rest": { roles: ["r2"], verbs: ["GET", "DELETE"], path: "/v1/{p1+}" },
      "area.remove": { roles: ["r1"], verbs: ["DELETE"], path: "/items/{p1}" },
    },
    denials: {},
  },
  routes: [
    { verb: "GET", path: "/items/{p1}" },
    { verb: "PUT", path: "/items/{p1}" },
    { verb: "DELETE", path: "/{p0+}" },
    ...["office", "tenant", "page", "recent", "soon", "phone"].map((name) => ({ verb: "GET", path: `/${name}` })),
    { verb: "GET", path: "/v1/{p1+}" },
    { verb: "PUT", path: "/v1/{p1+}" },
  ],
};

/** Requests to that API that differ in one part or another. */
const telling: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constantFrom("GET", "GET", "PUT", "DELETE"),
    path: fc.constantFrom(
      "/items/1",
      "/items/1",
      "/items/2",
      "/office",
      "/tenant",
      "/page",
      "/recent",
      "/soon",
      "/soon",
      "/phone",
    ),
    place: fc.constantFrom(undefined, "api.example.com", "other.example.com"),
    page: fc.constantFrom("1", "2"),
    tenant: fc.constantFrom("blue", "red"),
    device: fc.constantFrom("phone", "desk"),
    sourceIp: fc.constantFrom("203.0.113.7", "198.51.100.1"),
    sender: fc.constantFrom(0, 1),
    afterS: fc.constantFrom(0, 0, 0, 20, 100),
  })
  .map(({ method, path, place, page, tenant, device, sourceIp, sender, afterS }) => ({
    request: {
      method,
      path: place === undefined ? path : `/v1${path}`,
      query: `page=${page}`,
      sourceIp,
      ...(place !== undefined && { domainName: place }),
    },
    headers: [
      ["x-tenant", tenant],
      ["x-device", device],
    ],
    sender,
    afterS,
  }));

const tellingSequences = fc.sample(fc.array(telling, { minLength: 50, maxLength: 50 }), { numRuns: 120, seed: 7 });

/** Counts the sequences until a violation is found; undefined if none is found. */
async function sequencesUntilSeen(
  given: CacheCase,
  setup: Setup,
  sequences: readonly (readonly Sent[])[],
  change: (world: World) => { readonly api?: SimulatedApi; readonly invoke?: World["invoke"] },
): Promise<number | undefined> {
  const [index] = await builder.toIndexes([given]);
  const world = index && (await builder.createWorld(given, index, setup));
  if (world === undefined) throw new Error("not possible");
  for (const [at, sequence] of sequences.entries()) {
    const { violations } = await replay(given, world, setup, senders, sequence, change(world));
    if (violations.length > 0) return at + 1;
  }
  return undefined;
}

function changeAuthorizers(
  api: SimulatedApi,
  change: (authorizer: SimulatedAuthorizer, name: string) => SimulatedAuthorizer,
) {
  const authorizers = Object.entries(api.authorizers).map(([name, authorizer]) => [name, change(authorizer, name)]);
  return { api: { ...api, authorizers: Object.fromEntries(authorizers) } };
}

const without = (source: string) => (world: World) =>
  changeAuthorizers(world.api, (authorizer) => ({
    ...authorizer,
    identitySources: authorizer.identitySources.filter((other) => other.toLowerCase() !== source.toLowerCase()),
  }));

describe("without one part of the contract a wrong outcome is found", () => {
  const rest = SETUPS["REST, REQUEST authorizers, per-request policy documents"] as Setup;
  const http = SETUPS["HTTP, payload 2.0"] as Setup;

  it("and none with the whole contract", async () => {
    expect(await sequencesUntilSeen(TELLING, rest, tellingSequences, () => ({}))).toBeUndefined();
    expect(await sequencesUntilSeen(TELLING, http, tellingSequences, () => ({}))).toBeUndefined();
  }, 60_000);

  it.each([
    "method.request.header.Authorization",
    "context.httpMethod",
    "context.path",
    "context.domainName",
    "context.identity.sourceIp",
    "method.request.header.x-tenant",
    "method.request.querystring.page",
  ])("on REST APIs: %s", async (source) => {
    expect(await sequencesUntilSeen(TELLING, rest, tellingSequences, without(source))).toBeGreaterThan(0);
  });

  it.each([
    "$context.domainName",
    "$context.identity.sourceIp",
    "$request.header.x-tenant",
    "$request.querystring.page",
  ])("on HTTP APIs: %s", async (source) => {
    expect(await sequencesUntilSeen(TELLING, http, tellingSequences, without(source))).toBeGreaterThan(0);
  });

  it.each(["$request.header.Authorization", "$context.routeKey", "$context.httpMethod", "$context.path"])(
    "on HTTP APIs by the handler itself, which then returns only faults: %s",
    async (source) => {
      const [index] = await builder.toIndexes([TELLING]);
      const world = index && (await builder.createWorld(TELLING, index, http));
      const sequence = tellingSequences[0] ?? [];
      if (world === undefined) throw new Error("not possible");
      const asItIs = await replay(TELLING, world, http, senders, sequence);
      const { outcomes } = await replay(TELLING, world, http, senders, sequence, without(source)(world));
      const statuses = (list: typeof outcomes) =>
        new Set(list.filter(({ event }) => event !== undefined).map(({ status }) => status));
      expect([...statuses(asItIs.outcomes)].sort()).toEqual([200, 403]);
      expect([...statuses(outcomes)]).toEqual([500]);
    },
  );

  it.each(["rest", "http"])("on %s APIs: the longest TTL of routes that depend on the time", async (kind) => {
    const setup = kind === "rest" ? rest : http;
    const ttls = new Map<string, number>();
    const keepLonger = (world: World) =>
      changeAuthorizers(world.api, (authorizer, name) => {
        ttls.set(name, authorizer.ttlS);
        return name === "request-60s" ? { ...authorizer, ttlS: 300 } : authorizer;
      });
    expect(await sequencesUntilSeen(TELLING, setup, tellingSequences, keepLonger)).toBeGreaterThan(0);
    expect([ttls.get("request-60s"), ttls.get("request")]).toEqual([60, 300]);
  });

  it.each(["rest", "http"])("on %s APIs: the routes without a cache", async (kind) => {
    const setup = kind === "rest" ? rest : http;
    const keepAll = (world: World) => changeAuthorizers(world.api, (authorizer) => ({ ...authorizer, ttlS: 300 }));
    expect(await sequencesUntilSeen(TELLING, setup, tellingSequences, keepAll)).toBeGreaterThan(0);
  });
});

describe("under the token alone, beside a resource policy that allows everything", () => {
  const rest = SETUPS["REST, REQUEST authorizers, per-request policy documents"] as Setup;
  const underToken = (world: World) => {
    const { api } = changeAuthorizers(world.api, (authorizer) => ({
      ...authorizer,
      identitySources: ["method.request.header.Authorization"],
      ttlS: 300,
    }));
    return { ...api, resourcePolicy: ALLOWS_ALL.document };
  };

  /** Counts the requests that pass, and those among them that the policy would deny. */
  async function passing(toInvoke: (invoke: World["invoke"]) => World["invoke"]) {
    const [index] = await builder.toIndexes([TELLING]);
    const world = index && (await builder.createWorld(TELLING, index, rest));
    if (world === undefined) throw new Error("not possible");
    const changed = { api: underToken(world), invoke: toInvoke(world.invoke) };
    const counts = { hits: 0, allowed: 0, wronglyAllowed: 0 };
    for (const whole of tellingSequences.slice(0, 80)) {
      // Routes without conditions: those with conditions need other parts of the key, too, whatever a document says.
      const sequence = whole.filter(({ request: { path } }) => path.includes("/items/"));
      const { violations, outcomes } = await replay(TELLING, world, rest, senders, sequence, changed);
      counts.hits += outcomes.filter(({ cache }) => cache === "hit").length;
      counts.allowed += outcomes.filter(({ status }) => status === 200).length;
      counts.wronglyAllowed += violations.filter(({ got }) => Object(got).status === 200).length;
    }
    return counts;
  }

  it("a cached response lets nothing pass that it does not name", async () => {
    const { hits, allowed, wronglyAllowed } = await passing((invoke) => invoke);
    expect([hits > 500, allowed > 50]).toEqual([true, true]);
    expect(wronglyAllowed).toBe(0);
  });

  it("a cached response would, if it were silent about other requests", async () => {
    const silent = await passing((invoke) => async (event) => {
      const invocation = await invoke(event);
      const { response } = Object(invocation);
      const { Statement = [] } = Object(response?.policyDocument);
      const [first] = Statement;
      const document = {
        Version: "2012-10-17",
        Statement: [{ ...first, ...(first?.Effect === "Deny" && { Resource: arnOf(event) }) }],
      };
      return response === undefined ? invocation : { response: { ...response, policyDocument: document } };
    });
    expect(silent.wronglyAllowed).toBeGreaterThan(100);
  });
});

describe("where a trailing slash is the same", () => {
  const paths = ["/items/1", "/items/1/", "/items/1%2F", "/items/1//", "/items/1", "/items/1%2f", "/items/1/"];
  const sequence = paths.map((path) => ({
    request: { method: "GET", path, query: "", sourceIp: "203.0.113.7" },
    headers: [],
    sender: 0,
    afterS: 1,
  }));
  const same = (name: string) => ({ ...(SETUPS[name] as Setup), trailingSlash: "same" as const });
  const statusesOf = async (setup: Setup) => {
    const [index] = await builder.toIndexes([TELLING]);
    const world = index && (await builder.createWorld(TELLING, index, setup));
    if (world === undefined) throw new Error("not possible");
    const { outcomes, violations } = await replay(TELLING, world, setup, senders, sequence);
    expect(violations).toEqual([]);
    return outcomes.map(({ status }) => status);
  };

  it("one slash is allowed, and nothing that looks like it", async () => {
    const rest = "REST, REQUEST authorizers, per-request policy documents";
    expect(await statusesOf(same(rest))).toEqual([200, 200, 403, 403, 200, 403, 200]);
    // An HTTP API has no route for two slashes.
    expect(await statusesOf(same("HTTP, payload 2.0"))).toEqual([200, 200, 403, 404, 200, 403, 200]);
    expect(await statusesOf(SETUPS[rest] as Setup)).toEqual([200, 403, 403, 403, 200, 403, 403]);
  });

  it("a per-token policy document allows and denies exactly the same with one slash", async () => {
    const given: CacheCase = {
      policy: {
        roles: { r1: { groups: ["G1"] } },
        grants: {
          "area.rest": { roles: ["r1"], verbs: ["GET"], path: "/items/{p1+}" },
          "area.one": { roles: ["r1"], verbs: ["GET"], path: "/a/{p1}/b" },
          "area.own": { roles: ["r1"], verbs: ["GET"], path: "/users/{p1}", where: { p1: "sub" } },
          "area.root": { roles: ["r1"], verbs: ["GET"], path: "/" },
          "area.all": { roles: ["r1"], verbs: ["GET"], path: "/a" },
        },
        denials: { "area.no": { roles: ["r1"], verbs: ["GET"], path: "/items/secret" } },
      },
      routes: ["/", "/items/{p1+}", "/a", "/a/{p1}/b", "/users/{p1}"].map((path) => ({ verb: "ANY", path })),
    };
    const setup = { ...(SETUPS["REST, REQUEST authorizers, per-token policy documents"] as Setup) };
    const wanted: Readonly<Record<string, number>> = {
      ...{ "/items/1": 200, "/items/1/": 200, "/items/1/2/": 200, "/items/1//": 403, "/items": 403, "/items/": 403 },
      ...{ "/items//": 403, "/items/secret": 403, "/items/secret/": 403, "/items/secret/x/": 200, "/items/./": 403 },
      ...{ "/a/1/b": 200, "/a/1/b/": 200, "/a//b/": 403, "/a/1/": 403, "/users/u1/": 200, "/users/u2/": 403 },
      ...{ "/users/": 403, "/": 200, "/a": 200, "/a/": 200, "/a/1/b//": 403, "/users/u1//": 403, "/items/1%2F": 403 },
    };
    const sent = Object.keys(wanted).map((path) => ({
      request: { method: "GET", path, query: "", sourceIp: "203.0.113.7" },
      headers: [],
      sender: 0,
      afterS: 0,
    }));
    const [index] = await builder.toIndexes([given]);
    const statuses = async (trailingSlash: "same" | "denied") => {
      const world = index && (await builder.createWorld(given, index, { ...setup, trailingSlash }));
      if (world === undefined) throw new Error("not possible");
      const { outcomes, violations, calls } = await replay(given, world, { ...setup, trailingSlash }, senders, sent);
      expect([violations, calls]).toEqual([[], Object.keys(world.contract.authorizers).length]);
      return Object.fromEntries(Object.keys(wanted).map((path, at) => [path, outcomes[at]?.status]));
    };
    expect(await statuses("same")).toEqual(wanted);
    const denied = Object.entries(wanted).map(([path, status]) => [path, /.\/$/.test(path) ? 403 : status]);
    expect(await statuses("denied")).toEqual(Object.fromEntries(denied));
  });

  it("an HTTP API that caches what has a parameter at its end would give a wrong outcome", async () => {
    const setup = same("HTTP, payload 2.0");
    const names = new Set<string>();
    const keepAll = ({ api, contract }: World) => {
      for (const [name, { rest_only: restOnly }] of Object.entries(contract.authorizers)) if (restOnly) names.add(name);
      return changeAuthorizers(api, (authorizer, name) => {
        const [token = "", ...others] = authorizer.identitySources;
        const identitySources = [token, "$context.routeKey", "$context.httpMethod", "$context.path", ...others];
        return names.has(name) ? { ...authorizer, identitySources, ttlS: 300 } : authorizer;
      });
    };
    expect(await sequencesUntilSeen(TELLING, setup, [sequence], () => ({}))).toBeUndefined();
    expect(await sequencesUntilSeen(TELLING, setup, [sequence], keepAll)).toBe(1);
    expect([...names]).toContain("token-rest-only");
  });
});

/** A policy with wildcards on every route, so that only the deny list excludes paths that are not canonical. */
const WILD: CacheCase = {
  policy: {
    roles: { r1: { groups: ["G1"] } },
    grants: {
      "area.all": { roles: ["r1"], verbs: ["GET"], path: "/items/{p1+}" },
      "area.one": { roles: ["r1"], verbs: ["GET"], path: "/a/{p1}/b" },
    },
    denials: {},
  },
  routes: [
    { verb: "GET", path: "/items/{p1+}" },
    { verb: "GET", path: "/a/{p1}/b" },
  ],
};

/** One path for each pattern of the deny list, except the encoded question mark, which no REST API has in a path. */
const PATHS: Readonly<Record<string, string>> = {
  "*%*": "/items/1%41",
  "*//*": "/items/1//2",
  "*/./*": "/items/./1",
  "*/../*": "/items/../1",
  "*/.": "/items/.",
  "*/..": "/items/1/..",
  "*/?*/": "/items/1/",
  "*;*": "/items/1;2",
  "*#*": "/items/1#2",
  "*\\*": "/items/1\\2",
  "*${*}*": "/items/1*",
  "*${$}{*": "/a/${x}/b",
};

describe("without one pattern of the deny list a wrong outcome is found", () => {
  const setup = SETUPS["REST, REQUEST authorizers, per-token policy documents"] as Setup;
  const sequence = ["/items/1", ...Object.values(PATHS), "/a/1/b"].map((path) => ({
    request: { method: "GET", path, query: "", sourceIp: "203.0.113.7" },
    headers: [],
    sender: 0,
    afterS: 1,
  }));

  it("and none with the whole list", async () => {
    expect(await sequencesUntilSeen(WILD, setup, [sequence], () => ({}))).toBeUndefined();
  });

  it.each(DENY_LIST.filter((pattern) => pattern !== "*${?}*"))("%s", async (pattern) => {
    const take = (world: World) => ({
      invoke: async (event: object) => {
        const invocation = await world.invoke(event);
        const text = JSON.stringify(invocation);
        const ending = JSON.stringify(`/${pattern}`).slice(1);
        const resources = new RegExp(`"[^"]*${RegExp.escape(ending)},?`);
        expect(text).toMatch(resources);
        return JSON.parse(text.replace(resources, "").replace(",]", "]"));
      },
    });
    expect(await sequencesUntilSeen(WILD, setup, [sequence], take)).toBe(1);
  });
});
