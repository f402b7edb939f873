import { isObject } from "../contract/json.ts";
import { judgePolicy, type PolicyVerdict } from "./judge-policy.ts";
import { holds, isModelled, listConditions, MODELLED, type RequestFacts } from "./policy-conditions.ts";

/** The result of evaluating a policy document that is valid. */
export type PolicyEffect = Exclude<PolicyVerdict, "malformed">;

/** The account whose callers an API has: the API's own, or another one, through a VPC endpoint of that account. */
export type CallerAccount = "own" | "other";

/**
 * The outcomes, by the effect of the authorizer's policy document and then by that of the resource policy. Within an account
 * an Allow of either is enough; across accounts it takes both. So the resource policy decides where an authorizer is silent.
 *
 * @see API Gateway developer guide, "How API Gateway resource policies affect authorization workflow", tables A and B
 */
const OUTCOMES: Readonly<
  Record<CallerAccount, Readonly<Record<PolicyEffect, Readonly<Record<PolicyEffect, PolicyEffect>>>>>
> = {
  own: {
    allow: { allow: "allow", implicit_deny: "allow", explicit_deny: "explicit_deny" },
    implicit_deny: { allow: "allow", implicit_deny: "implicit_deny", explicit_deny: "explicit_deny" },
    explicit_deny: { allow: "explicit_deny", implicit_deny: "explicit_deny", explicit_deny: "explicit_deny" },
  },
  other: {
    allow: { allow: "allow", implicit_deny: "implicit_deny", explicit_deny: "explicit_deny" },
    implicit_deny: { allow: "implicit_deny", implicit_deny: "implicit_deny", explicit_deny: "explicit_deny" },
    explicit_deny: { allow: "explicit_deny", implicit_deny: "explicit_deny", explicit_deny: "explicit_deny" },
  },
};

/** Combines the effect of an authorizer's policy document with that of the API's resource policy. */
export function combineEffects(
  callers: CallerAccount,
  ofAuthorizer: PolicyEffect,
  ofResourcePolicy: PolicyEffect,
): PolicyEffect {
  return OUTCOMES[callers][ofAuthorizer][ofResourcePolicy];
}

/**
 * Evaluates an API's resource policy for a request.
 *
 * A caller with a bearer token has no AWS principal, so a statement for one applies to nobody here.
 *
 * @param document - Without {@link findResourcePolicyErrors}.
 */
export function judgeResourcePolicy(document: object, facts: RequestFacts): PolicyEffect {
  const { Statement, ...rest } = Object(document);
  const statements = [Statement].flat().flatMap(({ Principal, Condition = {}, ...statement }) => {
    const applies = isEverybody(Principal) && listConditions(Condition).every((one) => holds(one, facts));
    return applies ? [withWholeArns(statement, facts.arn)] : [];
  });
  const verdict = judgePolicy({ ...rest, Statement: statements }, facts.arn);
  return verdict === "malformed" ? "explicit_deny" : verdict;
}

/** Finds what is wrong in a resource policy, or not modelled. */
export function findResourcePolicyErrors(document: object): readonly string[] {
  const { Statement, ...rest } = Object(document);
  return [Statement].flat().flatMap((statement: unknown) => {
    if (!isObject(statement)) return ["the resource policy has a statement that is not an object"];
    const { Principal, Condition = {}, ...others } = statement;
    const errors = Principal === undefined ? ["a statement of the resource policy has no Principal"] : [];
    const isMalformed = judgePolicy({ ...rest, Statement: [withWholeArns(others, "arn:/")] }, "") === "malformed";
    if (isMalformed) errors.push("the resource policy is malformed, or has an element that is not modelled");
    const conditions = isObject(Condition) ? listConditions(Condition) : [undefined];
    if (conditions.every((one) => one !== undefined && isModelled(one))) return errors;
    return [...errors, `the resource policy has a condition that is not modelled; modelled are ${MODELLED.join(", ")}`];
  });
}

function isEverybody(principal: unknown): boolean {
  const named = isObject(principal) ? [principal["AWS"]].flat() : [principal];
  return named.includes("*");
}

/** Completes resources like `execute-api:/*`, as API Gateway does when a policy is set. */
function withWholeArns(statement: Readonly<Record<string, unknown>>, arn: string): object {
  const api = arn.slice(0, arn.indexOf("/") + 1);
  const whole = (text: unknown) => (typeof text === "string" ? text.replace(/^execute-api:\//, api) : text);
  const complete = (value: unknown) => (Array.isArray(value) ? value.map(whole) : whole(value));
  return Object.fromEntries(
    Object.entries(statement).map(([key, value]) => [key, key.endsWith("Resource") ? complete(value) : value]),
  );
}
