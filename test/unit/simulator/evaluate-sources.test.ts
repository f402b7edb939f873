import { describe, expect, it } from "vitest";
import type { ApiKind } from "../../../contract/api-kinds.ts";
import { evaluateSources, readIdentitySource } from "../../../simulator/evaluate-sources.ts";

describe("an identity source is read", () => {
  it.each<[ApiKind, string, string, string]>([
    ["rest-token", "method.request.header.Authorization", "header", "Authorization"],
    ["rest-request", "method.request.querystring.tenant", "query", "tenant"],
    ["rest-request", "context.identity.sourceIp", "context", "identity.sourceIp"],
    ["rest-request", "context.resourcePath", "context", "resourcePath"],
    ["http-1", "$request.header.x-api-key", "header", "x-api-key"],
    ["http-2", "$request.querystring.a.b", "query", "a.b"],
    ["http-2", "$context.routeKey", "context", "routeKey"],
    ["websocket", "route.request.header.auth", "header", "auth"],
    ["websocket", "route.request.querystring.auth", "query", "auth"],
    ["websocket", "context.domainName", "context", "domainName"],
  ])("%s: %s", (kind, text, from, name) => {
    expect(readIdentitySource(kind, text)).toEqual({ ok: true, value: { from, name } });
  });

  it.each<[ApiKind, string, string]>([
    ["rest-request", "$request.header.authorization", "identity_source.unknown"],
    ["rest-request", "method.request.path.id", "identity_source.unknown"],
    ["rest-request", "stageVariables.name", "identity_source.unknown"],
    ["rest-request", "method.request.header.", "identity_source.unknown"],
    ["rest-request", "method.request.header.a, method.request.header.b", "identity_source.unknown"],
    ["rest-request", "context.routeKey", "identity_source.unknown_variable"],
    ["rest-request", "context.resourceId", "identity_source.unknown_variable"],
    ["rest-request", "context.", "identity_source.unknown_variable"],
    ["http-2", "context.routeKey", "identity_source.unknown"],
    ["http-2", "$context.resourcePath", "identity_source.unknown_variable"],
    ["websocket", "method.request.header.auth", "identity_source.unknown"],
    ["websocket", "context.path", "identity_source.unknown_variable"],
    ["http-2", "", "identity_source.unknown"],
  ])("except %s: %s", (kind, text, error) => {
    expect(readIdentitySource(kind, text)).toEqual({ ok: false, error });
  });
});

describe("identity sources are evaluated", () => {
  const request = {
    headers: [
      ["Authorization", "x"],
      ["A", "1"],
      ["a", "2"],
      ["empty", ""],
    ],
    query: [
      ["tenant", "t"],
      ["q", "1"],
      ["q", "2"],
    ],
    context: { path: "/prod/orders" },
  } as const;

  it.each([
    ["in their order", ["context.path", "method.request.querystring.tenant"], ["/prod/orders", "t"]],
    ["headers in any case", ["method.request.header.AUTHORIZATION"], ["x"]],
    ["repeated headers joined, whatever their case", ["method.request.header.a"], ["1,2"]],
    ["repeated parameters joined", ["method.request.querystring.q"], ["1,2"]],
    ["without any", [], []],
    ["parameters in their case only", ["method.request.querystring.Tenant"], undefined],
    ["unless one is missing", ["context.path", "method.request.header.b"], undefined],
    ["unless one is empty", ["method.request.header.empty", "context.path"], undefined],
  ])("%s", (_, texts, expected) => {
    const sources = texts.flatMap((text) => {
      const source = readIdentitySource("rest-request", text);
      return source.ok ? [source.value] : [];
    });
    expect(sources.length).toBe(texts.length);
    expect(evaluateSources(sources, request)).toEqual(expected);
  });
});
