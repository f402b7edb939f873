import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PathForm, parseCanonicalPath } from "../../authorizer/gateway/canonical-path.ts";
import { parseEvent } from "../../authorizer/gateway/event.ts";
import { toRequest } from "../../authorizer/gateway/request.ts";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { createEvent, redirected, type TestEvent } from "../support/events.ts";

/**
 * A path as it arrives, or an event that has it in several fields; and its canonical form, or the reason why it has
 * none.
 */
type Case = { readonly name: string; readonly method?: string } & (
  | { readonly api: "rest" | "http"; readonly path: string }
  | { readonly event: TestEvent }
) &
  ({ readonly canonical: string } | { readonly reason: string });

const KINDS: Readonly<Record<"rest" | "http", readonly ApiKind[]>> = {
  rest: ["rest-token", "rest-request"],
  http: ["http-1", "http-2"],
};

const folder = join(import.meta.dirname, "canonical-path");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

/** Formats the method and path that the authorizer reads from an event, or its reason to deny. */
function requestOf(event: TestEvent): string {
  const parsed = parseEvent(event);
  const request = parsed.ok ? toRequest(parsed.value) : parsed;
  if (request.ok) return `${request.value.method} ${request.value.path}`;
  return typeof request.error === "string" ? request.error : request.error.code;
}

describe.each(files)("%s", (file) => {
  const cases = JSON.parse(readFileSync(join(folder, file), "utf8")) as readonly Case[];
  const named = cases.map((one) => [`${"api" in one ? `${one.api}: ` : ""}${one.name}`, one] as const);

  it.each(named)("%s", (_, one) => {
    const expected = "canonical" in one ? `${one.method ?? "GET"} ${one.canonical}` : one.reason;
    const events =
      "event" in one
        ? [one.event]
        : KINDS[one.api].map((kind) => redirected(kind, createEvent(kind, undefined), "GET", one.path));
    // A path without its slash would be part of the verb in an ARN.
    const isPath = "event" in one || one.path.startsWith("/");
    expect(events.map(requestOf)).toEqual(events.map(() => (isPath ? expected : "event.malformed")));
  });

  it("has unique names", () => {
    expect(new Set(named.map(([name]) => name)).size).toBe(named.length);
  });
});

describe("for any text", () => {
  const odd = fc.constantFrom(
    "%",
    "%2",
    "%2e",
    "%2F",
    "%C3%A9",
    "%25",
    "/",
    "//",
    "..",
    ".",
    ";",
    "\\",
    "$",
    "${",
    "*",
    "\0",
  );
  const text = fc.array(fc.oneof(odd, fc.string({ unit: "binary", maxLength: 3 }), fc.constantFrom("a", "é", "/")), {
    maxLength: 8,
  });
  const path = text.map((parts) => `/${parts.join("")}`);
  const form = fc.constantFrom<PathForm>("encoded", "decoded");

  it("the canonical form is a fixed point, encoded or not", () => {
    let seen = 0;
    fc.assert(
      fc.property(path, form, (asItArrives, as) => {
        const parsed = parseCanonicalPath(asItArrives, as);
        if (!parsed.ok) return;
        seen += 1;
        expect(parseCanonicalPath(parsed.value, "decoded")).toEqual(parsed);
        const encoded = parsed.value.split("/").map(encodeURIComponent).join("/");
        expect(parseCanonicalPath(encoded, "encoded")).toEqual(parsed);
      }),
      { numRuns: 20_000 },
    );
    expect(seen).toBeGreaterThan(2_000);
  });

  it("read as either kind of API, a request has the same canonical path or none", () => {
    fc.assert(
      fc.property(path, (asItArrives) => {
        const forms = [parseCanonicalPath(asItArrives, "encoded"), parseCanonicalPath(asItArrives, "decoded")];
        const paths = new Set(forms.flatMap((parsed) => (parsed.ok ? [parsed.value] : [])));
        expect(paths.size).toBeLessThan(2);
      }),
      { numRuns: 20_000 },
    );
  });

  it("all fields of an accepted event name one path", () => {
    let seen = 0;
    const few = ["/a", "/a/b", "/a%20b", "/a b", "/b", "/", "/a/", "//a", "/A"];
    const pairs = few.flatMap((arn) => few.map((own) => [arn, own] as const));
    for (const kind of ["rest-request", "http-1"] as const) {
      for (const [[arn, own], context] of pairs.flatMap((pair) => few.map((text) => [pair, text] as const))) {
        const event = redirected(kind, createEvent(kind, undefined), "GET", arn);
        const request = requestOf({
          ...event,
          path: own,
          requestContext: { ...(event["requestContext"] as object), path: context },
        });
        if (!request.startsWith("GET ")) continue;
        seen += 1;
        const decoded = [arn, own, context].map((one) => (kind === "rest-request" ? decodeURIComponent(one) : one));
        expect(decoded.map((one) => `GET ${one}`)).toEqual([request, request, request]);
      }
    }
    expect(seen).toBeGreaterThan(10);
  });
});
