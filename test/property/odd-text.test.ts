import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, KINDS, redirected, type TestEvent } from "../support/events.ts";
import { judged } from "../support/judged.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

// Whatever text a caller sends, a fault is never the caller's choice. Any UTF-16 text is tried, lone surrogates included.

let issuer: TestIssuer;
let authorizer: RunningAuthorizer;
beforeAll(async () => {
  issuer = createTestIssuer();
  authorizer = await startAuthorizer(issuer);
});
afterAll(() => authorizer[Symbol.asyncDispose]());

const ODD = ["\ud800", "\udfff", "\ude00\ud83d", "\0", "\u0085", "\u2028", "\uffff", "\ufeff", "😀", '"', "\\", ","];
const text = fc.oneof(
  fc.string({
    unit: fc.oneof(
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
      fc.constantFrom(...ODD),
    ),
  }),
  fc.constantFrom(...ODD),
  fc.constant("blue"),
);
const claim = fc.jsonValue({ stringUnit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxDepth: 4 });

/** Puts texts into the headers and parameters that the policy reads, and into others. */
function withTexts(event: TestEvent, texts: readonly string[], name: string): TestEvent {
  const [tenant, page, other, ...more] = texts;
  const query = { page, [name]: other };
  return changed(event, {
    headers: { ...Object(event["headers"]), "x-tenant": tenant, [name]: other },
    ...(event["multiValueHeaders"] !== undefined && {
      multiValueHeaders: { ...Object(event["multiValueHeaders"]), "x-tenant": [tenant, ...more] },
    }),
    queryStringParameters: query,
    rawQueryString: event["version"] === "2.0" ? new URLSearchParams({ page: page ?? "" }).toString() : undefined,
  });
}

it.each(KINDS.filter((kind) => kind !== "rest-token"))(
  "no text in the headers and parameters of a %s event causes a fault",
  async (kind) => {
    const token = await issuer.sign({ "cognito:groups": ["Customers"] });
    const event = redirected(kind, createEvent(kind, token), "GET", "/tenants/a");
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), text, async (texts, name) => {
        const outcome = await judged(authorizer, withTexts(event, texts, name));
        outcomes.add(outcome);
        expect(outcome).not.toMatch(/^fault/);
      }),
      { numRuns: 300, seed: 14 },
    );
    const control = await judged(authorizer, withTexts(event, ["blue", "1"], "x-other"));
    expect([control, outcomes.size > 0]).toEqual(["allow", true]);
  },
);

it("no text in the claims of a token causes a fault", async () => {
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(claim, text, text, async (value, name, group) => {
      const claims = {
        ...issuer.usualClaims(),
        "cognito:groups": ["Customers", group],
        auth_time: value,
        [name]: value,
      };
      const header = JSON.stringify({ alg: "RS256", kid: issuer.jwks.keys[0]?.kid });
      const token = issuer.signText(header, JSON.stringify(claims));
      const outcome = await judged(authorizer, createEvent("rest-request", token));
      outcomes.add(outcome);
      expect(outcome).not.toMatch(/^fault/);
    }),
    { numRuns: 500, seed: 14 },
  );
  expect([...outcomes]).toEqual(expect.arrayContaining(["allow", "refuse token.malformed"]));
});
