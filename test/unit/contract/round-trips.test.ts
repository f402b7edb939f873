import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effects } from "../../../authorizer/pipeline.ts";
import type { Api, ApiKind } from "../../../contract/api-kinds.ts";
import { type DeployedContract, formatCacheContract, parseCacheContract } from "../../../contract/cache-contract.ts";
import { BASE_CACHE_KEY, CONTEXT_OF_PART } from "../../../contract/cache-key.ts";
import { formatLogEntry, parseLogEntry } from "../../../contract/decision-log.ts";
import { formatIdentitySource, type IdentitySource, parseIdentitySource } from "../../../contract/identity-sources.ts";
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
        const line = formatLogEntry(entry);
        const parsed = parseLogEntry(line);
        expect(parsed).toEqual({ ok: true, value: entry });
        expect(parsed.ok && formatLogEntry(parsed.value)).toBe(line);
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
    expect(parseLogEntry(formatLogEntry({ ...entry, ...change }))).toEqual({ ok: false, error: "log.not_a_decision" });
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
