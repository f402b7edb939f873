import type { RunningAuthorizer } from "./authorizer.ts";
import { isDecisive } from "./documents.ts";
import type { TestEvent } from "./events.ts";

/**
 * Names the outcome of an event: `allow`, or `refuse`, `deny` or `fault` with the code of its log entry.
 *
 * @throws For any other response, or one that contradicts the log.
 */
export async function judged({ invoke, log }: RunningAuthorizer, event: TestEvent | unknown): Promise<string> {
  const invocation = await invoke(event);
  const { result: logged, error } = log.at(-1) ?? {};
  const result = logged !== undefined && "effect" in logged ? logged : undefined;
  if ("error" in invocation) {
    if (invocation.error === "Unauthorized")
      return `refuse ${result?.effect === "deny" ? result.reasons.join(" ") : "?"}`;
    if (invocation.error !== error?.code) throw new Error(`threw ${invocation.error}, logged ${error?.code}`);
    return `fault ${error.code}`;
  }
  const { principalId, policyDocument, isAuthorized } = Object(invocation.response);
  const [statement] = policyDocument?.Statement ?? [{ Effect: isAuthorized === true ? "Allow" : "Deny" }];
  const isOfKnownForm = policyDocument === undefined || isDecisive(policyDocument);
  if (!isOfKnownForm || (policyDocument !== undefined && (typeof principalId !== "string" || principalId === ""))) {
    throw new Error("an answer that API Gateway does not understand");
  }
  if ((statement.Effect === "Allow") !== (result?.effect === "allow")) throw new Error("an answer that was not logged");
  return result?.effect === "deny" ? `deny ${result.reasons.join(" ")}` : "allow";
}
