import { describe, expect, it } from "vitest";
import type { Request } from "../../../../authorizer/gateway/request.ts";
import type { Principal } from "../../../../authorizer/identity/principal.ts";
import { createToCalendar } from "../../../../authorizer/policy/calendar.ts";
import { createToInput } from "../../../../authorizer/policy/input.ts";
import type { RequestValue } from "../../../../contract/manifest.ts";
import { parseTokenSources, type TokenSource } from "../../../../contract/token-source.ts";

const PRINCIPAL: Principal = {
  id: "7d8c",
  kind: "user",
  issuer: "https://login.example.com",
  issuer_name: undefined,
  client_id: undefined,
  token_use: "id",
  claims: { "cognito:groups": ["Admins"], email: "someone@example.com", "https://example.com/level": 3 },
};
const REQUEST: Request = {
  method: "GET",
  path: "/home",
  api: "orders",
  api_id: "a1b2c3",
  stage: "prod",
  source_ip: undefined,
  client_certificate: undefined,
  headers: new Map([
    ["x-tenant", ["blue"]],
    ["x-empty", [""]],
    ["x-empty-too", ["", "blue"]],
    ["x-joined", ["blue,red"]],
    ["x-spaced", ["blue , red"]],
    ["authorization", ["Bearer secret"]],
  ]),
  query: new Map([
    ["page", ["1"]],
    ["sort", ["name", "age"]],
    ["fields", ["name,age"]],
    ["token", ["secret"]],
  ]),
};
const AUTHORIZATION = [{ from: "header", name: "authorization" }] as const;

interface Given {
  readonly request: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Lists the headers and parameters among references, as read by one condition. */
function valuesIn(references: readonly (readonly string[])[]): readonly RequestValue[] {
  return references.flatMap(([, branch, name = ""]) => {
    if (branch !== "headers" && branch !== "query") return [];
    return [{ from: branch === "headers" ? "header" : "query", name, conditions: ["it"] }];
  });
}

function toInputOf(
  references: readonly (readonly string[])[],
  tokenSources: Parameters<typeof createToInput>[2] = AUTHORIZATION,
) {
  const toCalendar = createToCalendar(references);
  return createToInput(references, valuesIn(references), tokenSources, toCalendar.ok ? toCalendar.value : undefined);
}

function inputFor(
  references: readonly (readonly string[])[],
  tokenSources: Parameters<typeof createToInput>[2] = AUTHORIZATION,
) {
  return toInputOf(references, tokenSources)(PRINCIPAL, REQUEST, 1700000000);
}

function claimsIn(claims: Principal["claims"], nowS?: number): unknown {
  const references = Object.keys(claims).map((name) => ["principal", "claims", name]);
  const toInput = createToInput(references, [], AUTHORIZATION, undefined);
  return toInput({ ...PRINCIPAL, claims }, nowS === undefined ? undefined : REQUEST, nowS).principal?.claims;
}

describe("the claims of the input", () => {
  it("have no number that JavaScript has rounded, at any depth", () => {
    const token = `{
      "most": 9007199254740991, "least": -9007199254740991, "score": 0.8346210234567891, "zero": 0,
      "next": 9007199254740992, "rounded": 9007199254740993, "fraction": 9007199254740992.4, "below": -9007199254740993,
      "infinite": 1e400, "list": [1, 9007199254740993], "lists": [[1], [[9007199254740993]]],
      "plan": {"name": "free", "number": 9007199254740993, "since": {"at": 1e300, "by": [null, "x"]}}
    }`;
    expect(claimsIn(JSON.parse(token))).toEqual({
      most: 9007199254740991,
      least: -9007199254740991,
      score: 0.8346210234567891,
      zero: 0,
      plan: { name: "free", since: { by: [null, "x"] } },
    });
  });

  it.each(["auth_time", "iat", "nbf"])("have no %s in the future or in milliseconds, by more than a minute", (name) => {
    const now = 1_700_000_000;
    for (const time of [0, now - 1, now, now + 60, String(now), null, "x", [now + 90]])
      expect(claimsIn({ [name]: time }, now)).toEqual({ [name]: time });
    for (const time of [now + 61, now * 1000, String(now * 1000), String(now + 61)])
      expect(claimsIn({ [name]: time }, now)).toEqual({});
  });

  it("have other times as they are", () => {
    expect(claimsIn({ exp: 1_800_000_000, until: 1_800_000_000 }, 1_700_000_000)).toEqual({
      exp: 1_800_000_000,
      until: 1_800_000_000,
    });
  });
});

describe("the input", () => {
  it("has the fields that the policy reads, without empty values", () => {
    const references = [
      ["now_s"],
      ["params", "id"],
      ["principal", "id"],
      ["principal", "client_id"],
      ["principal", "claims", "cognito:groups"],
      ["principal", "claims", "https://example.com/level"],
      ["principal", "claims", "missing"],
      ["request", "method"],
      ["request", "source_ip"],
      ["request", "headers", "x-tenant"],
      ["request", "headers", "missing"],
      ["request", "headers", "x-empty"],
      ["request", "query", "page"],
    ];
    expect(inputFor(references)).toEqual({
      principal: { id: "7d8c", claims: { "cognito:groups": ["Admins"], "https://example.com/level": 3 } },
      request: { method: "GET", headers: { "x-tenant": ["blue"] }, query: { page: ["1"] } },
      now_s: 1700000000,
    });
  });

  it("has the calendar that the policy reads, at the instant of `now_s`", () => {
    expect(inputFor([["now_s"], ["calendar", "Asia/Kolkata", "minute"]])).toEqual({
      principal: { claims: {} },
      request: {},
      now_s: 1700000000,
      calendar: { "Asia/Kolkata": { minute: 43 } },
    });
  });

  it("has no other field", () => {
    expect(inputFor([])).toEqual({ principal: { claims: {} }, request: {} });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["a header that occurs once", ["headers", "x-tenant"], ["blue"]],
    ["no header that occurs twice, not even with an empty value", ["headers", "x-empty-too"], []],
    ["no header with a comma, since an HTTP API joins two", ["headers", "x-joined"], []],
    ["a parameter that occurs once", ["query", "page"], ["1"]],
    ["no parameter that occurs twice", ["query", "sort"], []],
    ["a parameter with a comma", ["query", "fields"], ["name,age"]],
  ])("has %s", (_, [branch = "", name = ""], given) => {
    const { request } = inputFor([["request", branch, name]]) as Given;
    expect(request[branch]?.[name] ?? []).toEqual(given);
  });

  it("has no parameter with a comma if a cache key may have it, since an HTTP API joins two there", () => {
    const value = { from: "query", name: "fields", conditions: ["by_fields"], required: true } as const;
    const toInput = createToInput([], [value], AUTHORIZATION, undefined);
    expect((toInput(PRINCIPAL, REQUEST, 1) as Given).request).toEqual({
      query: {},
      ambiguous: { "query.fields": ["by_fields"] },
    });
  });

  it("names the fields that are missing because they have several values, and the conditions that read them", () => {
    const values = [
      { from: "header", name: "x-joined", conditions: ["one", "two"] },
      { from: "header", name: "x-tenant", conditions: ["one"] },
      { from: "header", name: "x-empty", conditions: ["one"] },
      { from: "query", name: "sort", conditions: ["two"] },
    ] as const;
    expect((createToInput([], values, AUTHORIZATION, undefined)(PRINCIPAL, REQUEST, 1) as Given).request).toEqual({
      headers: { "x-tenant": ["blue"] },
      query: {},
      ambiguous: { "headers.x-joined": ["one", "two"], "query.sort": ["two"] },
    });
  });

  it("has all values of a field that may have several, without those that are empty", () => {
    const multiple = { conditions: ["all"], multiple: true } as const;
    const values = [
      { from: "header", name: "x-joined", ...multiple },
      { from: "header", name: "x-spaced", ...multiple },
      { from: "header", name: "x-empty", ...multiple },
      { from: "header", name: "x-empty-too", ...multiple },
      { from: "query", name: "sort", ...multiple },
      { from: "query", name: "fields", ...multiple },
    ] as const;
    expect((createToInput([], values, AUTHORIZATION, undefined)(PRINCIPAL, REQUEST, 1) as Given).request).toEqual({
      headers: { "x-joined": ["blue", "red"], "x-spaced": ["blue", "red"], "x-empty-too": ["blue"] },
      query: { sort: ["name", "age"], fields: ["name,age"] },
    });
  });

  it("of a principal alone has neither the request nor the time", () => {
    const references = [["now_s"], ["calendar", "UTC", "hour"], ["principal", "id"], ["request", "method"]];
    expect(toInputOf(references)(PRINCIPAL)).toEqual({
      principal: { id: PRINCIPAL.id, claims: {} },
    });
  });

  it("never has the token", () => {
    const references = [
      ["request", "headers", "authorization"],
      ["request", "query", "token"],
    ];
    expect(inputFor(references)).toEqual({ principal: { claims: {} }, request: { query: { token: ["secret"] } } });
    expect(inputFor(references, [{ from: "query", name: "token" }])).toEqual({
      principal: { claims: {} },
      request: { headers: { authorization: ["Bearer secret"] } },
    });
  });

  it.each([
    ["cookie:session", "cookie"],
    ["header:X-Token,subprotocol", "sec-websocket-protocol"],
    ["query:token,header:Authorization", "authorization"],
  ])("never has the header that holds the token: %s", (text, name) => {
    const sources = parseTokenSources(text);
    if (!sources.ok) throw new Error(sources.error);
    const request = { ...REQUEST, headers: new Map([[name, ["secret"]]]) };
    const references = [["request", "headers", name]];
    const inputOf = (places: readonly TokenSource[]) =>
      JSON.stringify(createToInput(references, valuesIn(references), places, undefined)(PRINCIPAL, request, 1));
    expect(inputOf(sources.value)).not.toContain("secret");
    expect(inputOf([{ from: "query", name: "other" }])).toContain("secret");
  });

  it("has no field for a name that every object inherits", () => {
    expect(
      inputFor([
        ["principal", "claims", "constructor"],
        ["principal", "toString"],
      ]),
    ).toEqual({ principal: { claims: {} }, request: {} });
  });
});
