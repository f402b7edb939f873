import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKind } from "../../../contract/api-kinds.ts";
import { type RunningAuthorizer, startAuthorizer } from "../../support/authorizer.ts";
import { changed, createEvent, KINDS, pathsOf, redirected, type TestEvent } from "../../support/events.ts";
import { judged } from "../../support/judged.ts";
import { createTestIssuer } from "../../support/tokens.ts";

// Cases 62 to 81: the shape of a request. The principal may do everything below /files, /admin included, so that only
// the shape can be the reason to refuse. Beside each case, the well-formed path is allowed.

const REST = ["rest-token", "rest-request"] as const;
const HTTP = ["http-1", "http-2"] as const;
const NOT_CANONICAL = "deny path.not_canonical";

let authorizer: RunningAuthorizer;
let token: string;
beforeAll(async () => {
  const issuer = createTestIssuer();
  authorizer = await startAuthorizer(issuer);
  token = await issuer.sign({ "cognito:groups": ["Customers"] });
});
afterAll(() => authorizer[Symbol.asyncDispose]());

function eventOf(kind: ApiKind, path: string, method = "GET"): TestEvent {
  return redirected(kind, createEvent(kind, token), method, path);
}

/** A case: its number, the path as it arrives, and the control. */
type Case = readonly [number, string, string];

const ENCODED: readonly Case[] = [
  [62, "//files/admin", "/files/admin"],
  [62, "/files//b", "/files/b"],
  [63, "/files/./b", "/files/b"],
  [63, "/files/../files/admin", "/files/admin"],
  [63, "/files/%2e%2e/files/admin", "/files/admin"],
  [63, "/files/.%2E/files/admin", "/files/admin"],
  [64, "/files/a%2Fb", "/files/a/b"],
  [64, "/files/a%5Cb", "/files/a/b"],
  [64, "/files/a\\b", "/files/a/b"],
  [65, "/files/%61dmin", "/files/admin"],
  [65, "/%66iles/admin", "/files/admin"],
  [66, "/files/a%252e%252e/b", "/files/a../b"],
  [67, "/files/admin;x=1", "/files/admin"],
  [67, "/files/a/..;x=1/admin", "/files/admin"],
  [68, "/files/admin/", "/files/admin"],
  [70, "/files/%", "/files/a"],
  [70, "/files/%zz", "/files/a"],
  [70, "/files/%ff", "/files/a"],
  [70, "/files/%c0%ae", "/files/a"],
  [70, "/files/a%00b", "/files/ab"],
  [73, "/files/*", "/files/a"],
  [73, "/files/a%3F", "/files/a"],
  [73, "/files/$%7Baws:username%7D", "/files/$aws:username"],
];

const DECODED: readonly Case[] = [
  [62, "//files/admin", "/files/admin"],
  [62, "/files//b", "/files/b"],
  [63, "/files/./b", "/files/b"],
  [63, "/files/../files/admin", "/files/admin"],
  [64, "/files/a\\b", "/files/a/b"],
  [66, "/files/a%2e%2e/b", "/files/a../b"],
  [67, "/files/admin;x=1", "/files/admin"],
  [67, "/files/a/..;x=1/admin", "/files/admin"],
  [68, "/files/admin/", "/files/admin"],
  [70, "/files/%", "/files/a"],
  [70, "/files/a\0b", "/files/ab"],
  [73, "/files/*", "/files/a"],
  [73, "/files/a?", "/files/a"],
  [73, "/files/${aws:username}", "/files/$aws:username"],
];

describe.each(REST)("%s, whose path arrives encoded", (kind) => {
  it.each(ENCODED)("%i. %j beside %j", async (_, path, control) => {
    const outcomes = [await judged(authorizer, eventOf(kind, path)), await judged(authorizer, eventOf(kind, control))];
    expect(outcomes).toEqual([NOT_CANONICAL, "allow"]);
  });
});

describe.each(HTTP)("%s, whose path arrives decoded", (kind) => {
  it.each(DECODED)("%i. %j beside %j", async (_, path, control) => {
    const outcomes = [await judged(authorizer, eventOf(kind, path)), await judged(authorizer, eventOf(kind, control))];
    expect(outcomes).toEqual([NOT_CANONICAL, "allow"]);
  });

  it("64. a slash that was decoded, where only the route key can tell", async () => {
    const verb = kind === "http-1" ? "" : "GET ";
    const route = kind === "http-1" ? "resource" : "routeKey";
    const event = (template: string, parameters: object) =>
      changed(eventOf(kind, "/files/a/b"), {
        [route]: `${verb}${template}`,
        "requestContext.resourcePath": undefined,
        "requestContext.routeKey": undefined,
        pathParameters: parameters,
      });
    const outcomes = [
      await judged(authorizer, event("/files/{file}", { file: "a/b" })),
      await judged(authorizer, event("/files/{folder}/{file}", { folder: "a", file: "b" })),
    ];
    expect(outcomes).toEqual(["deny event.inconsistent", "allow"]);
  });
});

describe.each([...REST, ...HTTP])("%s", (kind) => {
  it.each([
    [68, "the parent path, where only its children are granted", "/files", "deny grant.none"],
    [69, "another letter case", "/FILES/admin", "deny grant.none"],
    [72, "an empty path", "", "deny event.malformed"],
    [72, "a path without its leading slash", "files/admin", "deny event.malformed"],
    [72, "a path of 8 kB", `/files/${"a".repeat(8_000)}`, "deny event.malformed"],
  ])("%i. %s", async (_, __, path, expected) => {
    const outcomes = [
      await judged(authorizer, eventOf(kind, path)),
      await judged(authorizer, eventOf(kind, "/files/a")),
    ];
    expect(outcomes).toEqual([expected, "allow"]);
  });

  it("71. a composed letter and the same letter with a combining accent are two paths", async () => {
    const paths = ["/customers/caf\u00e9/orders", "/customers/cafe\u0301/orders"];
    const arrived = paths.map((path) => (kind.startsWith("rest") ? encodeURI(path) : path));
    const seen = [];
    for (const path of arrived) {
      expect(await judged(authorizer, eventOf(kind, path))).toBe("allow");
      seen.push(Object(authorizer.log.at(-1)?.input).request.path);
    }
    expect(seen).toEqual(paths);
  });

  it.each(["HEAD", "OPTIONS", "TRACE", "FOO", "CONNECT"])("75. the method %s, which no grant names", async (method) => {
    expect(await judged(authorizer, eventOf(kind, "/customers/42/orders", method))).toBe("deny grant.none");
    expect(await judged(authorizer, eventOf(kind, "/customers/42/orders", "GET"))).toBe("allow");
  });

  it.each(["get", "Get", "", "G ET"])("75. the malformed method %j", async (method) => {
    expect(await judged(authorizer, eventOf(kind, "/customers/42/orders", method))).toBe("deny event.malformed");
  });
});

describe("the response", () => {
  it.each([...REST, ...HTTP])(
    "73. allows no sibling path: its resource has no wildcard and no variable (%s)",
    async (kind) => {
      for (const path of ["/files/a", "/files/$aws:username", "/files/{id}", "/files/a:b"]) {
        const { response } = (await authorizer.invoke(eventOf(kind, path))) as {
          response: { policyDocument: { Statement: readonly { Effect: string; Resource: string }[] } };
        };
        const [statement] = response.policyDocument.Statement;
        expect(statement?.Effect).toBe("Allow");
        expect(statement?.Resource).not.toMatch(/[*?]|\$\{/);
        expect(statement?.Resource.endsWith(`/GET${path}`)).toBe(true);
      }
    },
  );
});

describe("headers", () => {
  it("74. a method override header", async () => {
    const event = eventOf("rest-request", "/files/a");
    const overridden = changed(event, { "headers.X-HTTP-Method-Override": "DELETE" });
    expect([await judged(authorizer, overridden), await judged(authorizer, event)]).toEqual([
      "deny event.method_override",
      "allow",
    ]);
  });

  it("76. two tokens, the valid one in the single-valued view", async () => {
    const event = eventOf("rest-request", "/files/a");
    const good = `Bearer ${token}`;
    for (const values of [
      ["Bearer x.y.z", good],
      [good, good],
      [good, ""],
    ]) {
      const two = changed(event, { "multiValueHeaders.Authorization": values });
      expect([values.length, await judged(authorizer, two)]).toEqual([2, "refuse token.repeated"]);
    }
    const otherCase = changed(event, { "headers.authorization": "Bearer x.y.z" });
    expect(await judged(authorizer, otherCase)).toBe("refuse token.repeated");
    expect(await judged(authorizer, event)).toBe("allow");
  });

  it("77. a TOKEN authorizer's event has its token in `authorizationToken` alone", async () => {
    const event = createEvent("rest-token", token);
    const bad = changed(event, { authorizationToken: "Bearer x.y.z", "headers.Authorization": `Bearer ${token}` });
    const good = changed(event, { "headers.Authorization": "Bearer x.y.z" });
    expect([await judged(authorizer, bad), await judged(authorizer, good)]).toEqual([
      "refuse token.malformed",
      "allow",
    ]);
  });

  it("78. two tokens that an HTTP API joined", async () => {
    const event = eventOf("http-2", "/files/a");
    for (const joined of [`Bearer ${token},Bearer x.y.z`, `Bearer x.y.z,Bearer ${token}`, `${token},`]) {
      expect(await judged(authorizer, changed(event, { "headers.authorization": joined }))).toBe("deny token.repeated");
    }
    expect(await judged(authorizer, event)).toBe("allow");
  });
});

describe("events", () => {
  it.each([...HTTP, "rest-request"] as const)("79. a stage other than the ARN's (%s)", async (kind) => {
    const event = eventOf(kind, "/files/a");
    const other = changed(event, { "requestContext.stage": "other" });
    expect([await judged(authorizer, other), await judged(authorizer, event)]).toEqual([
      "deny event.inconsistent",
      "allow",
    ]);
  });

  it.each([
    { "requestContext.routeKey": "send" },
    { "requestContext.eventType": "MESSAGE" },
    { "requestContext.eventType": "DISCONNECT" },
  ])("80. a WebSocket event that is not $connect: %j", async (changes) => {
    const event = createEvent("websocket", token);
    const outcomes = [await judged(authorizer, changed(event, changes)), await judged(authorizer, event)];
    expect(outcomes).toEqual(["deny event.not_connect", "allow"]);
  });

  it.each([
    null,
    {},
    "event",
    7,
    true,
    [],
    [{}],
    { type: "REQUEST", version: "9" },
    { type: "token" },
    { type: ["TOKEN"] },
  ])("81. a value that is not an event: %j", async (event) => {
    expect(await judged(authorizer, event)).toMatch(/^deny event\.(unknown|malformed)$/);
  });

  it.each(KINDS)(
    "81. %s with fields missing, null or of another type: a response, and never an exception",
    async (kind) => {
      const event = createEvent(kind, token);
      expect(await judged(authorizer, event)).toBe("allow");
      const outcomes = new Set<string>();
      for (const path of pathsOf(event)) {
        for (const value of [undefined, null, 7, "", [], {}, [7], { a: 7 }, "\ud800"]) {
          outcomes.add(await judged(authorizer, changed(event, { [path]: value })));
        }
      }
      for (const outcome of outcomes)
        expect(outcome).toMatch(/^(allow|refuse token\.\w+|deny (token|event|path|role|grant|condition|where)[.\w]+)$/);
      expect(outcomes.size).toBeGreaterThan(3);
    },
  );
});
