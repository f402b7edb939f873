import { describe, expect, it } from "vitest";
import { findToken } from "../../../../authorizer/gateway/bearer-token.ts";
import { parseEvent } from "../../../../authorizer/gateway/event.ts";
import type { ApiKind } from "../../../../contract/api-kinds.ts";
import type { TokenSource } from "../../../../contract/token-source.ts";
import { changed, createEvent, KINDS, type TestEvent } from "../../../support/events.ts";

const AUTHORIZATION: TokenSource = { from: "header", name: "authorization" };
const TOKEN = "eyJh.eyJz.c2ln";

function tokenIn(event: TestEvent, source = AUTHORIZATION) {
  const parsed = parseEvent(event);
  if (!parsed.ok) return parsed.error.code;
  const token = findToken(parsed.value, source);
  return token.ok ? token.value : token.error;
}

/** Sets the values of the Authorization header. */
function withHeader(kind: ApiKind, value: string): TestEvent {
  const name = kind === "http-2" ? "authorization" : "Authorization";
  return changed(createEvent(kind, undefined), {
    authorizationToken: value,
    [`headers.${name}`]: value,
    ...(kind === "rest-request" || kind === "websocket" ? { "multiValueHeaders.Authorization": [value] } : {}),
  });
}

describe.each(KINDS)("the token of a %s event", (kind) => {
  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER  ${TOKEN}`, TOKEN])("is found in %j", (value) => {
    expect(tokenIn(withHeader(kind, value))).toBe(TOKEN);
  });

  it.each([
    ["token.missing", ""],
    ["token.malformed", "Bearer"],
    ["token.malformed", "Bearer   "],
    ["token.malformed", "Basic dXNlcjpwdw=="],
    ["token.malformed", `Token ${TOKEN}`],
    ["token.malformed", `Bearer ${TOKEN} `],
    ["token.malformed", ` Bearer ${TOKEN}`],
    ["token.malformed", `Bearer\t${TOKEN}`],
    ["token.malformed", `Bearer ${TOKEN}\n`],
    ["token.malformed", `Bearer ${TOKEN}=`],
    ["token.malformed", "Bearer eyJh.eyJz"],
    ["token.malformed", "Bearer eyJh.eyJz.c2ln.more"],
    ["token.malformed", "Bearer eyJh..c2ln"],
    ["token.malformed", "Bearer ey+h.ey/z.c2ln"],
    ["token.repeated", `Bearer ${TOKEN},Bearer ${TOKEN}`],
    ["token.too_large", `Bearer ${"a".repeat(8182)}.b.c`],
    ["token.malformed", `Bearer ${"a".repeat(8181)}.b. `],
  ])("is refused as %s: %j", (code, value) => {
    expect(tokenIn(withHeader(kind, value))).toBe(code);
  });
});

describe("the place of the token", () => {
  it("a repeated header is refused, even if the single view shows one", () => {
    const event = changed(createEvent("rest-request", TOKEN), {
      "multiValueHeaders.Authorization": [`Bearer ${TOKEN}`, "Bearer x.y.z"],
    });
    expect(tokenIn(event)).toBe("token.repeated");
  });

  it("a header in two letter cases is repeated", () => {
    expect(tokenIn(changed(createEvent("http-1", TOKEN), { "headers.authorization": "Bearer x.y.z" }))).toBe(
      "token.repeated",
    );
  });

  it("two views that disagree have two tokens", () => {
    expect(tokenIn(changed(createEvent("rest-request", TOKEN), { "headers.Authorization": "Bearer x.y.z" }))).toBe(
      "token.repeated",
    );
  });

  it("authorizationToken counts for a TOKEN authorizer only", () => {
    expect(tokenIn(changed(createEvent("rest-request", undefined), { authorizationToken: `Bearer ${TOKEN}` }))).toBe(
      "token.missing",
    );
    expect(tokenIn(changed(createEvent("rest-token", undefined), { headers: { Authorization: TOKEN } }))).toBe(
      "token.missing",
    );
  });

  it("can be another header, in any letter case", () => {
    const event = changed(createEvent("websocket", undefined), {
      "headers.Sec-WebSocket-Protocol": TOKEN,
      "multiValueHeaders.Sec-WebSocket-Protocol": [TOKEN],
    });
    expect(tokenIn(event, { from: "header", name: "sec-websocket-protocol" })).toBe(TOKEN);
    expect(tokenIn(event)).toBe("token.missing");
  });

  it("can be a query parameter", () => {
    const event = changed(createEvent("websocket", undefined), {
      "queryStringParameters.token": TOKEN,
      "multiValueQueryStringParameters.token": [TOKEN],
    });
    expect(tokenIn(event, { from: "query", name: "token" })).toBe(TOKEN);
    expect(tokenIn(event, { from: "query", name: "Token" })).toBe("token.missing");
    const http = changed(createEvent("http-2", undefined), { rawQueryString: `token=${TOKEN}&token=${TOKEN}` });
    expect(tokenIn(http, { from: "query", name: "token" })).toBe("token.repeated");
  });
});
