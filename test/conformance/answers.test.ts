import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { DENIES_ALL, documentAllowing } from "../support/documents.ts";
import { createEvent, KINDS, redirected } from "../support/events.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

const SUBJECT = "7d8ca528-4931-4254-9273-ea5ee853f271";
const REVISION = expect.stringMatching(/^[0-9a-f]{64}$/);
const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234";
const ARNS: Readonly<Record<ApiKind, string>> = {
  "rest-token": `${API}/prod/GET/customers/42/orders`,
  "rest-request": `${API}/prod/GET/customers/42/orders`,
  "http-1": `${API}/$default/GET/customers/42/orders`,
  "http-2": `${API}/$default/GET/customers/42/orders`,
  websocket: `${API}/prod/$connect`,
};

/** The responses to events of every kind, from the handler as it was built. */
describe.each(["iam", "simple"] as const)("with HTTP_RESPONSE=%s", (httpResponse) => {
  let issuer: TestIssuer;
  let authorizer: RunningAuthorizer;
  beforeAll(async () => {
    issuer = createTestIssuer();
    authorizer = await startAuthorizer(issuer, { HTTP_RESPONSE: httpResponse });
  });
  afterAll(() => authorizer[Symbol.asyncDispose]());

  function document(kind: ApiKind, effect: "Allow" | "Deny", principalId: string, context: object) {
    if (kind === "http-2" && httpResponse === "simple") {
      return { response: { isAuthorized: effect === "Allow", context: { principalId, ...context } } };
    }
    const policyDocument = effect === "Allow" ? documentAllowing(ARNS[kind]) : DENIES_ALL;
    return { response: { principalId, policyDocument, context } };
  }

  function refusal(kind: ApiKind, reason: string) {
    return kind.startsWith("http")
      ? document(kind, "Deny", "unauthenticated", { roles: "", reason, revision: REVISION })
      : { error: "Unauthorized" };
  }

  describe.each(KINDS)("%s", (kind) => {
    it("allows exactly the request that a grant allows, and denies all others", async () => {
      const token = await issuer.sign({ "cognito:groups": ["Customers"] });
      const grants = kind === "websocket" ? "orders.connect" : "orders.read";
      const context = { roles: "authenticated customer", grants, revision: REVISION };
      const answer = await authorizer.invoke(createEvent(kind, token));
      expect(answer).toEqual(document(kind, "Allow", SUBJECT, context));
    });

    it("denies everything, explicitly, where no grant allows the request", async () => {
      const token = await issuer.sign();
      const context = { roles: "authenticated", reason: "role.missing", revision: REVISION };
      const answer = await authorizer.invoke(createEvent(kind, token));
      expect(answer).toEqual(document(kind, "Deny", SUBJECT, context));
    });

    it("refuses a request without a token", async () => {
      expect(await authorizer.invoke(createEvent(kind, undefined))).toEqual(refusal(kind, "token.missing"));
    });

    it("refuses a token that has expired", async () => {
      const nowS = Math.floor(Date.now() / 1000);
      const token = await issuer.sign({ "cognito:groups": ["Customers"], exp: nowS - 1 });
      expect(await authorizer.invoke(createEvent(kind, token))).toEqual(refusal(kind, "token.expired"));
    });

    it("refuses a token that another signed in the issuer's name", async () => {
      const forger = createTestIssuer();
      const token = await forger.sign({ "cognito:groups": ["Customers"] });
      expect(await authorizer.invoke(createEvent(kind, token))).toEqual(refusal(kind, "token.signature_invalid"));
    });
  });

  it.each(KINDS.filter((kind) => kind !== "websocket"))(
    "denies everything for a path of %s that is not canonical",
    async (kind) => {
      const token = await issuer.sign({ "cognito:groups": ["Customers"] });
      const event = redirected(kind, createEvent(kind, token), "GET", "/files/../admin");
      const context = { roles: "", reason: "path.not_canonical", revision: REVISION };
      expect(await authorizer.invoke(event)).toEqual(document(kind, "Deny", "unauthenticated", context));
    },
  );
});
