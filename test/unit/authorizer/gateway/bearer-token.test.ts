import { describe, expect, it } from "vitest";
import { findToken } from "../../../../authorizer/gateway/bearer-token.ts";
import { parseEvent } from "../../../../authorizer/gateway/event.ts";
import type { ApiKind } from "../../../../contract/api-kinds.ts";
import type { TokenSource } from "../../../../contract/token-source.ts";
import { changed, createEvent, KINDS, type TestEvent } from "../../../support/events.ts";

const AUTHORIZATION: readonly TokenSource[] = [{ from: "header", name: "authorization" }];
const COOKIE: TokenSource = { from: "cookie", name: "session" };
const SUBPROTOCOL: TokenSource = { from: "subprotocol", name: "Sec-WebSocket-Protocol" };
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
    expect(tokenIn(event, [{ from: "header", name: "sec-websocket-protocol" }])).toBe(TOKEN);
    expect(tokenIn(event)).toBe("token.missing");
  });

  it("can be a query parameter", () => {
    const event = changed(createEvent("websocket", undefined), {
      "queryStringParameters.token": TOKEN,
      "multiValueQueryStringParameters.token": [TOKEN],
    });
    expect(tokenIn(event, [{ from: "query", name: "token" }])).toBe(TOKEN);
    expect(tokenIn(event, [{ from: "query", name: "Token" }])).toBe("token.missing");
    const http = changed(createEvent("http-2", undefined), { rawQueryString: `token=${TOKEN}&token=${TOKEN}` });
    expect(tokenIn(http, [{ from: "query", name: "token" }])).toBe("token.repeated");
  });
});

/** Sets a header in both views of a REST API's or a WebSocket's event, or in the one of an HTTP API's. */
function withValues(kind: ApiKind, header: string, values: readonly string[]): TestEvent {
  if (kind.startsWith("http"))
    return changed(createEvent(kind, undefined), { [`headers.${header.toLowerCase()}`]: values.join(",") });
  return changed(createEvent(kind, undefined), {
    [`headers.${header}`]: values.at(-1),
    [`multiValueHeaders.${header}`]: values,
  });
}

describe.each(["rest-request", "http-1", "websocket"] as const)("the token in a cookie of a %s event", (kind) => {
  it.each([
    `session=${TOKEN}`,
    `a=1; session=${TOKEN}; b=2`,
    `a=1;session=${TOKEN}`,
    `session="${TOKEN}"`,
    `session = ${TOKEN} `,
    `Session=x.y.z; session=${TOKEN}`,
    `xsession=x.y.z; session=${TOKEN}; session2=x.y.z`,
    `a="session"; session=${TOKEN}`,
    `session; =session; session=${TOKEN}`,
    `a=1,session; b=1,xsession=x.y.z; session=${TOKEN}`,
  ])("is found in %j", (cookie) => {
    expect(tokenIn(withValues(kind, "Cookie", [cookie]), [COOKIE])).toBe(TOKEN);
  });

  it.each([
    ["token.missing", ""],
    ["token.missing", "a=1"],
    ["token.missing", "session"],
    ["token.missing", "session="],
    ["token.missing", `Session=${TOKEN}`],
    ["token.missing", `sessions=${TOKEN}`],
    ["token.missing", `%73ession=${TOKEN}`],
    ["token.malformed", 'session="'],
    ["token.missing", 'session=""'],
    ["token.malformed", `session="${TOKEN}`],
    ["token.malformed", `session=""${TOKEN}""`],
    ["token.malformed", `session=${TOKEN.replaceAll(".", "%2E")}`],
    ["token.malformed", `session=s:${TOKEN}`],
    ["token.repeated", `session=${TOKEN}; session=${TOKEN}`],
    ["token.repeated", `session=x.y.z; session=${TOKEN}`],
    ["token.repeated", `session=; session=${TOKEN}`],
    ["token.repeated", `a="b; session=x.y.z"; session=${TOKEN}`],
    ["token.repeated", `session=${TOKEN},session=${TOKEN}`],
    ["token.repeated", `session=${TOKEN}; a=1,session=x.y.z`],
    ["token.repeated", `a=1, session = ${TOKEN}`],
  ])("is refused as %s: %j", (code, cookie) => {
    expect(tokenIn(withValues(kind, "Cookie", [cookie]), [COOKIE])).toBe(code);
  });

  it("is refused in two headers, and is not looked for elsewhere", () => {
    const two = [`session=${TOKEN}`, `session=${TOKEN}`];
    expect(tokenIn(withValues(kind, "Cookie", two), [COOKIE])).toBe("token.repeated");
    expect(tokenIn(withValues(kind, "Authorization", [TOKEN]), [COOKIE])).toBe("token.missing");
    expect(tokenIn(withValues(kind, "Cookie", [`session=${TOKEN}`]))).toBe("token.missing");
  });
});

describe("the cookies of payload 2.0, which are a list without a header", () => {
  const tokenOf = (cookies: unknown, header?: string) =>
    tokenIn(changed(createEvent("http-2", undefined), { cookies, ...(header && { "headers.cookie": header }) }), [
      COOKIE,
    ]);

  it("have the token once", () => {
    expect(tokenOf(["a=1", `session=${TOKEN}`])).toBe(TOKEN);
    expect(tokenOf([`a=1; session=${TOKEN}`])).toBe(TOKEN);
    expect(tokenOf(undefined)).toBe("token.missing");
    expect(tokenOf(["a=1"])).toBe("token.missing");
    expect(tokenOf([`session=${TOKEN}`, `session=${TOKEN}`])).toBe("token.repeated");
    expect(tokenOf(`session=${TOKEN}`)).toBe("event.malformed");
    expect(tokenOf([7])).toBe("event.malformed");
  });

  it("may be in the header too, if both views agree", () => {
    expect(tokenOf(undefined, `session=${TOKEN}`)).toBe(TOKEN);
    expect(tokenOf([`session=${TOKEN}`], `session=${TOKEN}`)).toBe(TOKEN);
    expect(tokenOf([`session=${TOKEN}`], "session=x.y.z")).toBe("token.repeated");
    expect(tokenOf([`session=${TOKEN}`], `session=${TOKEN}; session=${TOKEN}`)).toBe("token.repeated");
  });
});

describe("the token among the subprotocols of a WebSocket", () => {
  const tokenOf = (...values: readonly string[]) =>
    tokenIn(withValues("websocket", "Sec-WebSocket-Protocol", values), [SUBPROTOCOL]);

  it.each([[`bearer, ${TOKEN}`], [`bearer,${TOKEN}`], [`chat.v1.json, Bearer, ${TOKEN}`], [`bearer, ${TOKEN}, chat`]])(
    "is the one after bearer: %s",
    (value) => {
      expect(tokenOf(value)).toBe(TOKEN);
    },
  );

  it("may be in another header than bearer, as one list", () => {
    expect(tokenOf("chat, bearer", TOKEN)).toBe(TOKEN);
  });

  it.each([
    ["token.missing", TOKEN],
    ["token.missing", `chat, ${TOKEN}`],
    ["token.missing", ""],
    ["token.malformed", "bearer"],
    ["token.malformed", "bearer,"],
    ["token.malformed", `bearer, , ${TOKEN}`],
    ["token.malformed", `bearer, chat, ${TOKEN}`],
    ["token.missing", `bearer ${TOKEN}`],
    ["token.repeated", `bearer, ${TOKEN}, bearer, ${TOKEN}`],
    ["token.repeated", `bearer, ${TOKEN}, bearer`],
  ])("is refused as %s: %j", (code, value) => {
    expect(tokenOf(value)).toBe(code);
  });

  it("is for WebSocket APIs only", () => {
    const http = withValues("rest-request", "Sec-WebSocket-Protocol", [`bearer, ${TOKEN}`]);
    expect(tokenIn(http, [SUBPROTOCOL])).toBe("token.missing");
  });
});

describe("a token in one of several places", () => {
  const sources: readonly TokenSource[] = [...AUTHORIZATION, COOKIE, { from: "query", name: "token" }, SUBPROTOCOL];
  const places = {
    "headers.authorization": `Bearer ${TOKEN}`,
    "headers.cookie": `session=${TOKEN}`,
    "queryStringParameters.token": TOKEN,
    "headers.sec-websocket-protocol": `bearer, ${TOKEN}`,
  };
  const event = createEvent("websocket", undefined);

  it.each(Object.entries(places))("is found in %s", (place, value) => {
    expect(tokenIn(changed(event, { [place]: value }), sources)).toBe(TOKEN);
  });

  it("is refused in two of them, even if it is the same, or one is empty", () => {
    for (const [one, text] of Object.entries(places)) {
      for (const [other, second] of Object.entries(places).filter(([place]) => place !== one)) {
        expect(tokenIn(changed(event, { [one]: text, [other]: second }), sources)).toBe("token.repeated");
      }
    }
    expect(
      tokenIn(changed(event, { "headers.authorization": "", "headers.cookie": `session=${TOKEN}` }), sources),
    ).toBe("token.repeated");
    expect(tokenIn(event, sources)).toBe("token.missing");
  });

  it("is what API Gateway read, for a TOKEN authorizer", () => {
    expect(tokenIn(createEvent("rest-token", TOKEN), sources)).toBe(TOKEN);
  });
});
