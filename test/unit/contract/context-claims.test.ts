import { describe, expect, it } from "vitest";
import { parseContextClaims } from "../../../contract/context-claims.ts";

describe("CONTEXT_CLAIMS", () => {
  it("names no claims if it is not set", () => {
    expect(parseContextClaims(undefined)).toEqual({ ok: true, value: [] });
  });

  it.each(["email, custom:tenant,https://example.com/plan", '["email","custom:tenant","https://example.com/plan"]'])(
    "gives each claim a key of letters, digits and underscores: %s",
    (text) => {
      expect(parseContextClaims(text)).toEqual({
        ok: true,
        value: [
          { claim: "email", key: "email" },
          { claim: "custom:tenant", key: "custom_tenant" },
          { claim: "https://example.com/plan", key: "https___example_com_plan" },
        ],
      });
    },
  );

  it.each(["", " ", "[]", "[1]", "{}x".repeat(400), '["email"', '[["email"]]', Array(21).fill("a").join()])(
    "refuses anything but a list of names: %j",
    (text) => {
      expect(parseContextClaims(text)).toMatchObject({
        ok: false,
        error: [expect.stringMatching(/^CONTEXT_CLAIMS: /)],
      });
    },
  );

  it.each([
    ...["principalId", "roles", "grants", "reason", "revision", "issuer", "Roles", "PRINCIPALID"],
    ...["claims", "integrationLatency", "latency", "status", "requestId", "error", "usageIdentifierKey"],
  ])("refuses the authorizer's and API Gateway's own %s", (name) => {
    expect(parseContextClaims(`email,${name}`)).toEqual({
      ok: false,
      error: [
        "CONTEXT_CLAIMS: name 2 would have a key of the authorizer's or of API Gateway's own; pass on another claim",
      ],
    });
  });

  it.each(["custom:a,custom-a", "email,email", "Email,email"])("refuses two claims with one key: %s", (text) => {
    expect(parseContextClaims(text)).toMatchObject({ ok: false, error: [expect.stringMatching(/same key as name 1/)] });
  });

  it("reports all errors at once, and repeats no name", () => {
    const parsed = parseContextClaims('["secret-1", "secret-1", "7up", "__proto__", "roles", ""]');
    expect(parsed.ok ? [] : parsed.error.map((line) => /name \d/.exec(line)?.[0])).toEqual([
      "name 2",
      "name 3",
      "name 4",
      "name 5",
      "name 6",
    ]);
    expect(JSON.stringify(parsed)).not.toMatch(/secret|7up|__proto__/);
  });
});
