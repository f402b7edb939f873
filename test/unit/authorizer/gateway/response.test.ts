import { describe, expect, it } from "vitest";
import { formatMethodArn, type MethodArn } from "../../../../authorizer/gateway/method-arn.ts";
import { toResource } from "../../../../authorizer/gateway/resource.ts";
import { toAllow, toDeny } from "../../../../authorizer/gateway/response.ts";
import { judgePolicy } from "../../../../simulator/judge-policy.ts";
import { KINDS } from "../../../support/events.ts";

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

/** Creates an ARN of so many characters. */
function arnOf(chars: number): MethodArn {
  return { ...ARN, path: `/${"a".repeat(chars - PREFIX.length - 1)}` };
}

/** Makes the resource of a request whose responses may be cached in any way. */
function exact(arn: MethodArn): string | undefined {
  return toResource(arn, [arn.path, `/prod${arn.path}`], false);
}

function resourceOf(answer: unknown): string | undefined {
  const { policyDocument } = answer as { policyDocument?: { Statement: readonly { Resource: string }[] } };
  return policyDocument?.Statement[0]?.Resource;
}

describe("a policy document", () => {
  it("names a resource of at most 512 characters, or allows nothing", () => {
    expect(resourceOf(toAllow("rest-request", exact(arnOf(512)), "me", {}, "iam"))).toHaveLength(512);
    expect(toAllow("rest-request", exact(arnOf(513)), "me", {}, "iam")).toBeUndefined();
  });

  it.each(KINDS)("leaves nothing to a resource policy: it allows the request, and denies all others (%s)", (kind) => {
    for (const path of ["/home", "/a:b/$x/{id}", "/caf%C3%A9"]) {
      const resource = exact({ ...ARN, path });
      const { policyDocument } = Object(toAllow(kind, resource, "me", {}, "iam"));
      const verdictOn = (arn: string) => judgePolicy(policyDocument, arn);
      expect([verdictOn(`${PREFIX}${path}`), verdictOn(`${PREFIX}${path}x`), verdictOn(`${PREFIX}/`)]).toEqual([
        "allow",
        "explicit_deny",
        "explicit_deny",
      ]);
    }
  });

  it("with a pattern for a long path denies exactly what the pattern does not match", () => {
    const arn = arnOf(600);
    const { policyDocument } = Object(
      toAllow("rest-request", toResource(arn, [arn.path, `/prod${arn.path}`], true), "me", {}, "iam"),
    );
    expect([judgePolicy(policyDocument, formatMethodArn(arn)), judgePolicy(policyDocument, `${PREFIX}/home`)]).toEqual([
      "allow",
      "explicit_deny",
    ]);
  });

  it("that denies, denies everything, whatever the request was", () => {
    expect(toDeny("rest-request", undefined, {}, "iam")).toEqual({
      principalId: "unauthenticated",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Action: "execute-api:Invoke", Effect: "Deny", Resource: "*" }],
      },
      context: {},
    });
  });
});

describe("the resource of a long ARN", () => {
  const arn = arnOf(600);
  const paths = [arn.path, `/prod${arn.path}`];

  it("is a pattern where cached responses are for one method and path", () => {
    const start = `${PREFIX}${arn.path}`.slice(0, 511);
    expect(toResource(arn, paths, true)).toBe(`${start}*`);
    expect(toResource(arnOf(512), paths, true)).toBe(`${PREFIX}${arnOf(512).path}`);
  });

  it.each<[string, readonly (string | undefined)[], boolean]>([
    ["the cache key is not known", paths, false],
    ["the event lacks its path in the key", [arn.path, undefined], true],
    ["another stage or base path would leave a path that starts like it", [`/${"a".repeat(500)}${arn.path}`], true],
  ])("does not exist if %s", (_, known, isKeyOfRequest) => {
    expect(toResource(arn, known, isKeyOfRequest)).toBeUndefined();
  });
});

describe("the context", () => {
  const ROLES = "r".repeat(5_000);

  it.each(["iam", "simple"] as const)("fits into a response of 8 kB, or nothing is allowed (%s)", (form) => {
    const id = "\u20ac".repeat(255);
    expect(JSON.stringify(toAllow("http-2", exact(arnOf(512)), id, { roles: ROLES }, form)).length).toBeLessThan(8_192);
    expect(toAllow("http-2", exact(ARN), id, { roles: `${ROLES}r` }, form)).toBeUndefined();
  });

  it("of a deny omits the roles where they take too much room", () => {
    expect(toDeny("rest-request", "me", { roles: ROLES }, "iam")).toMatchObject({ context: { roles: ROLES } });
    const context = { roles: `${ROLES}r`, reason: "denial" };
    expect(toDeny("rest-request", "me", context, "iam")).toMatchObject({
      context: { roles: "", reason: "denial" },
    });
  });
});
