import { describe, expect, it } from "vitest";
import { coversCacheKey } from "../../../../authorizer/gateway/cache-key.ts";
import { parseEvent } from "../../../../authorizer/gateway/event.ts";
import { changed, createEvent } from "../../../support/events.ts";

const AUTHORIZATION = [{ from: "header", name: "authorization" }] as const;

function keyOf(
  kind: "http-1" | "http-2",
  changes: Readonly<Record<string, unknown>>,
  tokenSources: Parameters<typeof coversCacheKey>[1] = AUTHORIZATION,
) {
  const event = parseEvent(changed(createEvent(kind, "a.b.c"), changes));
  return event.ok && coversCacheKey(event.value, tokenSources);
}

const TOKEN = "Bearer a.b.c";
const PATH = "/customers/42/orders";

describe("the key of an HTTP API, payload 2.0", () => {
  const route = String(createEvent("http-2", "a.b.c")["routeKey"]);
  const whole = [TOKEN, route, "GET", PATH];

  it.each<[string, readonly string[]]>([
    ["in the order of the contract", whole],
    ["in another order", whole.toReversed()],
    ["with more parts", [...whole, "203.0.113.7"]],
  ])("is complete: %s", (_, identitySource) => {
    expect(keyOf("http-2", { identitySource })).toBe(true);
  });

  it("is complete with the stage before the path, as in a named stage", () => {
    const changes = { rawPath: `/prod${PATH}`, "requestContext.http.path": `/prod${PATH}` };
    expect(keyOf("http-2", { ...changes, identitySource: [TOKEN, route, "GET", `/prod${PATH}`] })).toBe(true);
    expect(keyOf("http-2", { ...changes, identitySource: [TOKEN, route, "GET", PATH] })).toBe(true);
  });

  it.each<[string, unknown]>([
    ["without a part", undefined],
    ["null", null],
    ["the token alone", [TOKEN]],
    ...whole.map((value): [string, unknown] => [`all but ${value}`, whole.filter((other) => other !== value)]),
    ["another token", ["Bearer x.y.z", ...whole.slice(1)]],
    ["another route", [TOKEN, "$default", "GET", PATH]],
    ["another method", [TOKEN, route, "PUT", PATH]],
    ["another path", [TOKEN, route, "GET", "/customers/43/orders"]],
    ["one value in place of two", [TOKEN, route, "GET", "GET"]],
  ])("is incomplete: %s", (_, identitySource) => {
    expect(keyOf("http-2", { identitySource })).toBe(false);
  });

  it("makes the event malformed in any other shape", () => {
    expect(parseEvent(changed(createEvent("http-2", "t"), { identitySource: TOKEN }))).toMatchObject({ ok: false });
  });

  it("has the token from the token source", () => {
    const changes = { rawQueryString: "token=a.b.c", identitySource: ["a.b.c", route, "GET", PATH] };
    expect(keyOf("http-2", changes, [{ from: "query", name: "token" }])).toBe(true);
    expect(keyOf("http-2", changes)).toBe(false);
  });
});

it.each<[string, Parameters<typeof coversCacheKey>[1]]>([
  ["one of two places", [...AUTHORIZATION, { from: "query", name: "token" }]],
  ["a subprotocol, which no request to an HTTP API has", [{ from: "subprotocol", name: "Sec-WebSocket-Protocol" }]],
])("no key is complete for a token in %s", (_, sources) => {
  const identitySource = [TOKEN, String(createEvent("http-2", "a.b.c")["routeKey"]), "GET", PATH];
  expect(keyOf("http-2", { identitySource })).toBe(true);
  expect(keyOf("http-2", { identitySource }, sources)).toBe(false);
});

describe("the key of an HTTP API, payload 1.0", () => {
  const template = "/customers/{customer_id}/orders";

  it.each([
    ["a route of one method", `${TOKEN},GET ${template},GET,${PATH}`],
    ["a route of any method", `${TOKEN},ANY ${template},GET,${PATH}`],
    ["more parts behind it", `${TOKEN},GET ${template},GET,${PATH},203.0.113.7`],
  ])("is complete: %s", (_, identitySource) => {
    expect(keyOf("http-1", { identitySource })).toBe(true);
  });

  it.each([
    ["the token alone", TOKEN],
    ["another order", `${TOKEN},GET,GET ${template},${PATH}`],
    ["another path", `${TOKEN},GET ${template},GET,${PATH}x`],
    ["another method", `${TOKEN},GET ${template},PUT,${PATH}`],
    ["another route", `${TOKEN},$default,GET,${PATH}`],
    ["nothing", undefined],
  ])("is incomplete: %s", (_, identitySource) => {
    expect(keyOf("http-1", { identitySource })).toBe(false);
  });
});
