import { describe, expect, it } from "vitest";
import { toAllow, toDeny } from "../../../authorizer/gateway/answer.ts";
import type { MethodArn } from "../../../authorizer/gateway/method-arn.ts";

const ARN: MethodArn = {
  partition: "aws",
  region: "eu-west-1",
  accountId: "123456789012",
  apiId: "a1b2c3",
  stage: "prod",
  verb: "GET",
  path: "/home",
};
const PREFIX = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET";

/** An ARN of so many characters. */
function arnOf(chars: number): MethodArn {
  return { ...ARN, path: `/${"a".repeat(chars - PREFIX.length - 1)}` };
}

function resourceOf(answer: unknown): string | undefined {
  const { policyDocument } = answer as { policyDocument?: { Statement: readonly { Resource: string }[] } };
  return policyDocument?.Statement[0]?.Resource;
}

describe("a policy document", () => {
  it("names a resource of at most 512 characters, or allows nothing", () => {
    expect(resourceOf(toAllow("rest-request", arnOf(512), "me", {}, "iam"))).toHaveLength(512);
    expect(toAllow("rest-request", arnOf(513), "me", {}, "iam")).toBeUndefined();
  });

  it("denies everything where it can't name the resource", () => {
    expect(resourceOf(toDeny("rest-request", arnOf(512), "me", {}, "iam"))).toHaveLength(512);
    expect(resourceOf(toDeny("rest-request", arnOf(513), "me", {}, "iam"))).toBe("*");
    expect(resourceOf(toDeny("rest-request", undefined, undefined, {}, "iam"))).toBe("*");
  });
});
