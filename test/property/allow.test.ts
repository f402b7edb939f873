import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TrailingSlash } from "../../contract/manifest.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { DENIES_ALL, documentAllowing } from "../support/documents.ts";
import { changed, createEvent, KINDS, redirected } from "../support/events.ts";
import { createTestIssuer } from "../support/tokens.ts";

let authorizers: Readonly<Record<TrailingSlash, RunningAuthorizer>>;
let token: string;
beforeAll(async () => {
  const issuer = createTestIssuer();
  authorizers = {
    denied: await startAuthorizer(issuer),
    same: await startAuthorizer(issuer, {}, {}, { trailingSlash: "same" }),
  };
  token = await issuer.sign({ "cognito:groups": ["Customers"] });
});
afterAll(async () => {
  for (const authorizer of Object.values(authorizers)) await authorizer[Symbol.asyncDispose]();
});

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "a",
      "b",
      "archive",
      "caf\u00e9",
      "a b",
      "a:b",
      "$",
      "{id}",
      "~",
      "%20",
      "%C3%A9",
      "a+b",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      ".",
      "..",
      "*",
      "a?",
      "${aws:username}",
      "%2e%2e",
      "%2F",
      "%252F",
      "%",
      ";x=1",
      "\\",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
);
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom("", "", "/"))
  .map(([segments, end]) => `/files/${segments.join("/")}${end}`);
const method = fc.constantFrom("GET", "PUT", "DELETE", "PATCH", "get", "*");

/** Fields that contradict the rest of the event. */
const twist = fc.constantFrom<Readonly<Record<string, unknown>>>(
  {},
  {},
  {},
  { path: "/files/other" },
  { rawPath: "/files/other" },
  { httpMethod: "GET" },
  { "requestContext.http.method": "GET" },
  { "requestContext.stage": "other" },
  { "pathParameters.proxy": "other" },
  { "headers.X-HTTP-Method-Override": "GET" },
);

it.each(["denied", "same"] as const)(
  "allows only the request, by one resource without wildcards, and leaves no request undecided, where a trailing slash is %s",
  async (trailingSlash) => {
    const authorizer = authorizers[trailingSlash];
    const allowed = new Set<string>();
    const slashed = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KINDS), method, path, twist, async (kind, verb, requested, changes) => {
        const event = changed(redirected(kind, createEvent(kind, token), verb, requested), changes);
        const invocation = await authorizer.invoke(event);
        if ("error" in invocation) return;
        const { policyDocument } = Object(invocation.response);
        if (policyDocument.Statement[0].Effect !== "Allow") {
          expect(policyDocument).toEqual(DENIES_ALL);
          return;
        }
        const arn = event["routeArn"] ?? event["methodArn"];
        expect(policyDocument).toEqual(documentAllowing(arn));
        expect(arn).not.toMatch(/[*?]|\$\{/);
        allowed.add(kind);
        if (String(arn).endsWith("/")) slashed.add(kind);
      }),
      { numRuns: 1500, seed: 11 },
    );
    expect([...allowed].sort()).toEqual([...KINDS].sort());
    const withPaths = KINDS.filter((kind) => kind !== "websocket");
    expect([...slashed].sort()).toEqual(trailingSlash === "same" ? [...withPaths].sort() : []);
  },
);
