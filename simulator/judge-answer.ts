import { traitsOf } from "../contract/api-kinds.ts";
import type { GatewayResponseType } from "./gateway-responses.ts";
import type { Invocation } from "./invocation.ts";
import { judgePolicy } from "./judge-policy.ts";
import type { SimulatedAuthorizer } from "./simulated-api.ts";

/** What an authorizer's answer means for a request. */
export type Verdict =
  | { readonly passes: true; readonly context: Readonly<Record<string, string>> }
  | { readonly passes: false; readonly refusal: GatewayResponseType };

const FAULT: Verdict = { passes: false, refusal: "fault" };

/**
 * Obeys an authorizer's answer as API Gateway would. An HTTP API has no error that means 401: there every one is a
 * fault, which is not documented.
 *
 * Whether an answer is a fault does not depend on the request. How long an answer may be is not modelled.
 *
 * @param arn - The request's, against which a policy document is judged. A simple answer has no eye for it.
 * @see API Gateway developer guide, "Output from an API Gateway Lambda authorizer" and "Control access to HTTP APIs
 *   with AWS Lambda authorizers"
 */
export function judgeInvocation(
  { kind, response }: Pick<SimulatedAuthorizer, "kind" | "response">,
  invocation: Invocation,
  arn: string,
): Verdict {
  if ("error" in invocation) {
    const isUnauthorized = invocation.error === "Unauthorized" && traitsOf(kind).refusesBy === "error";
    return isUnauthorized ? { passes: false, refusal: "unauthorized" } : FAULT;
  }
  const { principalId, policyDocument, isAuthorized, context: answered } = Object(invocation.answer);
  const context = toContext(answered ?? {}, traitsOf(kind).api === "http");
  if (context === undefined) return FAULT;
  if (response === "simple") {
    if (typeof isAuthorized !== "boolean") return FAULT;
    return isAuthorized ? { passes: true, context } : { passes: false, refusal: "implicit_deny" };
  }
  if (typeof principalId !== "string" || principalId === "") return FAULT;
  const verdict = judgePolicy(policyDocument, arn);
  if (verdict === "malformed") return FAULT;
  return verdict === "allow"
    ? { passes: true, context: { ...context, principalId } }
    : { passes: false, refusal: verdict };
}

/** The values as texts. Only an HTTP API takes lists, objects and null for values; there they are JSON here. */
function toContext(answered: unknown, takesAnything: boolean): Readonly<Record<string, string>> | undefined {
  if (typeof answered !== "object" || answered === null || Array.isArray(answered)) return undefined;
  const entries = Object.entries(answered);
  if (!takesAnything && entries.some(([, value]) => !["string", "number", "boolean"].includes(typeof value)))
    return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
