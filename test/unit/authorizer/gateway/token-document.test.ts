import { describe, expect, it } from "vitest";
import type { MethodArn } from "../../../../authorizer/gateway/method-arn.ts";
import { DENY_LIST, toTokenDocument } from "../../../../authorizer/gateway/token-document.ts";
import { judgePolicy } from "../../../../simulator/judge-policy.ts";

const ARN: MethodArn = {
  partition: "aws-cn",
  region: "cn-north-1",
  accountId: "123456789012",
  apiId: "a1b2c3",
  stage: "prod",
  verb: "GET",
  path: "/whatever/was/asked",
};
const PREFIX = "arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2c3/prod/";
const CONTEXT = { roles: "authenticated", revision: "r" };

describe("a per-token policy document", () => {
  it("allows the granted resources, denies paths that are not canonical and those of denials, and denies the rest", () => {
    const answer = toTokenDocument(ARN, "me", { allowed: ["GET/home", "GET/a/?*"], denied: ["GET/a/b"] }, CONTEXT);
    const allows = [`${PREFIX}GET/home`, `${PREFIX}GET/a/?*`];
    const Action = "execute-api:Invoke";
    expect(answer).toEqual({
      principalId: "me",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Action, Effect: "Allow", Resource: allows },
          { Action, Effect: "Deny", Resource: [...DENY_LIST.map((text) => PREFIX + text), `${PREFIX}GET/a/b`] },
          { Action, Effect: "Deny", NotResource: allows },
        ],
      },
      context: CONTEXT,
    });
  });

  it("denies everything where nothing is granted", () => {
    expect(toTokenDocument(ARN, "me", { allowed: [], denied: ["GET/a"] }, CONTEXT)).toMatchObject({
      policyDocument: { Statement: [{ Effect: "Deny", Resource: "*" }] },
      context: CONTEXT,
    });
  });

  it("is impossible with a resource of more than 512 characters", () => {
    const path = (chars: number) => `GET/${"a".repeat(chars - PREFIX.length - 4)}`;
    expect(toTokenDocument(ARN, "me", { allowed: [path(512)], denied: [] }, CONTEXT)).toBeDefined();
    expect(toTokenDocument(ARN, "me", { allowed: [path(513)], denied: [] }, CONTEXT)).toBeUndefined();
    expect(toTokenDocument(ARN, "me", { allowed: ["GET/a"], denied: [path(513)] }, CONTEXT)).toBeUndefined();
  });

  it("is impossible above 8 kB, its context included", () => {
    const sizeOf = (count: number) =>
      toTokenDocument(
        ARN,
        "me",
        { allowed: Array.from({ length: count }, (_, at) => `GET/${at + 100}`), denied: [] },
        CONTEXT,
      );
    let count = 1;
    while (sizeOf(count + 1) !== undefined) count += 1;
    const size = JSON.stringify(sizeOf(count)).length;
    expect(size).toBeLessThanOrEqual(8192);
    expect(size).toBeGreaterThan(8192 - 2 * (PREFIX.length + 10));
    expect(toTokenDocument(ARN, "me", { allowed: ["GET/a"], denied: [] }, { roles: "r".repeat(5001) })).toBeUndefined();
  });
});

describe("a per-token policy document where a trailing slash is the same", () => {
  const resources = {
    allowed: ["GET/", "GET/home", "GET/a/?*", "GET/b/*/c", "GET/u/7"],
    denied: ["GET/a/no", "PUT/*/x"],
  };
  const verdictOf = (path: string, trailingSlash: "same" | "denied") => {
    const answer = toTokenDocument(ARN, "me", resources, CONTEXT, trailingSlash);
    const { policyDocument } = answer as { policyDocument: object };
    return judgePolicy(policyDocument, `${PREFIX}GET${path}`);
  };

  it.each(["/home", "/a/1", "/a/1/2", "/b/1/c", "/u/7", "/a/no", "/other", "/a", "/b/1"])(
    "decides on %s with a slash as without it",
    (path) => {
      const verdict = verdictOf(path, "denied");
      expect(["allow", "explicit_deny"]).toContain(verdict);
      expect([verdictOf(path, "same"), verdictOf(`${path}/`, "same")]).toEqual([verdict, verdict]);
      expect(verdictOf(`${path}/`, "denied")).toBe("explicit_deny");
      expect(verdictOf(`${path}//`, "same")).toBe("explicit_deny");
    },
  );

  it.each(["//", "/a//", "/b//c/", "/a/./", "/a/../", "/b/../c/", "/home/./", "/a/1%2F/", "/a/1;/"])(
    "still denies %s",
    (path) => {
      expect(verdictOf(path, "same")).toBe("explicit_deny");
      expect(verdictOf("/", "same")).toBe("allow");
    },
  );
});
