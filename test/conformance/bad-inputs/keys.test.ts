import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningAuthorizer } from "../../support/authorizer.ts";
import { createEvent } from "../../support/events.ts";
import { judged } from "../../support/judged.ts";
import { type KeyServer, startKeyServer, startWithKeysFrom } from "../../support/key-server.ts";
import { createTestIssuer, type TestIssuer } from "../../support/tokens.ts";

// Cases 53 to 61: the issuer's key endpoint, over TLS on this machine. Cases that take hours (56, 58 to 60) are in
// test/unit/authorizer/identity/key-sets.test.ts, where the test moves the clock.

let issuer: TestIssuer;
let server: KeyServer;
beforeAll(async () => {
  issuer = createTestIssuer();
  server = await startKeyServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const GOOD: RequestListener = (_, response) => response.end(JSON.stringify(issuer.jwks));

async function ask(authorizer: RunningAuthorizer): Promise<string> {
  return judged(authorizer, createEvent("rest-request", await issuer.sign({ "cognito:groups": ["Customers"] })));
}

const FAULTS: readonly (readonly [number, string, RequestListener])[] = [
  [53, "500", (_, response) => response.writeHead(500).end(JSON.stringify(issuer.jwks))],
  [53, "404", (_, response) => response.writeHead(404).end()],
  [53, "HTML", (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html></html>")],
  [53, "nothing", (_, response) => response.end()],
  [53, "JSON that is cut short", (_, response) => response.end(JSON.stringify(issuer.jwks).slice(0, -1))],
  [53, "a redirect to itself", (request, response) => response.writeHead(301, { location: request.url }).end()],
  [53, "JSON of another shape", (_, response) => response.end('{"keys": {"0": {}}}')],
  [
    53,
    "more keys than a key set may have",
    (_, response) => response.end(JSON.stringify({ keys: Array(101).fill(issuer.jwks.keys[0]) })),
  ],
  [53, "endless headers", (request) => void request.socket.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}`)],
  [53, "a response that is not HTTP", (request) => void request.socket.end("what?\r\n\r\n")],
  [54, "no response at all", () => {}],
  [54, "a byte every 100 ms", (_, response) => void setInterval(() => response.write(" "), 100).unref()],
  [55, "50 MB", (_, response) => response.end("x".repeat(50_000_000))],
  [55, "an endless body", (_, response) => void setInterval(() => response.write(" ".repeat(100_000)), 1).unref()],
];

describe("an issuer whose key endpoint answers", () => {
  it.each(FAULTS)(
    "%i. %s: a fault after two fetches; the next request does not fetch again; with a working endpoint the token is accepted",
    async (_, __, listener) => {
      server.answer = listener;
      await using authorizer = await startWithKeysFrom(server);
      const before = server.requests();
      const event = createEvent("rest-request", await issuer.sign({ "cognito:groups": ["Customers"] }));
      expect(await judged(authorizer, event)).toBe("fault keys.unavailable");
      const fetches = server.requests() - before;
      const next = await judged(authorizer, event);
      // On a busy machine the pause of two seconds may be over.
      const paused = next === "fault keys.cooling_down";
      expect(fetches).toBe(2);
      expect([next, server.requests() - before]).toEqual(paused ? [next, 2] : ["fault keys.unavailable", 3]);

      server.answer = GOOD;
      await using control = await startWithKeysFrom(server);
      expect(await ask(control)).toBe("allow");
    },
  );

  it("53. with a certificate that nobody trusts: a fault", async () => {
    server.answer = GOOD;
    await using distrustful = await startWithKeysFrom(server, "");
    await using trustful = await startWithKeysFrom(server);
    expect([await ask(distrustful), await ask(trustful)]).toEqual(["fault keys.unavailable", "allow"]);
  });

  it("a fetch writes one line, with the age that the keys had", async () => {
    server.answer = GOOD;
    await using authorizer = await startWithKeysFrom(server);
    expect([await ask(authorizer), await ask(authorizer)]).toEqual(["allow", "allow"]);
    const lines = authorizer.others.filter((line) => line.includes("keys_age_s"));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { timestamp: expect.any(String), keys_of: issuer.issuer, keys_age_s: 0 },
    ]);
  });

  it("57. a flood of 10,000 made-up keys: one fetch, no fault, and known keys are not affected", async () => {
    server.answer = GOOD;
    await using authorizer = await startWithKeysFrom(server);
    expect(await ask(authorizer)).toBe("allow");
    const before = server.requests();
    const [, payload, signature] = (await issuer.sign()).split(".");
    const outcomes = new Map<string, number>();
    const startMs = performance.now();
    for (let at = 0; at < 10_000; at += 1) {
      const head = Buffer.from(JSON.stringify({ alg: "RS256", kid: randomUUID() })).toString("base64url");
      const outcome = await judged(authorizer, createEvent("rest-token", `${head}.${payload}.${signature}`));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const fetches = server.requests() - before;
    console.log(`10,000 requests with made-up keys: ${fetches} fetches,`, Object.fromEntries(outcomes));
    // The handler fetches once in ten seconds of the clock, and a busy machine gives it a part of them.
    const seconds = (performance.now() - startMs) / 1000;
    expect(fetches).toBeLessThanOrEqual(Math.ceil(seconds / 10) + 1);
    expect([...outcomes]).toEqual([["refuse token.key_unknown", 10_000]]);
    expect(await ask(authorizer)).toBe("allow");
  });

  it("61. with broken keys among good ones: the good ones work", async () => {
    const odd = [
      null,
      7,
      "key",
      {},
      { kid: "a" },
      { ...issuer.jwks.keys[0], kid: "b", n: "!" },
      { kty: "EC", kid: "c" },
    ];
    server.answer = (_, response) => response.end(JSON.stringify({ keys: [...odd, ...issuer.jwks.keys] }));
    await using authorizer = await startWithKeysFrom(server);
    expect(await ask(authorizer)).toBe("allow");
  });
});
