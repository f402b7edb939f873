import fc from "fast-check";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { changed, createEvent, KINDS, pathsOf, redirected, type TestEvent } from "../support/events.ts";
import type { Tokens } from "./tokens.ts";

const PATHS = [
  "/",
  "/a",
  "/a/b",
  "/7/b",
  "/caf\u00e9/b",
  "/caf%C3%A9/b",
  "/files/a",
  "/files/a/b",
  "/files/caf\u00e9",
  "/b/7",
  "/a/x/b",
  "/a/a/x",
  "/b/a/x/y",
];
const ODD_PATHS = [
  "",
  "a",
  "//a",
  "/a/",
  "/a//b",
  "/./a",
  "/files/../a",
  "/%61",
  "/files/%2e%2e/a",
  "/files/a%2Fb",
  "/files/a;x",
  "/files/*",
  "/files/a?b",
  "/files/${aws:username}",
  "/files/%00",
  "/files/%ff",
  "/files/\\",
  "/A",
];
const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];
const ODD_METHODS = ["get", "ANY", "*", "CONNECT", "$connect", "TRACE", ""];
const ODD_VALUES: readonly unknown[] = [
  ...[
    undefined,
    null,
    "",
    0,
    7,
    true,
    [],
    {},
    [[]],
    "\ud800",
    "$connect",
    "CONNECT",
    "*",
    "REQUEST",
    "TOKEN",
    "1.0",
    "2.0",
  ],
  ...[
    ["a"],
    { proxy: "a" },
    "x".repeat(2_000),
    "203.0.113.7",
    "::ffff:203.0.113.7",
    "DELETE",
    "/a",
    "/files/a",
    "prod",
    "$default",
  ],
];
const ODD_NAMES = [
  "headers.X-HTTP-Method-Override",
  "headers.authorization",
  "multiValueHeaders.AUTHORIZATION",
  "authorizationToken",
  "version",
  "type",
  "requestContext.eventType",
  "resource",
  "routeKey",
  "__proto__",
  "headers.__proto__",
  "pathParameters.proxy",
];

/** Puts a token into an event where the fuzzed handler looks for it, besides the header. */
const PLACES: Readonly<Record<string, (event: TestEvent, token: string) => TestEvent>> = {
  cookie: (event, token) => withHeader(event, "Cookie", `a=1; session=${token}`),
  quoted: (event, token) => withHeader(event, "Cookie", `session="${token}"; b`),
  twice: (event, token) => withHeader(event, "Cookie", `session=${token}; session=${token}`),
  listed: (event, token) => changed(event, { cookies: ["a=1", `session=${token}`] }),
  query: (event, token) =>
    changed(event, {
      rawQueryString: `token=${token}`,
      "queryStringParameters.token": token,
      "multiValueQueryStringParameters.token": [token],
    }),
  subprotocol: (event, token) => withHeader(event, "Sec-WebSocket-Protocol", `chat, bearer, ${token}`),
};

function withHeader(event: TestEvent, name: string, value: string): TestEvent {
  const isOfHttp = event["version"] !== undefined;
  return changed(event, {
    [`headers.${isOfHttp ? name.toLowerCase() : name}`]: value,
    ...(!isOfHttp && { [`multiValueHeaders.${name}`]: [value] }),
  });
}

/** Puts tokens into parts of an event; most often one into the header. */
function withTokens(kind: ApiKind, token: string | undefined, places: readonly string[]): TestEvent {
  if (kind === "rest-token" || places.length === 0) return createEvent(kind, token);
  const isInHeader = places.includes("header");
  const event = createEvent(kind, isInHeader ? token : undefined);
  return places.reduce((one, place) => PLACES[place]?.(one, token ?? "") ?? one, event);
}

/**
 * Generates events of every kind: for requests that the policy knows, with valid and invalid tokens, and then with some
 * fields changed.
 */
export function eventsWith({ good, bad }: Tokens): fc.Arbitrary<unknown> {
  const token = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...good.keys()) },
    { weight: 2, arbitrary: fc.constantFrom(...bad) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const path = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...PATHS) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_PATHS) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }).map((text) => `/files/${text}`) },
    { weight: 1, arbitrary: fc.webPath() },
  );
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...METHODS) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_METHODS) },
  );
  const address = fc.constantFrom("203.0.113.7", "198.51.100.1", "2001:db8::1");
  const places = fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(PLACES)).map((place) => [place]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom("header", ...Object.keys(PLACES)), { maxLength: 3 }) },
  );
  const whole = fc
    .tuple(fc.constantFrom(...KINDS), token, method, path, address, places)
    .map(([kind, one, verb, asked, from, where]) => {
      const event = redirected(kind, withTokens(kind, one, where), verb, asked);
      if (kind === "rest-token") return event;
      return changed(event, {
        [kind === "http-2" ? "requestContext.http.sourceIp" : "requestContext.identity.sourceIp"]: from,
      });
    });
  const value = fc.oneof(
    fc.constantFrom(...ODD_VALUES),
    fc.string({ maxLength: 6 }),
    fc.jsonValue({ maxDepth: 2 }),
    token,
  );
  const twisted = fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 3 }))
    .map(([event, changes]) => {
      const names = [...pathsOf(event), ...ODD_NAMES];
      return changes.reduce<TestEvent>(
        (twice, [at, odd]) => changedSafely(twice, names[at % names.length] ?? "", odd),
        event,
      );
    });
  return fc.oneof(
    { weight: 4, arbitrary: whole },
    { weight: 8, arbitrary: twisted },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

/** Changes a field, unless an earlier change replaced an object on its path. */
function changedSafely(event: TestEvent, name: string, value: unknown): TestEvent {
  try {
    return changed(event, { [name]: value });
  } catch {
    return event;
  }
}
