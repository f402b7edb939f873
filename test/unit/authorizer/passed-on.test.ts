import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatContextValue } from "../../../authorizer/gateway/context-value.ts";
import type { PassedOn } from "../../../authorizer/passed-on.ts";
import type { Settings } from "../../../authorizer/pipeline.ts";
import { parseContextClaims } from "../../../contract/context-claims.ts";
import { ALLOWS_ONE } from "../../support/documents.ts";
import { createEvent, KINDS } from "../../support/events.ts";
import { ALLOW, authorizeWith } from "../../support/pipeline.ts";

const DENY = { effect: "deny", reasons: ["grant.none"], denials: [], unmet: {}, roles: [] };
const KEY = "k".repeat(20);

/** Asks for a response to a principal with some claims. */
async function respond(
  kind: (typeof KINDS)[number],
  claims: Readonly<Record<string, unknown>>,
  { names = "", usageKeyClaim }: { readonly names?: string; readonly usageKeyClaim?: string } = {},
  { decision = ALLOW as object, settings = {} as Partial<Settings> } = {},
) {
  const parsed = names === "" ? { ok: true as const, value: [] } : parseContextClaims(names);
  if (!parsed.ok) throw new Error(parsed.error.join());
  const passedOn: PassedOn = { contextClaims: parsed.value, usageKeyClaim };
  const principal = {
    id: "7d8c",
    kind: "user",
    issuer: "https://i",
    issuer_name: undefined,
    client_id: "c",
    token_use: "access",
    claims,
  } as const;
  const { answer, log } = await authorizeWith(
    {
      verify: async () => ({ ok: true, value: principal }),
      evaluate: () => ({ ok: true, value: [{ result: decision }] }),
    },
    createEvent(kind, "a.b.c"),
    { ...settings, passedOn },
  );
  return { answer: answer as { context: Record<string, string>; usageIdentifierKey?: string }, log };
}

describe("an Allow", () => {
  it.each(KINDS)("has the named claims and the name of their issuer (%s)", async (kind) => {
    const claims = { email: "a@example.com", "custom:tenant": "blue", level: 3, verified: true, other: "x" };
    const { answer } = await respond(kind, claims, { names: "email,custom:tenant,level,verified,missing" });
    expect(answer.context).toEqual({
      roles: "authenticated",
      grants: "a.b",
      revision: "r",
      issuer: "https://i",
      issuer_name: undefined,
      email: "a@example.com",
      custom_tenant: "blue",
      level: "3",
      verified: "true",
    });
  });

  it("has them in a simple response, too", async () => {
    const settings = { httpResponse: "simple" } as const;
    const { answer } = await respond("http-2", { email: "a@b" }, { names: "email" }, { settings });
    expect(answer).toMatchObject({ isAuthorized: true, context: { principalId: "7d8c", email: "a@b" } });
  });

  it("has no claim that nobody names, and no issuer then", async () => {
    const { answer } = await respond("rest-request", { email: "a@b" });
    expect(answer.context).toEqual({ roles: "authenticated", grants: "a.b", revision: "r" });
  });

  it.each<[string, unknown]>([
    ["empty text", ""],
    ["null", null],
    ["a lone surrogate", "a\ud800"],
    ["more than 1,024 bytes", "é".repeat(513)],
    ["more than 1,024 bytes when encoded", `"${"a".repeat(800)}`],
    ["a number that has lost digits", 2 ** 60],
  ])("leaves out %s, and stays an Allow", async (_, value) => {
    const { answer } = await respond("http-2", { one: value, two: "x" }, { names: "one,two" });
    expect(answer).toMatchObject({ policyDocument: ALLOWS_ONE });
    expect(Object.keys(answer.context)).toEqual(["roles", "grants", "revision", "issuer", "two"]);
  });

  it("leaves out what is too much for a context, however long the roles are", async () => {
    const names = Array.from({ length: 20 }, (_, at) => `claim${at}`);
    const claims = Object.fromEntries(names.map((name) => [name, "x".repeat(1000)]));
    for (const length of [10, 3000, 4995]) {
      const decision = { ...ALLOW, roles: ["r".repeat(length)] };
      const { answer } = await respond("websocket", claims, { names: names.join() }, { decision });
      expect(answer).toMatchObject({ policyDocument: ALLOWS_ONE });
      expect(JSON.stringify(answer).length).toBeLessThan(8192);
      expect(Object.keys(answer.context).length - 3).toBe({ 10: 5, 3000: 2, 4995: 0 }[length]);
    }
  });
});

describe("a Deny", () => {
  it.each(KINDS)("has no claim and no key (%s)", async (kind) => {
    const given = { names: "email", usageKeyClaim: "custom:key" };
    const { answer } = await respond(kind, { email: "a@b", "custom:key": KEY }, given, { decision: DENY });
    expect(JSON.stringify(answer)).not.toMatch(/a@b|kkkk|issuer/);
  });
});

describe("the API key", () => {
  it.each([
    ["rest-token", KEY],
    ["rest-request", KEY],
    ["http-1", undefined],
    ["http-2", undefined],
    ["websocket", undefined],
  ] as const)("is in responses to REST APIs only (%s)", async (kind, expected) => {
    const { answer, log } = await respond(kind, { "custom:key": KEY }, { usageKeyClaim: "custom:key" });
    expect(answer.usageIdentifierKey).toBe(expected);
    expect(JSON.stringify([answer.context, log])).not.toContain(KEY);
  });

  it.each([undefined, null, 7, "", "k".repeat(19), "k".repeat(129), `${KEY} `, [KEY], `${KEY}é`])(
    "is left out if the claim has another form: %j",
    async (value) => {
      const { answer } = await respond("rest-request", { "custom:key": value }, { usageKeyClaim: "custom:key" });
      expect(answer).toMatchObject({ policyDocument: ALLOWS_ONE });
      expect(answer).not.toHaveProperty("usageIdentifierKey");
    },
  );
});

describe("the value of a claim", () => {
  it.each<[unknown, string]>([
    ["O'Brien, José", "O'Brien, José"],
    ["orders/read orders/write", "orders/read orders/write"],
    ['{"a":1}', "base64:eyJhIjoxfQ=="],
    [["a", "b"], "base64:WyJhIiwiYiJd"],
    [{ a: 1 }, "base64:eyJhIjoxfQ=="],
    ['say "hi"', "base64:c2F5ICJoaSI="],
    ["$input.body", "base64:JGlucHV0LmJvZHk="],
    ["#set", "base64:I3NldA=="],
    ["a\nb", "base64:YQpi"],
    ["base64:eA==", "base64:YmFzZTY0OmVBPT0="],
  ])("%j becomes %s", (value, expected) => {
    expect(formatContextValue(value)).toBe(expected);
  });

  it("is text that needs no escape in JSON or in a template, and that gives the value back", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.string({ unit: "grapheme" })), (text) => {
        const formatted = formatContextValue(text);
        if (formatted === undefined) return;
        expect(JSON.stringify(formatted)).toBe(`"${formatted}"`);
        expect(formatted).not.toMatch(/[$#{}[\]]/);
        const encoded = /^base64:(.*)$/.exec(formatted)?.[1];
        expect(encoded === undefined ? formatted : Buffer.from(encoded, "base64").toString()).toBe(text);
      }),
    );
  });
});
