import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, KINDS, pathsOf, type TestEvent } from "../support/events.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

const CANARY = "hunter2canary";

let issuer: TestIssuer;
let authorizer: RunningAuthorizer;
let token: string;
beforeAll(async () => {
  issuer = createTestIssuer();
  authorizer = await startAuthorizer(issuer);
  token = await issuer.sign({ "cognito:groups": ["Customers"], email: CANARY, "custom:secret": [CANARY], [CANARY]: 1 });
});
afterAll(() => authorizer[Symbol.asyncDispose]());

/** Collects all that leaves the handler because of an event: its response or error, and its lines of the log. */
async function leakedBy(event: TestEvent): Promise<string> {
  const before = authorizer.log.length;
  const invocation = await authorizer.invoke(event);
  return JSON.stringify([invocation, authorizer.log.slice(before)]);
}

/** The values of a field into which somebody put a secret. */
const PLANTED = [CANARY, `Bearer ${CANARY}`, [CANARY], { [CANARY]: CANARY }, `/x/${CANARY}`];

/**
 * Tells whether the log has this field: policies read the path in the ARN, so it is logged, as in API Gateway's access
 * log.
 */
function isLogged(kind: ApiKind, path: string): boolean {
  return path === (kind === "http-2" ? "routeArn" : "methodArn") || path === "requestContext.requestId";
}

describe.each(KINDS)("a %s event", (kind) => {
  it("leaks no field into the response, an error or the log, except fields that a policy reads", async () => {
    const event = createEvent(kind, token);
    expect(await leakedBy(event)).toContain('"Allow"');
    for (const path of pathsOf(event).filter((name) => !isLogged(kind, name))) {
      for (const value of PLANTED)
        expect([path, await leakedBy(changed(event, { [path]: value }))]).toEqual([
          path,
          expect.not.stringContaining(CANARY),
        ]);
    }
  });

  it("leaks no header, parameter, stage variable or field that API Gateway may add", async () => {
    const event = changed(createEvent(kind, token), {
      "headers.Cookie": CANARY,
      [`headers.${CANARY}`]: CANARY,
      "headers.X-Api-Key": CANARY,
      "multiValueHeaders.Cookie": [CANARY],
      "queryStringParameters.password": CANARY,
      "multiValueQueryStringParameters.password": [CANARY],
      cookies: [CANARY],
      "stageVariables.key": CANARY,
      "requestContext.identity.apiKey": CANARY,
      "requestContext.authentication.clientCert": { subjectDN: CANARY },
      [CANARY]: CANARY,
    });
    const text = await leakedBy(event);
    expect(text).toContain('"Allow"');
    expect(text).not.toContain(CANARY);
  });

  it("leaks no part of its token, valid or not", async () => {
    const bad = [
      token.slice(0, -8),
      await createTestIssuer().sign({ [CANARY]: CANARY }),
      await issuer.sign({ exp: 1 }),
    ];
    for (const one of [token, ...bad]) {
      const text = await leakedBy(createEvent(kind, one));
      for (const part of one.split(".")) expect(text).not.toContain(part.slice(0, 24));
      expect(text).not.toContain(CANARY);
    }
  });
});
