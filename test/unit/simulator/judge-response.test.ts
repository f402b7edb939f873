import { describe, expect, it } from "vitest";
import type { Invocation } from "../../../simulator/invocation.ts";
import { judgeInvocation } from "../../../simulator/judge-response.ts";
import { API, allowing, denying } from "../../support/simulated.ts";

const ARN = `${API}/prod/GET/orders/7`;
const REST = { kind: "rest-request", response: "iam" } as const;
const HTTP = { kind: "http-2", response: "iam" } as const;
const SIMPLE = { kind: "http-2", response: "simple" } as const;
const SOCKET = { kind: "websocket", response: "iam" } as const;
const FAULT = { passes: false, type: "fault" };

/** Creates a response that allows, with changes. */
function changedAnswer(changes: object): Invocation {
  const { response } = allowing("*") as { readonly response: object };
  return { response: { ...response, ...changes } };
}

describe("a response with a policy document", () => {
  it("lets a request through with the context and the principal's id", () => {
    expect(judgeInvocation(REST, allowing(ARN), ARN)).toEqual({
      passes: true,
      context: { roles: "a", principalId: "me" },
    });
  });

  it("refuses a request that it does not allow, and tells an explicit denial from none", () => {
    expect(judgeInvocation(REST, allowing(`${ARN}0`), ARN)).toEqual({ passes: false, type: "implicit_deny" });
    expect(judgeInvocation(REST, denying("*"), ARN)).toEqual({ passes: false, type: "explicit_deny" });
  });

  it("may have no context", () => {
    const passing = { passes: true, context: { principalId: "me" } };
    expect(judgeInvocation(REST, changedAnswer({ context: undefined }), ARN)).toEqual(passing);
    expect(judgeInvocation(REST, changedAnswer({ context: null }), ARN)).toEqual(passing);
  });

  it.each([REST, SOCKET, HTTP])("has its context turned into strings ($kind)", (authorizer) => {
    expect(
      judgeInvocation(authorizer, changedAnswer({ context: { count: 7, isOwner: true, text: "x" } }), ARN),
    ).toEqual({ passes: true, context: { count: "7", isOwner: "true", text: "x", principalId: "me" } });
  });

  it.each([[{ list: [1] }], [{ map: { a: 1 } }], [{ none: null }]])(
    "is a fault with the context %j, but not on an HTTP API",
    (context) => {
      expect(judgeInvocation(REST, changedAnswer({ context }), ARN)).toEqual(FAULT);
      expect(judgeInvocation(SOCKET, changedAnswer({ context }), ARN)).toEqual(FAULT);
      expect(judgeInvocation(HTTP, changedAnswer({ context }), ARN)).toMatchObject({ passes: true });
    },
  );

  it.each<[string, unknown]>([
    ["null", null],
    ["nothing", undefined],
    ["an empty object", {}],
    ["a simple response", { isAuthorized: true }],
    ["no policy", { principalId: "me" }],
    ["a policy without statements", { principalId: "me", policyDocument: {} }],
  ])("is a fault: %s", (_, response) => {
    expect(judgeInvocation(REST, { response }, ARN)).toEqual(FAULT);
    expect(judgeInvocation(HTTP, { response }, ARN)).toEqual(FAULT);
  });

  it.each([[{ principalId: "" }], [{ principalId: 7 }], [{ context: "x" }], [{ context: [] }]])(
    "is a fault with %j",
    (changes) => {
      expect(judgeInvocation(REST, changedAnswer(changes), ARN)).toEqual(FAULT);
    },
  );
});

describe("a simple response", () => {
  it("lets a request through with the context alone", () => {
    expect(judgeInvocation(SIMPLE, { response: { isAuthorized: true, context: { a: 1 } } }, ARN)).toEqual({
      passes: true,
      context: { a: "1" },
    });
  });

  it("refuses a request", () => {
    expect(judgeInvocation(SIMPLE, { response: { isAuthorized: false } }, ARN)).toEqual({
      passes: false,
      type: "implicit_deny",
    });
  });

  it.each(["true", "false", 1, null, undefined])("is a fault with %j", (isAuthorized) => {
    expect(judgeInvocation(SIMPLE, { response: { isAuthorized } }, ARN)).toEqual(FAULT);
  });

  it("is a fault with a policy in its place", () => {
    expect(judgeInvocation(SIMPLE, allowing("*"), ARN)).toEqual(FAULT);
  });
});

describe("an error", () => {
  it.each([REST, SOCKET, { kind: "rest-token", response: "iam" } as const])(
    "causes 401 if its message is Unauthorized ($kind)",
    (authorizer) => {
      expect(judgeInvocation(authorizer, { error: "Unauthorized" }, ARN)).toEqual({
        passes: false,
        type: "unauthorized",
      });
      expect(judgeInvocation(authorizer, { error: "unauthorized" }, ARN)).toEqual(FAULT);
    },
  );

  it.each([HTTP, SIMPLE, { kind: "http-1", response: "iam" } as const])(
    "is a fault on an HTTP API ($kind, $response)",
    (authorizer) => {
      expect(judgeInvocation(authorizer, { error: "Unauthorized" }, ARN)).toEqual(FAULT);
    },
  );
});
