import { traitsOf } from "../contract/api-kinds.ts";
import { isObject } from "../contract/json.ts";
import type { GatewayResponseType } from "./gateway-responses.ts";
import type { Invocation } from "./invocation.ts";
import { judgePolicy } from "./judge-policy.ts";
import { type CallerAccount, combineEffects, type PolicyEffect } from "./resource-policy.ts";
import type { SimulatedAuthorizer } from "./simulated-api.ts";

/** The effect of an authorizer's response on a request. */
export type Verdict =
  | { readonly passes: true; readonly context: Readonly<Record<string, string>> }
  | { readonly passes: false; readonly type: GatewayResponseType };

/** The effect of the API's resource policy on the request, and the account of the callers. */
export interface Access {
  readonly callers: CallerAccount;
  readonly effect: PolicyEffect;
}

const FAULT: Verdict = { passes: false, type: "fault" };

/**
 * Applies an authorizer's response to a request, as API Gateway does. On an HTTP API every error is a fault, since no error
 * means 401 there; AWS does not document this.
 *
 * Whether a response is a fault does not depend on the request. The longest response is not modelled.
 *
 * @param arn - The ARN of the request, which is matched with a policy document; simple responses ignore it.
 * @param access - Undefined if the API has no resource policy.
 * @see API Gateway developer guide, "Output from an API Gateway Lambda authorizer" and "Control access to HTTP APIs
 *   with AWS Lambda authorizers"
 */
export function judgeInvocation(
  { kind, response: form }: Pick<SimulatedAuthorizer, "kind" | "response">,
  invocation: Invocation,
  arn: string,
  access?: Access,
): Verdict {
  if ("error" in invocation) {
    const isUnauthorized = invocation.error === "Unauthorized" && traitsOf(kind).refusesBy === "error";
    return isUnauthorized ? { passes: false, type: "unauthorized" } : FAULT;
  }
  const { principalId, policyDocument, isAuthorized, context: returned } = Object(invocation.response);
  const context = toContext(returned ?? {}, traitsOf(kind).api === "http");
  if (context === undefined) return FAULT;
  if (form === "simple") {
    if (typeof isAuthorized !== "boolean") return FAULT;
    return isAuthorized ? { passes: true, context } : { passes: false, type: "implicit_deny" };
  }
  if (typeof principalId !== "string" || principalId === "") return FAULT;
  const returnedEffect = judgePolicy(policyDocument, arn);
  if (returnedEffect === "malformed") return FAULT;
  const verdict = access === undefined ? returnedEffect : combineEffects(access.callers, returnedEffect, access.effect);
  return verdict === "allow"
    ? { passes: true, context: { ...context, principalId } }
    : { passes: false, type: verdict };
}

/** Converts the values of a context to texts. Only an HTTP API accepts lists, objects and null; they become JSON. */
function toContext(returned: unknown, acceptsAnyJson: boolean): Readonly<Record<string, string>> | undefined {
  if (!isObject(returned)) return undefined;
  const entries = Object.entries(returned);
  if (!acceptsAnyJson && entries.some(([, value]) => !["string", "number", "boolean"].includes(typeof value)))
    return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
