import { describe, expect, it } from "vitest";
import { judge } from "../../../local/judge.ts";

const ARN = "arn:aws:execute-api:eu-west-1:123456789012:local00api/local/GET/orders/7";

function answerOf(...statements: readonly (readonly ["Allow" | "Deny", string])[]) {
  const Statement = statements.map(([Effect, Resource]) => ({ Action: "execute-api:Invoke", Effect, Resource }));
  return {
    answer: { principalId: "me", policyDocument: { Version: "2012-10-17", Statement }, context: { roles: "a" } },
  };
}

describe("the local gateway obeys an answer", () => {
  it("lets a request through with the context", () => {
    expect(judge("rest", answerOf(["Allow", ARN]), ARN)).toEqual({
      passes: true,
      context: { roles: "a", principalId: "me" },
    });
  });

  it.each([
    ["a star, slashes among it", ARN.replace("orders/7", "*")],
    ["a question mark, one character", ARN.replace("7", "?")],
  ])("by %s", (_, resource) => {
    expect(judge("rest", answerOf(["Allow", resource]), ARN).passes).toBe(true);
  });

  it.each<[string, ReturnType<typeof answerOf>]>([
    ["another resource", answerOf(["Allow", ARN.replace("7", "8")])],
    ["a part of the resource", answerOf(["Allow", ARN.slice(0, -1)])],
    ["a dot that is no wildcard", answerOf(["Allow", ARN.replace("-", ".")])],
    ["a denial beside it", answerOf(["Allow", ARN], ["Deny", "*"])],
    ["no statement", answerOf()],
  ])("but not by %s", (_, answer) => {
    expect(judge("rest", answer, ARN)).toMatchObject({ passes: false, status: 403 });
    expect(judge("http", answer, ARN)).toEqual({ passes: false, status: 403, body: { message: "Forbidden" } });
  });

  it("tells an explicit denial from none", () => {
    expect(judge("rest", answerOf(["Deny", "*"]), ARN)).toMatchObject({
      body: { Message: "User is not authorized to access this resource with an explicit deny" },
    });
  });

  it.each([
    null,
    undefined,
    {},
    { isAuthorized: true },
    { principalId: "", policyDocument: {} },
    { principalId: "me" },
  ])("takes %j for a fault", (answer) => {
    expect(judge("rest", { answer }, ARN)).toEqual({ passes: false, status: 500, body: { message: null } });
  });

  it("answers 401 to the one error that API Gateway does, on a REST API", () => {
    expect(judge("rest", { error: "Unauthorized" }, ARN)).toMatchObject({ status: 401 });
    expect(judge("rest", { error: "unauthorized" }, ARN)).toMatchObject({ status: 500 });
    expect(judge("http", { error: "Unauthorized" }, ARN)).toMatchObject({ status: 500 });
  });
});
