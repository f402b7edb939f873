import { describe, expect, it } from "vitest";
import type { Request } from "../../../../authorizer/gateway/request.ts";
import type { Principal } from "../../../../authorizer/identity/principal.ts";
import { createToCalendar } from "../../../../authorizer/policy/calendar.ts";
import { createToInput } from "../../../../authorizer/policy/input.ts";
import { parseTokenSources, type TokenSource } from "../../../../contract/token-source.ts";

const PRINCIPAL: Principal = {
  id: "7d8c",
  kind: "user",
  issuer: "https://login.example.com",
  client_id: undefined,
  token_use: "id",
  claims: { "cognito:groups": ["Admins"], email: "someone@example.com", "https://example.com/level": 3 },
};
const REQUEST: Request = {
  method: "GET",
  path: "/home",
  api_id: "a1b2c3",
  stage: "prod",
  source_ip: undefined,
  headers: new Map([
    ["x-tenant", ["", "blue"]],
    ["x-empty", [""]],
    ["authorization", ["Bearer secret"]],
  ]),
  query: new Map([
    ["page", ["1", "2"]],
    ["token", ["secret"]],
  ]),
};
const AUTHORIZATION = [{ from: "header", name: "authorization" }] as const;

function toInputOf(
  references: readonly (readonly string[])[],
  tokenSources: Parameters<typeof createToInput>[2] = AUTHORIZATION,
) {
  const toCalendar = createToCalendar(references);
  return createToInput(references, [], tokenSources, toCalendar.ok ? toCalendar.value : undefined);
}

function inputFor(
  references: readonly (readonly string[])[],
  tokenSources: Parameters<typeof createToInput>[2] = AUTHORIZATION,
) {
  return toInputOf(references, tokenSources)(PRINCIPAL, REQUEST, 1700000000);
}

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
      request: { method: "GET", headers: { "x-tenant": ["blue"] }, query: { page: ["1", "2"] } },
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
    ["is present if it occurs once", ["request", "headers", "x-tenant"], ["blue"]],
    ["is absent if it occurs twice", ["request", "query", "page"], []],
    ["is absent if an HTTP API joined two", ["request", "headers", "x-joined"], []],
  ])("a field that may be in a cache key %s", (_, read, given) => {
    const [, branch, name = ""] = read;
    const from = branch === "headers" ? "header" : "query";
    const input = {
      ...REQUEST,
      headers: new Map([
        ["x-tenant", ["blue"]],
        ["x-joined", ["blue,red"]],
      ]),
    };
    const toInput = createToInput([read], [`${from}.${name}`], AUTHORIZATION, undefined);
    const { request } = toInput(PRINCIPAL, input, 1) as { request: Record<string, Record<string, readonly string[]>> };
    expect(request[branch ?? ""]?.[name] ?? []).toEqual(given);
    // Another value that is not required is passed unchanged.
    expect(inputFor([["request", "query", "page"]])).toMatchObject({ request: { query: { page: ["1", "2"] } } });
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
      JSON.stringify(createToInput(references, [], places, undefined)(PRINCIPAL, request, 1));
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
