import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningAuthorizer } from "../support/authorizer.ts";
import { createEvent } from "../support/events.ts";
import { judged } from "../support/judged.ts";
import { type KeyServer, startKeyServer, startWithKeysFrom } from "../support/key-server.ts";
import { CLIENT_ID, createTestIssuer, type TestIssuer, USER_POOL_ID } from "../support/tokens.ts";

// Ten thousand requests of callers without a key, in all the ways in which a token can be made up. None may be a fault: an
// alarm on faults would let anybody roll a deployment back.

const REQUESTS = 10_000;

let issuer: TestIssuer;
let server: KeyServer;
beforeAll(async () => {
  issuer = createTestIssuer();
  server = await startKeyServer();
  server.answer = (_, response) => response.end(JSON.stringify(issuer.jwks));
});
afterAll(() => server[Symbol.asyncDispose]());

const REGIONAL = `https://cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`;
const UPDATED = `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${USER_POOL_ID}`;

/** Makes token number `at`, unsigned or signed by a key of its own. The first is for the pool's other issuer format. */
function forge(at: number, forger: TestIssuer): string {
  const choose = <Value>(values: readonly Value[], by: number): Value | undefined =>
    values[Math.floor(at / by) % values.length];
  const header = {
    alg: choose(["RS256", "RS256", "none", "HS256", "ES256", "EdDSA"], 1),
    kid: choose([randomUUID(), issuer.jwks.keys[0]?.kid, "", undefined, "__proto__"], 2),
    typ: choose(["JWT", "at+jwt", undefined, "logout+jwt"], 3),
  };
  const claims = {
    ...issuer.usualClaims(),
    iss: choose([UPDATED, REGIONAL, REGIONAL, `${REGIONAL}/`, "https://evil.example.com", undefined], 1),
    client_id: CLIENT_ID,
    "cognito:groups": choose([["Admins"], "Admins", undefined], 5),
  };
  const text = at % 7 === 3 ? JSON.stringify(claims).replace("{", "{,") : JSON.stringify(claims);
  if (at % 11 === 5) return `${"a".repeat(9_000)}.b.c`;
  if (at % 13 === 6) return forger.signText(JSON.stringify(header), text);
  return [JSON.stringify(header), text, "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");
}

it(`${REQUESTS} requests of callers without a key, from the first one of a process: no fault, and few fetches`, async () => {
  const forger = createTestIssuer();
  await using authorizer: RunningAuthorizer = await startWithKeysFrom(server);
  const outcomes = new Map<string, number>();
  for (let at = 0; at < REQUESTS; at += 1) {
    const kind = at % 2 === 0 ? "rest-token" : "http-2";
    const outcome = await judged(authorizer, createEvent(kind, forge(at, forger)));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const faults = [...outcomes].filter(([outcome]) => outcome.startsWith("fault"));
  console.log(`${REQUESTS} requests without a key: ${faults.length} faults, ${server.requests()} fetches,`, outcomes);
  expect(faults).toEqual([]);
  expect([...outcomes.keys()].filter((outcome) => outcome === "allow")).toEqual([]);
  expect(outcomes.size).toBeGreaterThan(5);
  const control = createEvent("rest-request", await issuer.sign({ "cognito:groups": ["Customers"] }));
  expect(await judged(authorizer, control)).toBe("allow");
}, 600_000);
