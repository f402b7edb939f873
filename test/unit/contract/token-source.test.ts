import { describe, expect, it } from "vitest";
import type { Api } from "../../../contract/api-kinds.ts";
import { ofToken, toIdentitySources } from "../../../contract/identity-sources.ts";
import { TOKEN_CARRIERS, type TokenCarrier, traitsOfCarrier } from "../../../contract/token-carriers.ts";
import {
  areSameTokenSources,
  carriesToken,
  findUnusableSources,
  fitsCacheKey,
  formatTokenSources,
  parseTokenSources,
} from "../../../contract/token-source.ts";

const CARRIERS = Object.keys(TOKEN_CARRIERS) as readonly TokenCarrier[];

function parsed(text: string) {
  const sources = parseTokenSources(text);
  if (!sources.ok) throw new Error(sources.error);
  return sources.value;
}

describe.each(CARRIERS)("a token in %s", (from) => {
  const { onlyName, apis } = traitsOfCarrier(from);
  const source = { from, name: onlyName ?? "Token" };

  it("has a source that is written and read back", () => {
    expect(parseTokenSources(formatTokenSources([source]))).toEqual({ ok: true, value: [source] });
    expect(areSameTokenSources([source], [{ from, name: "Other" }])).toBe(false);
  });

  it("is carried by what its identity source names, which no policy is given", () => {
    const held = apis.map((api) => ofToken(api, [source]));
    expect(new Set(held.map((one) => JSON.stringify(one))).size).toBe(1);
    const [holder] = held;
    if (holder === undefined || holder.from === "context") throw new Error("no context variable carries a token");
    const { from: part, name } = holder;
    expect(carriesToken([source], part, name)).toBe(true);
    expect(carriesToken([source], part, `${name}s`)).toBe(false);
    expect(carriesToken([source], part === "header" ? "query" : "header", name)).toBe(false);
  });
});

it("a header's name has no case, those of a parameter and a cookie have", () => {
  expect(carriesToken(parsed("header:Authorization"), "header", "authorization")).toBe(true);
  expect(carriesToken(parsed("query:Token"), "query", "token")).toBe(false);
  expect(carriesToken(parsed("query:a,cookie:b"), "header", "COOKIE")).toBe(true);
  expect(areSameTokenSources(parsed("header:A"), parsed("header:a"))).toBe(true);
  expect(areSameTokenSources(parsed("query:A"), parsed("query:a"))).toBe(false);
  expect(areSameTokenSources(parsed("cookie:A"), parsed("cookie:a"))).toBe(false);
});

it("lists are the same in any order, and differ by a source", () => {
  expect(areSameTokenSources(parsed("header:A,cookie:b"), parsed("cookie:b,header:a"))).toBe(true);
  expect(areSameTokenSources(parsed("header:A,cookie:b"), parsed("header:A"))).toBe(false);
  expect(areSameTokenSources(parsed("header:A"), parsed("header:A,cookie:b"))).toBe(false);
});

describe("what API Gateway knows of the token", () => {
  it.each<[string, Api, readonly string[], boolean]>([
    ["header:X-Token", "rest", ["method.request.header.X-Token"], true],
    ["query:token", "http", ["$request.querystring.token"], true],
    ["cookie:session", "rest", ["method.request.header.Cookie"], false],
    ["cookie:session", "http", ["$request.header.Cookie"], false],
    ["subprotocol", "websocket", ["route.request.header.Sec-WebSocket-Protocol"], false],
    ["header:Authorization,subprotocol", "rest", ["method.request.header.Authorization"], true],
    ["header:Authorization,subprotocol", "websocket", [], false],
    ["header:Authorization,query:token", "rest", [], false],
    ["cookie:a,cookie:b", "http", [], false],
  ])("%s on a %s API: %j, and a cache key can hold it: %s", (text, api, identitySources, fits) => {
    const source = ofToken(api, parsed(text));
    const written = source === undefined ? [] : [source];
    expect(written).toHaveLength(identitySources.length);
    if (api !== "websocket") expect(toIdentitySources(api, ["token"], parsed(text))).toEqual(identitySources);
    expect(fitsCacheKey(api, parsed(text))).toBe(fits);
  });

  it("a source may be for other kinds of APIs only", () => {
    expect(findUnusableSources("rest", parsed("subprotocol"))).toMatch(/^no request to a REST API can have the token/);
    expect(findUnusableSources("http", parsed("subprotocol"))).toMatch(/^no request to an HTTP API/);
    expect(findUnusableSources("websocket", parsed("subprotocol"))).toBeUndefined();
    expect(findUnusableSources("rest", parsed("subprotocol,query:t"))).toBeUndefined();
  });
});
