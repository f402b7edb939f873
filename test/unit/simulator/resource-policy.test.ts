import { runSimulation } from "@cloud-copilot/iam-simulate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeInvocation } from "../../../simulator/judge-response.ts";
import {
  type CallerAccount,
  findResourcePolicyErrors,
  judgeResourcePolicy,
} from "../../../simulator/resource-policy.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { documentAllowing } from "../../support/documents.ts";
import { API, allowing, apiOf, arnOf, brief, denying, echoing, requestOf } from "../../support/simulated.ts";

const ACCOUNT_ID = "123456789012";
const ARN = `${API}/prod/GET/orders`;
const FACTS = { arn: ARN, sourceIp: "203.0.113.7" };
const REST = { kind: "rest-request", response: "iam" } as const;
const Action = "execute-api:Invoke";

function policyOf(...statements: readonly object[]): object {
  return { Version: "2012-10-17", Statement: statements.map((one) => ({ Action, Principal: "*", ...one })) };
}

const ALLOW_ALL = policyOf({ Effect: "Allow", Resource: "execute-api:/*" });
const NONE = policyOf();

/** Creates an API with a resource policy, whose authorizer caches under the token alone. */
function apiWith(resourcePolicy: object | undefined, changes: Partial<SimulatedApi> = {}): SimulatedApi {
  return apiOf("rest", {}, { resourcePolicy, ...changes });
}

describe("a resource policy", () => {
  it.each<[string, object, string]>([
    ["allows by an abbreviated resource", ALLOW_ALL, "allow"],
    ["allows a method", policyOf({ Effect: "Allow", Resource: ["execute-api:/prod/GET/orders"] }), "allow"],
    ["says nothing about other methods", policyOf({ Effect: "Allow", Resource: `${API}/prod/GET/x` }), "implicit_deny"],
    ["has no statement", NONE, "implicit_deny"],
    [
      "allows AWS principals only",
      policyOf({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::1:root" }, Resource: "*" }),
      "implicit_deny",
    ],
    ["allows every AWS principal", policyOf({ Effect: "Allow", Principal: { AWS: ["*"] }, Resource: "*" }), "allow"],
    [
      "allows an address",
      policyOf({
        Effect: "Allow",
        Resource: "*",
        Condition: { IpAddress: { "aws:SourceIp": ["198.51.100.1", "203.0.113.0/24"] } },
      }),
      "allow",
    ],
    [
      "allows another address",
      policyOf({ Effect: "Allow", Resource: "*", Condition: { IpAddress: { "aws:SourceIp": "198.51.100.0/24" } } }),
      "implicit_deny",
    ],
    [
      "denies all other addresses",
      policyOf({ Effect: "Deny", Resource: "*", Condition: { NotIpAddress: { "aws:SourceIp": "2001:db8::/32" } } }),
      "explicit_deny",
    ],
    [
      "denies what comes through no endpoint",
      policyOf({ Effect: "Deny", Resource: "*", Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } } }),
      "explicit_deny",
    ],
    [
      "allows an endpoint and an address",
      policyOf({
        Effect: "Allow",
        Resource: "*",
        Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" }, IpAddress: { "aws:SourceIp": "203.0.113.7" } },
      }),
      "implicit_deny",
    ],
  ])("that %s", (_, document, effect) => {
    expect(findResourcePolicyErrors(document)).toEqual([]);
    expect(judgeResourcePolicy(document, FACTS)).toBe(effect);
  });

  it("for a VPC endpoint allows what comes through it", () => {
    const document = policyOf({
      Effect: "Allow",
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } },
    });
    expect(judgeResourcePolicy(document, { ...FACTS, vpcEndpoint: "vpce-1" })).toBe("allow");
    expect(judgeResourcePolicy(document, { ...FACTS, vpcEndpoint: "vpce-2" })).toBe("implicit_deny");
  });

  it.each<[string, object, RegExp]>([
    ["no statements", {}, /not an object/],
    ["no principal", { Statement: [{ Effect: "Allow", Action, Resource: "*" }] }, /no Principal/],
    ["an unknown effect", policyOf({ Effect: "allow", Resource: "*" }), /malformed/],
    ["all principals but some", policyOf({ Effect: "Deny", NotPrincipal: "*", Resource: "*" }), /malformed/],
    [
      "a condition that is not modelled",
      policyOf({ Effect: "Allow", Resource: "*", Condition: { Bool: { "aws:SecureTransport": "true" } } }),
      /not modelled; modelled are IpAddress aws:SourceIp/,
    ],
    [
      "an address with too long a prefix",
      policyOf({ Effect: "Allow", Resource: "*", Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/33" } } }),
      /not modelled/,
    ],
  ])("with %s is refused", (_, resourcePolicy, message) => {
    expect(() => createSimulator(apiWith(resourcePolicy), async () => allowing("*"))).toThrow(message);
    expect(() => createSimulator(apiWith(ALLOW_ALL), async () => allowing("*"))).not.toThrow();
  });

  it("is for REST APIs", () => {
    expect(() => createSimulator(apiOf("http", {}, { resourcePolicy: ALLOW_ALL }), async () => allowing("*"))).toThrow(
      "REST",
    );
  });
});

describe("an API with a resource policy", () => {
  it("that denies refuses before the authorizer is invoked", async () => {
    const simulator = echoing(apiWith(policyOf({ Effect: "Deny", Resource: "execute-api:/*/GET/admin" })));
    expect(brief(await simulator.send(requestOf("/admin"), 0))).toEqual([403, undefined]);
    expect(simulator.calls).toBe(0);
    expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([200, "miss"]);
  });

  it("that allows lets a request pass about which a cached response says nothing", async () => {
    const silent = echoing(apiWith(ALLOW_ALL));
    const decisive = createSimulator(apiWith(ALLOW_ALL), async (event) => ({
      response: { principalId: "me", policyDocument: documentAllowing(arnOf(event)) },
    }));
    const statuses = async ({ send }: typeof silent) => {
      const first = await send(requestOf("/orders"), 0);
      return [first, await send(requestOf("/admin"), 1)].map(brief);
    };
    expect(await statuses(silent)).toEqual([
      [200, "miss"],
      [200, "hit"],
    ]);
    expect(await statuses(decisive)).toEqual([
      [200, "miss"],
      [403, "hit"],
    ]);
    expect(await statuses(echoing(apiWith(ALLOW_ALL, { callers: "other" })))).toEqual([
      [200, "miss"],
      [403, "hit"],
    ]);
  });

  it("needs no authorizer for what the policy allows, and lets nothing else pass", async () => {
    const open = { routes: [{ verb: "ANY", path: "/{proxy+}", authorizer: null }] };
    const statusOf = async (api: SimulatedApi) => (await echoing(api).send(requestOf("/orders"), 0)).status;
    expect([await statusOf(apiWith(ALLOW_ALL, open)), await statusOf(apiWith(NONE, open))]).toEqual([200, 403]);
    expect(await statusOf(apiWith(undefined, open))).toBe(200);
  });

  it("if it is private, refuses everything without a resource policy", async () => {
    const statusOf = async (api: SimulatedApi) => (await echoing(api).send(requestOf("/orders"), 0)).status;
    expect(await statusOf(apiWith(undefined, { isPrivate: true }))).toBe(403);
    expect(await statusOf(apiWith(ALLOW_ALL, { isPrivate: true }))).toBe(200);
  });
});

const element = fc.constantFrom("Resource", "Resource", "NotResource");
const resource = fc.constantFrom("*", ARN, `${API}/prod/GET/*`, `${API}/prod/PUT/*`, `${API}/*/GET/o?ders`);
const statements = fc.array(
  fc
    .tuple(fc.constantFrom("Allow", "Deny"), element, resource)
    .map(([Effect, name, text]) => ({ Effect, Action, [name]: text })),
  { maxLength: 2 },
);

it("and an authorizer together give what an independent evaluator of IAM gives, within an account and across accounts", async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      statements,
      statements,
      fc.constantFrom<CallerAccount>("own", "other"),
      async (returned, attached, callers) => {
        const policyDocument = { Version: "2012-10-17", Statement: returned };
        const resourcePolicy = policyOf(...attached);
        const response = { principalId: "me", policyDocument };
        const access = { callers, effect: judgeResourcePolicy(resourcePolicy, FACTS) };
        const verdict = judgeInvocation(REST, { response }, ARN, access);
        const isAllowed = await isAllowedIndependently(policyDocument, resourcePolicy, callers);
        expect(verdict.passes).toBe(isAllowed);
        const outcome = `${callers} ${isAllowed} ${judgeInvocation(REST, { response }, ARN).passes}`;
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      },
    ),
    { numRuns: 400 },
  );
  // Within an account a silent authorizer is overruled; across accounts an Allow of the authorizer is not enough.
  expect([...seen.keys()].sort()).toEqual([
    "other false false",
    "other false true",
    "other true true",
    "own false false",
    "own false true",
    "own true false",
    "own true true",
  ]);
});

async function isAllowedIndependently(
  policy: object,
  resourcePolicy: object,
  callers: CallerAccount,
): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${callers === "own" ? ACCOUNT_ID : "999999999999"}:user/caller`,
        action: Action,
        resource: { resource: ARN, accountId: ACCOUNT_ID },
        contextVariables: {},
      },
      identityPolicies: [{ name: "authorizer", policy }],
      resourcePolicy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType !== "single") throw new Error(`answers ${JSON.stringify(result)}`);
  return result.overallResult === "Allowed";
}

it("a Deny of the authorizer stands against every resource policy", async () => {
  const simulator = createSimulator(apiWith(ALLOW_ALL), async () => denying("*"));
  expect(brief(await simulator.send(requestOf("/orders"), 0))).toEqual([403, "miss"]);
});
