import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../authorizer/config.ts";
import { BASE_CACHE_KEY } from "../../../contract/cache-key.ts";

const TRUSTED_ISSUERS = '[{"userPoolId": "eu-west-1_Sample000", "clientIds": ["sampleclient"], "tokenUse": "access"}]';

it.each<[string, Readonly<Record<string, string>>, RegExp]>([
  [
    "simple responses that are cached",
    { HTTP_RESPONSE: "simple", CACHE_CONTRACT: '{"id":"1","http":["token","route","method","path"]}' },
    /simple responses must not be cached/,
  ],
  [
    "cache keys with another token source",
    { CACHE_CONTRACT: '{"id":"1","token_source":"header:x-token"}' },
    /the cache keys take the token from another place than TOKEN_SOURCE/,
  ],
  [
    "cache keys without the token",
    { CACHE_CONTRACT: '{"id":"1","token_source":"cookie"}' },
    /token_source must be header:<name>, query:<name>, cookie:<name> or subprotocol, like header:Authorization;/,
  ],
])("refuses %s", (_, changes, message) => {
  const config = parseConfig({ TRUSTED_ISSUERS, ...changes });
  expect(config.ok ? "" : config.error.join()).toMatch(message);
  const repaired = { HTTP_RESPONSE: "iam", CACHE_CONTRACT: '{"id":"1","token_source":"header:AUTHORIZATION"}' };
  expect(parseConfig({ TRUSTED_ISSUERS, ...repaired })).toMatchObject({ ok: true });
});

describe("parseConfig", () => {
  it("needs only the trusted issuers", () => {
    expect(parseConfig({ TRUSTED_ISSUERS })).toMatchObject({
      ok: true,
      value: {
        tokenSources: [{ from: "header", name: "Authorization" }],
        httpResponse: "iam",
        tokenTimes: { maxLifetimeS: 86_400, toleranceS: 0 },
      },
    });
  });

  it.each([
    ["header:Authorization", [{ from: "header", name: "Authorization" }]],
    ["header:Sec-WebSocket-Protocol", [{ from: "header", name: "Sec-WebSocket-Protocol" }]],
    ["query:Token", [{ from: "query", name: "Token" }]],
    ["cookie:__Host-session", [{ from: "cookie", name: "__Host-session" }]],
    ["subprotocol", [{ from: "subprotocol", name: "Sec-WebSocket-Protocol" }]],
    [
      "header:Authorization,cookie:session,cookie:Session",
      [
        { from: "header", name: "Authorization" },
        { from: "cookie", name: "session" },
        { from: "cookie", name: "Session" },
      ],
    ],
  ])("accepts the token source %s", (TOKEN_SOURCE, tokenSources) => {
    expect(parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE })).toMatchObject({ ok: true, value: { tokenSources } });
  });

  it.each([
    ...["", "Authorization", "xheader:Authorization", "header:", "header:a b", "query:a=b&c", "header", "toString:a"],
    ...["cookie", "cookie:", "cookie:a;b", "cookie:a=b", "subprotocol:bearer", "Subprotocol", "body:token"],
    ...["header:A,", ",header:A", "header:A,,query:b", "header:A, query:b", "header:A;query:b", "header:A,unknown:b"],
  ])("refuses the token source %j", (TOKEN_SOURCE) => {
    const config = parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE });
    expect(config.ok ? [] : config.error).toEqual([expect.stringMatching(/^TOKEN_SOURCE: must be/)]);
  });

  it.each([
    "header:A,header:a",
    "query:a,header:B,query:a",
    "cookie:a,cookie:a",
    "subprotocol,subprotocol",
    "header:cookie,cookie:a",
    "subprotocol,header:sec-websocket-protocol",
  ])("refuses %s, which names one part of a request twice", (TOKEN_SOURCE) => {
    expect(parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE })).toEqual({
      ok: false,
      error: ["TOKEN_SOURCE: names the same part of a request twice; name each once"],
    });
  });

  it.each<[string, "rest" | "http", boolean]>([
    ["header:Authorization", "rest", true],
    ["query:token", "http", true],
    // No request to a REST API has a subprotocol, so the header is the only place there.
    ["header:Authorization,subprotocol", "rest", true],
    ["cookie:session", "rest", false],
    ["cookie:session", "http", false],
    ["subprotocol", "rest", false],
    ["header:Authorization,query:token", "http", false],
  ])("with the token in %s, a %s API may cache responses: %s", (TOKEN_SOURCE, api, isRight) => {
    const CACHE_CONTRACT = JSON.stringify({ id: "sha256:0", [api]: BASE_CACHE_KEY[api] });
    const config = parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE, CACHE_CONTRACT });
    expect(config.ok ? [] : config.error).toEqual(
      isRight
        ? []
        : [expect.stringMatching(/^CACHE_CONTRACT: no cache key can hold the token that TOKEN_SOURCE names/)],
    );
    expect(parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE, CACHE_CONTRACT: '{"id":"sha256:0"}' }).ok).toBe(true);
  });

  it("names the setting that has the cache key, and what to leave out of it", () => {
    const rest = BASE_CACHE_KEY.rest;
    const errorsOf = (settings: Readonly<Record<string, string>>) => {
      const config = parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE: "cookie:a", ...settings });
      return config.ok ? [] : config.error;
    };
    expect(errorsOf({ CACHE_CONTRACT: JSON.stringify({ id: "sha256:0", rest }) })).toEqual([
      expect.stringMatching(/^CACHE_CONTRACT: .* and leave rest out$/),
    ]);
    const API_CONTRACTS = JSON.stringify({ "0123456789ab": { api: "rest", key: rest } });
    expect(errorsOf({ CACHE_CONTRACT: '{"id":"sha256:0"}', API_CONTRACTS })).toEqual([
      expect.stringMatching(/^API_CONTRACTS: .* and leave key out$/),
    ]);
  });

  it("reports all settings that are wrong together at once", () => {
    const CACHE_CONTRACT = JSON.stringify({
      id: "sha256:0",
      token_source: "header:Authorization",
      http: BASE_CACHE_KEY.http,
    });
    const config = parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE: "cookie:a", HTTP_RESPONSE: "simple", CACHE_CONTRACT });
    expect(config.ok ? [] : config.error).toEqual([
      expect.stringContaining("simple responses must not be cached"),
      expect.stringContaining("from another place than TOKEN_SOURCE"),
      expect.stringContaining("no cache key can hold the token"),
    ]);
  });

  it.each([
    ["CLOCK_TOLERANCE_S", undefined, { toleranceS: 0, aheadToleranceS: 300 }],
    ["CLOCK_TOLERANCE_S", "0", { toleranceS: 0, aheadToleranceS: 0 }],
    ["CLOCK_TOLERANCE_S", "300", { toleranceS: 300, aheadToleranceS: 300 }],
    ["MAX_TOKEN_LIFETIME_S", "60", { maxLifetimeS: 60 }],
    ["MAX_TOKEN_LIFETIME_S", "2592000", { maxLifetimeS: 2_592_000 }],
  ])("accepts %s=%s", (name, text, tokenTimes) => {
    expect(parseConfig({ TRUSTED_ISSUERS, [name]: text })).toMatchObject({ ok: true, value: { tokenTimes } });
  });

  it.each(["CLOCK_TOLERANCE_S", "MAX_TOKEN_LIFETIME_S"])("accepts only whole numbers within bounds for %s", (name) => {
    for (const text of [
      "",
      " 60",
      "60s",
      '"60"',
      "abc",
      "-1",
      "1e2",
      "0x3c",
      "60.5",
      "1e9",
      "9999999",
      "NaN",
      "Infinity",
    ]) {
      const config = parseConfig({ TRUSTED_ISSUERS, [name]: text });
      expect([text, config.ok ? [] : config.error]).toEqual([
        text,
        [expect.stringMatching(new RegExp(`^${name}: must be a whole number from \\d+ to \\d+$`))],
      ]);
    }
  });

  it("refuses a lifetime of less than a minute", () => {
    expect(parseConfig({ TRUSTED_ISSUERS, MAX_TOKEN_LIFETIME_S: "59" }).ok).toBe(false);
  });

  it.each([
    [undefined, "fetched"],
    ["fetched", "fetched"],
    ["packed", "packed"],
  ])("accepts KEYS=%s", (text, keys) => {
    expect(parseConfig({ TRUSTED_ISSUERS, KEYS: text })).toMatchObject({ ok: true, value: { keys } });
  });

  it("refuses a variable that makes Node.js accept every certificate", () => {
    const codesOf = (text: string) => parseConfig({ TRUSTED_ISSUERS, NODE_TLS_REJECT_UNAUTHORIZED: text }).ok;
    expect([codesOf("0"), codesOf("1")]).toEqual([false, true]);
  });

  it("reports all errors at once", () => {
    const config = parseConfig({
      TOKEN_SOURCE: "x",
      HTTP_RESPONSE: "json",
      KEYS: "none",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    });
    expect(config.ok ? [] : config.error.map((line) => line.slice(0, line.indexOf(":")))).toEqual([
      "TRUSTED_ISSUERS",
      "TOKEN_SOURCE",
      "HTTP_RESPONSE",
      "KEYS",
      "NODE_TLS_REJECT_UNAUTHORIZED",
    ]);
  });
});

/** Formats the settings of one issuer other than Cognito. */
function ofProvider(settings: object): string {
  return JSON.stringify([{ issuer: "https://a", audience: ["b"], jwksUri: "https://a/k", ...settings }]);
}

it("lists what is wrong between settings although others are wrong by themselves, too", () => {
  const config = parseConfig({
    TRUSTED_ISSUERS: "[]",
    HTTP_RESPONSE: "simple",
    CACHE_CONTRACT: JSON.stringify({ id: "sha256:0", http: ["token", "route", "method", "path"] }),
    TOKEN_SOURCE: "cookie:session",
    KEYS: "none",
    CONTEXT_CLAIMS: "custom:key",
    USAGE_KEY_CLAIM: "custom:key",
  });
  const names = config.ok ? [] : config.error.map((line) => line.split(":")[0]);
  expect(names).toEqual(["TRUSTED_ISSUERS", "KEYS", "CACHE_CONTRACT", "CACHE_CONTRACT", "CONTEXT_CLAIMS"]);
});

it("takes the API key from a nested claim if nothing else shows it", () => {
  const settings = { TRUSTED_ISSUERS: ofProvider({ claims: { usage: ["plan", "key"] } }), USAGE_KEY_CLAIM: "usage" };
  expect(parseConfig({ ...settings, CONTEXT_CLAIMS: "email" }).ok).toBe(true);
});

it("lists the errors of all settings at once, those of claims that are passed on among them, and repeats no value", () => {
  const config = parseConfig({
    TRUSTED_ISSUERS: "[]",
    TOKEN_SOURCE: "hunter2",
    CONTEXT_CLAIMS: "roles,hunter2,hunter2",
    USAGE_KEY_CLAIM: "email",
  });
  const names = config.ok ? [] : config.error.map((line) => line.split(":")[0]);
  expect(names).toEqual(["TRUSTED_ISSUERS", "TOKEN_SOURCE", "CONTEXT_CLAIMS", "CONTEXT_CLAIMS", "USAGE_KEY_CLAIM"]);
  expect(JSON.stringify(config)).not.toContain("hunter2");
});

it.each([
  [
    { CONTEXT_CLAIMS: "email,custom:key", USAGE_KEY_CLAIM: "custom:key" },
    /^CONTEXT_CLAIMS: names the claim of USAGE_KEY/,
  ],
  [
    {
      TRUSTED_ISSUERS: '[{"issuer":"https://a","audience":["b"],"jwksUri":"https://a/k","groupsClaim":"teams"}]',
      USAGE_KEY_CLAIM: "teams",
    },
    /^USAGE_KEY_CLAIM: is a claim that an issuer.s settings give the policy/,
  ],
  [
    { TRUSTED_ISSUERS: ofProvider({ machineIdClaim: "plan" }), USAGE_KEY_CLAIM: "plan" },
    /^USAGE_KEY_CLAIM: is a claim/,
  ],
  [{ TRUSTED_ISSUERS: ofProvider({ preset: "okta" }), USAGE_KEY_CLAIM: "cid" }, /^USAGE_KEY_CLAIM: is a claim/],
  [
    {
      TRUSTED_ISSUERS: ofProvider({ claims: { usage: ["plan", "key"] } }),
      CONTEXT_CLAIMS: "plan",
      USAGE_KEY_CLAIM: "usage",
    },
    /^CONTEXT_CLAIMS: names the claim of USAGE_KEY/,
  ],
  [
    {
      TRUSTED_ISSUERS: ofProvider({ claims: { usage: ["plan", "key"], tier: ["plan", "name"] } }),
      USAGE_KEY_CLAIM: "usage",
    },
    /^USAGE_KEY_CLAIM: is a claim/,
  ],
])("keeps the API key out of the context and the log: %j", (changes, message) => {
  const config = parseConfig({ TRUSTED_ISSUERS, ...changes });
  expect(config.ok ? [] : config.error).toEqual([expect.stringMatching(message)]);
  expect(parseConfig({ TRUSTED_ISSUERS, CONTEXT_CLAIMS: "email", USAGE_KEY_CLAIM: "custom:key" })).toMatchObject({
    value: { passedOn: { contextClaims: [{ claim: "email", key: "email" }], usageKeyClaim: "custom:key" } },
  });
});
