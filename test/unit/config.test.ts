import { describe, expect, it } from "vitest";
import { parseConfig } from "../../authorizer/config.ts";

const TRUSTED_ISSUERS = '[{"userPoolId": "eu-west-1_Sample000", "clientIds": ["sampleclient"], "tokenUse": "access"}]';

describe("parseConfig", () => {
  it("needs nothing but the trusted issuers", () => {
    expect(parseConfig({ TRUSTED_ISSUERS })).toMatchObject({
      ok: true,
      value: { tokenSource: { from: "header", name: "authorization" }, httpResponse: "iam" },
    });
  });

  it.each([
    ["header:Authorization", { from: "header", name: "authorization" }],
    ["header:Sec-WebSocket-Protocol", { from: "header", name: "sec-websocket-protocol" }],
    ["query:Token", { from: "query", name: "Token" }],
  ])("finds the token by %s", (TOKEN_SOURCE, tokenSource) => {
    expect(parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE })).toMatchObject({ ok: true, value: { tokenSource } });
  });

  it.each(["", "Authorization", "header:", "cookie:session", "header:a b", "query:a=b&c"])(
    "does not find it by %j",
    (TOKEN_SOURCE) => {
      const config = parseConfig({ TRUSTED_ISSUERS, TOKEN_SOURCE });
      expect(config.ok ? [] : config.error).toEqual([expect.stringMatching(/^TOKEN_SOURCE: must be/)]);
    },
  );

  it("tells all faults at once", () => {
    const config = parseConfig({ TOKEN_SOURCE: "x", HTTP_RESPONSE: "json" });
    expect(config.ok ? [] : config.error.map((line) => line.slice(0, line.indexOf(":")))).toEqual([
      "TRUSTED_ISSUERS",
      "TOKEN_SOURCE",
      "HTTP_RESPONSE",
    ]);
  });
});
