import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effects } from "../../../authorizer/pipeline.ts";
import type { Api, ApiKind } from "../../../contract/api-kinds.ts";
import { type DeployedContract, formatCacheContract, parseCacheContract } from "../../../contract/cache-contract.ts";
import { BASE_CACHE_KEY, CONTEXT_OF_PART } from "../../../contract/cache-key.ts";
import { formatLogEntry, parseLogEntry } from "../../../contract/decision-log.ts";
import { formatIdentitySource, type IdentitySource, parseIdentitySource } from "../../../contract/identity-sources.ts";
import type { LogEntry } from "../../../contract/log-entry.ts";
import {
  DEFAULT_TOKEN_SOURCES,
  formatTokenSources,
  parseTokenSources,
  type TokenSource,
} from "../../../contract/token-source.ts";
import { changed, createEvent, KINDS } from "../../support/events.ts";
import { ALLOW, authorizeWith } from "../../support/pipeline.ts";

const APIS: readonly Api[] = ["rest", "http", "websocket"];

const headerName = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]+$/);
const tokenSource: fc.Arbitrary<TokenSource> = fc.oneof(
  fc.record({ from: fc.constantFrom("header" as const, "query" as const, "cookie" as const), name: headerName }),
  fc.constant({ from: "subprotocol" as const, name: "Sec-WebSocket-Protocol" }),
);
const tokenSources = fc.uniqueArray(tokenSource, {
  minLength: 1,
  maxLength: 4,
  selector: ({ from, name }) => `${from}:${name.toLowerCase()}`,
});

describe("parseTokenSources and formatTokenSources", () => {
  it("are inverses", () => {
    fc.assert(
      fc.property(tokenSources, (source) => {
        expect(parseTokenSources(formatTokenSources(source))).toEqual({ ok: true, value: source });
      }),
    );
  });

  it("keep every accepted text", () => {
    const text = fc
      .tuple(
        fc.constantFrom("header:", "query:", "cookie:", "header", "subprotocol", "subprotocol,header:", ""),
        fc.string({ maxLength: 8 }),
      )
      .map(([carrier, name]) => `${carrier}${name}`);
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseTokenSources(given);
        if (parsed.ok) expect(formatTokenSources(parsed.value)).toBe(given);
      }),
    );
  });
});

describe("parseIdentitySource and formatIdentitySource", () => {
  const source: fc.Arbitrary<IdentitySource> = fc.record({
    from: fc.constantFrom("header", "query", "context"),
    name: fc.stringMatching(/^[^\s,]+$/),
  });

  it.each(APIS)("are inverses for a %s API", (api) => {
    fc.assert(
      fc.property(source, (given) => {
        expect(parseIdentitySource(api, formatIdentitySource(api, given))).toEqual({ ok: true, value: given });
      }),
    );
  });

  it.each(APIS)("keep every accepted text for a %s API", (api) => {
    const text = fc
      .tuple(fc.constantFrom(...APIS), source, fc.constantFrom("", " ", ",", "."))
      .map(([other, given, ending]) => `${formatIdentitySource(other, given)}${ending}`);
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseIdentitySource(api, given);
        if (parsed.ok) expect(formatIdentitySource(api, parsed.value)).toBe(given);
      }),
    );
  });
});

describe("parseCacheContract and formatCacheContract", () => {
  const names = fc
    .tuple(fc.constantFrom("header", "query"), fc.string({ minLength: 1 }))
    .map((parts) => parts.join("."));
  const others = fc.array(fc.oneof(fc.constantFrom(...Object.keys(CONTEXT_OF_PART)), names), { maxLength: 3 });
  const contract: fc.Arbitrary<DeployedContract> = fc
    .record({
      id: fc.string(),
      cacheScope: fc.constantFrom("request", "token"),
      rest: fc.option(others, { nil: undefined }),
      http: fc.option(others, { nil: undefined }),
      tokenSources: fc.option(tokenSources, { nil: undefined }),
    })
    .map(({ rest, http, ...settings }) => ({
      ...settings,
      rest: rest && [...(settings.cacheScope === "token" ? ["token"] : BASE_CACHE_KEY.rest), ...rest],
      http: http && [...BASE_CACHE_KEY.http, ...http],
    }));

  it("are inverses", () => {
    fc.assert(
      fc.property(contract, (given) => {
        expect(parseCacheContract(formatCacheContract(given))).toEqual({ ok: true, value: given });
      }),
    );
  });

  it("keep the meaning of every accepted text, with its keys in any order and spaces between them", () => {
    fc.assert(
      fc.property(contract, fc.constantFrom(0, 2), (given, indent) => {
        const keys = Object.entries(JSON.parse(formatCacheContract(given))).reverse();
        const parsed = parseCacheContract(JSON.stringify(Object.fromEntries(keys), undefined, indent));
        expect(parsed.ok && parsed.value && formatCacheContract(parsed.value)).toBe(formatCacheContract(given));
      }),
    );
  });
});

describe("parseLogEntry and formatLogEntry", () => {
  const ENTITLEMENTS = {
    grants: {
      "a.b": { verbs: ["GET"], path: "/a", conditions: [], unmet: [], status: "granted", where: { id: "42" } },
    },
    denials: {},
    roles: ["user"],
  };
  const DENY = { effect: "deny", reasons: ["denial"], denials: ["a.c"], unmet: { "a.b": ["fresh"] }, roles: ["user"] };
  const OUTCOMES: Readonly<Record<string, Partial<Effects>>> = {
    allow: { evaluate: () => ({ ok: true, value: [{ result: ALLOW }] }) },
    deny: { evaluate: () => ({ ok: true, value: [{ result: DENY }] }) },
    entitlements: { evaluate: () => ({ ok: true, value: [{ result: ENTITLEMENTS }] }) },
    refusal: { verify: async () => ({ ok: false, error: "token.expired" }) },
    fault: { evaluate: () => ({ ok: false, error: "engine.aborted" }) },
    exception: { verify: () => Promise.reject(new Error("broken")) },
  };
  const CHANGES: readonly object[] = [
    {},
    { methodArn: "x", routeArn: "x" },
    { "requestContext.stage": "other" },
    { path: "/a//b", rawPath: "/a//b" },
    { type: "OTHER" },
  ];
  const settings = {
    tokenDocuments: {
      routes: { "GET /customers/{}/orders": true },
      grants: { "a.b": { verbs: ["GET"], path: ["/customers/", "id", "/orders"] } },
      denials: {},
    },
  };

  /** Returns the entry that the pipeline records for an event. */
  async function entryOf(kind: ApiKind, changes: object, outcome: string, isPerToken: boolean) {
    const effects: Partial<Effects> = {
      toInput: (principal) => ({ principal: { id: principal.id, claims: {} } }),
      ...OUTCOMES[outcome],
    };
    const event = changed(createEvent(kind, "a.b.c"), { ...changes });
    const { log } = await authorizeWith(effects, event, isPerToken ? settings : {});
    const [entry, ...more] = log;
    if (entry === undefined || more.length > 0) throw new Error("the pipeline records one entry for an event");
    return entry;
  }

  /** Leaves out what a short line does. */
  function withoutOmitted(entry: LogEntry): LogEntry {
    const { result, metrics } = entry;
    const { params: _params, roles: _roles, ...kept } = { params: {}, roles: [], ...result };
    const { kind, ...labels } = entry.labels;
    const isEvaluated = "principal" in entry.input;
    const us = Math.round(metrics.timer_server_handler_ns / 1000);
    return {
      ...entry,
      labels: { ...labels, ...(kind !== undefined && !isEvaluated && { kind }) },
      ...(result !== undefined && { result: kept as typeof result }),
      metrics: { timer_server_handler_ns: us * 1000 },
    };
  }

  const recorded = fc.tuple(
    fc.constantFrom(...KINDS),
    fc.constantFrom(...CHANGES),
    fc.constantFrom(...Object.keys(OUTCOMES)),
    fc.boolean(),
  );

  it("are inverses for every entry of the pipeline", async () => {
    const paths = new Set<string>();
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(recorded, async (given) => {
        const entry = await entryOf(...given);
        const line = formatLogEntry(entry, "opa");
        const parsed = parseLogEntry(line);
        expect(parsed).toEqual({ ok: true, value: entry });
        expect(parsed.ok && formatLogEntry(parsed.value, "opa")).toBe(line);
        const short = formatLogEntry(entry);
        const expanded = parseLogEntry(short);
        expect(expanded).toEqual({ ok: true, value: withoutOmitted(entry) });
        expect(expanded.ok && formatLogEntry(expanded.value)).toBe(short);
        paths.add(entry.path);
        for (const key of Object.keys(entry)) reached.add(key);
      }),
      { numRuns: 300, seed: 3 },
    );
    // The generator reaches every optional field and both entry points.
    expect([...paths].sort()).toEqual(["engine/decision", "engine/entitlements"]);
    expect([...reached]).toEqual(expect.arrayContaining(["result", "field", "error"]));
  });

  it.each(["", "START RequestId: 1 Version: $LATEST", '{"decision_id": "1"'])("refuse %j: log.not_json", (line) => {
    expect(parseLogEntry(line)).toEqual({ ok: false, error: "log.not_json" });
  });

  it.each<[string, object]>([
    ["another app", { labels: { app: "other", kind: "rest-token" } }],
    ["an unknown kind of event", { labels: { app: "rego-authorizer", kind: "toString" } }],
    ["no labels", { labels: undefined }],
    ["a decision id that is a number", { decision_id: 7 }],
    ["no timestamp", { timestamp: undefined }],
    ["no revision", { revision: undefined }],
    ["another entry point", { path: "engine/index" }],
    ["an input that is a list", { input: [] }],
    ["a result that is not a decision", { result: { effect: "Allow" } }],
    ["a field that is a number", { field: 7 }],
    ["another key", { token: "x" }],
    ["another label", { labels: { app: "rego-authorizer", kind: "rest-token", token: "x" } }],
    ["an unknown reason", { result: { ...DENY, reasons: ["grant.some"] } }],
    ["an error without a code", { error: {} }],
    ["an error that only denies", { error: { code: "path.not_canonical" } }],
    ["an error with frames that are not a list", { error: { code: "engine.aborted", frames: "at x" } }],
    ["a metric that is a string", { metrics: { timer_server_handler_ns: "1" } }],
    ["no metrics", { metrics: undefined }],
  ])("refuse an entry with %s: log.not_a_decision", async (_, change) => {
    const entry = await entryOf("rest-request", {}, "allow", false);
    expect(parseLogEntry(formatLogEntry({ ...entry, ...change }, "opa"))).toEqual({
      ok: false,
      error: "log.not_a_decision",
    });
  });

  it.each<[string, object]>([
    ["an unknown kind of event", { kind: "toString" }],
    ["a decision id that is a number", { decision_id: 7 }],
    ["no timestamp", { timestamp: undefined }],
    ["a timestamp that is not a time", { timestamp: "yesterday" }],
    ["no revision", { revision: undefined }],
    ["claims that are a list", { claims: [] }],
    ["no outcome", { allow: undefined }],
    ["no grant", { allow: "" }],
    ["two outcomes", { deny: "grant.none" }],
    ["a decision and a fault", { error: { code: "engine.aborted" } }],
    ["an unknown reason", { allow: undefined, deny: "grant.some" }],
    ["a refusal as a fault", { allow: undefined, error: { code: "token.expired" } }],
    ["a duration that is a text", { us: "1" }],
    ["no duration", { us: undefined }],
    ["another key", { token: "x" }],
  ])("refuse a short line with %s: log.not_a_decision", async (_, change) => {
    const line = formatLogEntry(await entryOf("rest-request", {}, "allow", false));
    expect(parseLogEntry(line)).toMatchObject({ ok: true });
    expect(parseLogEntry(JSON.stringify({ ...JSON.parse(line), ...change }))).toEqual({
      ok: false,
      error: "log.not_a_decision",
    });
  });

  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("GET", "user", "eu-west-1_Ab12", "i", "/a b", "", "::1", "203.0.113.7", "a.b"),
  );
  const other = fc.dictionary(fc.constantFrom("a", "constructor", "__proto__", "path"), fc.jsonValue(), { maxKeys: 2 });
  const part = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.record(fields, { requiredKeys: [] }) },
      { weight: 1, arbitrary: fc.jsonValue() },
    );
  const anyInput = fc.record(
    {
      principal: part({
        id: text,
        kind: fc.constantFrom("user", "machine", "other", 7),
        issuer: fc.oneof(text, fc.constant("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12")),
        issuer_name: text,
        claims: fc.oneof(
          other,
          fc.record({ "cognito:groups": fc.oneof(fc.array(text), text), sub: text }, { requiredKeys: [] }),
          fc.jsonValue(),
        ),
      }),
      request: part({ method: text, path: text, source_ip: text, headers: other, ambiguous: fc.array(text) }),
      now_s: fc.oneof(fc.constantFrom(1_700_000_000, 1_700_000_001), fc.jsonValue()),
      calendar: other,
    },
    { requiredKeys: [] },
  );

  it("are inverses for every input, whatever its parts are", async () => {
    const entry = withoutOmitted(await entryOf("rest-request", {}, "allow", false));
    let shortest = 0;
    fc.assert(
      fc.property(anyInput, (generated) => {
        const input: object = JSON.parse(JSON.stringify(generated));
        const line = formatLogEntry({ ...entry, input });
        const parsed = parseLogEntry(line);
        expect(parsed).toEqual({ ok: true, value: { ...entry, input } });
        if (!line.includes('"input"')) shortest += 1;
      }),
      { numRuns: 3_000, seed: 5 },
    );
    expect(shortest).toBeGreaterThan(5);
  });

  it.each(["[]", "null", "7", '"x"', '{"level":"INFO","message":"started"}'])(
    "refuse JSON of another program, %s: log.not_a_decision",
    (line) => {
      expect(parseLogEntry(line)).toEqual({ ok: false, error: "log.not_a_decision" });
    },
  );
});

it("the default token source has a text", () => {
  expect(parseTokenSources(formatTokenSources(DEFAULT_TOKEN_SOURCES))).toEqual({
    ok: true,
    value: DEFAULT_TOKEN_SOURCES,
  });
});
