import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../authorizer/config.ts";

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
    /token_source must be header:<name> or query:<name>, like header:Authorization/,
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
        tokenSource: { from: "header", name: "Authorization" },
        httpResponse: "iam",
        tokenTimes: { maxLifetimeS: 86_400, toleranceS: 0 },
      },
    });
  });

  it.each([
    ["header:Authorization", { from: "header", name: "Authorization" }],
    ["header:Sec-WebSocket-Protocol", { from: "header", name: "Sec-WebSocket-Protocol" }],
    ["query:Token", { from: "query", name: "Token" }],
  ])("accepts the token source %s", (TOKEN_SOURCE, tokenSource) => {
    expect(parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE })).toMatchObject({ ok: true, value: { tokenSource } });
  });

  it.each(["", "Authorization", "xheader:Authorization", "header:", "cookie:session", "header:a b", "query:a=b&c"])(
    "refuses the token source %j",
    (TOKEN_SOURCE) => {
      const config = parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE });
      expect(config.ok ? [] : config.error).toEqual([expect.stringMatching(/^TOKEN_SOURCE: must be/)]);
    },
  );

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
    /^USAGE_KEY_CLAIM: is the groupsClaim of an issuer/,
  ],
])("keeps the API key out of the context and the log: %j", (changes, message) => {
  const config = parseConfig({ TRUSTED_ISSUERS, ...changes });
  expect(config.ok ? [] : config.error).toEqual([expect.stringMatching(message)]);
  expect(parseConfig({ TRUSTED_ISSUERS, CONTEXT_CLAIMS: "email", USAGE_KEY_CLAIM: "custom:key" })).toMatchObject({
    value: { passedOn: { contextClaims: [{ claim: "email", key: "email" }], usageKeyClaim: "custom:key" } },
  });
});
