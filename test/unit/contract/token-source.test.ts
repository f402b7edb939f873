import { describe, expect, it } from "vitest";
import { ofToken } from "../../../contract/identity-sources.ts";
import {
  carriesToken,
  formatTokenSource,
  isSameTokenSource,
  parseTokenSource,
  TOKEN_CARRIERS,
  type TokenCarrier,
} from "../../../contract/token-source.ts";

const CARRIERS = Object.keys(TOKEN_CARRIERS) as readonly TokenCarrier[];

describe.each(CARRIERS)("a token in %s", (from) => {
  const source = { from, name: "Token" };

  it("has a source that is written and read back", () => {
    expect(parseTokenSource(formatTokenSource(source))).toEqual({ ok: true, value: source });
    expect(isSameTokenSource(source, { from, name: "Other" })).toBe(false);
  });

  it("is carried by what its identity source names, which no policy is given", () => {
    const { from: part, name } = ofToken(source);
    if (part === "context") throw new Error("no context variable carries a token");
    expect(carriesToken(source, part, name)).toBe(true);
    expect(carriesToken(source, part, `${name}s`)).toBe(false);
    expect(carriesToken(source, part === "header" ? "query" : "header", name)).toBe(false);
  });
});

it("a header's name has no case, a parameter's has", () => {
  expect(carriesToken({ from: "header", name: "Authorization" }, "header", "authorization")).toBe(true);
  expect(carriesToken({ from: "query", name: "Token" }, "query", "token")).toBe(false);
  expect(isSameTokenSource({ from: "header", name: "A" }, { from: "header", name: "a" })).toBe(true);
  expect(isSameTokenSource({ from: "query", name: "A" }, { from: "query", name: "a" })).toBe(false);
});
