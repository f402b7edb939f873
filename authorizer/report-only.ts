import type { ApiKind, HttpResponse } from "../contract/api-kinds.ts";
import { MAX_RESOURCE_CHARS } from "../contract/limits.ts";
import { formatMethodArn, type MethodArn } from "./gateway/method-arn.ts";
import { type AuthorizerResponse, toAllow } from "./gateway/response.ts";

/** The `principalId` of all responses of a report-only authorizer: it vouches for nobody. */
const NOBODY = "report-only";

/**
 * Makes the response of a report-only authorizer: an Allow of this very request, whatever the policy decides.
 *
 * It has nothing of the decision, neither who the caller is nor why she would be refused, since the back end would take an
 * `authorizer` context for one that was enforced.
 *
 * @param arn - Undefined if the event has none. Then only a simple response can let the request through.
 * @returns Undefined if no response can.
 */
export function toReported(
  kind: ApiKind | undefined,
  arn: MethodArn | undefined,
  revision: string,
  form: HttpResponse,
): AuthorizerResponse | undefined {
  const context = { mode: "report", revision };
  return toAllow(kind, arn && toOpenResource(arn), NOBODY, context, form);
}

/**
 * Makes a `Resource` that matches an ARN in any case. It may match others, too: the response is not cached, and the method is open.
 */
function toOpenResource(arn: MethodArn): string {
  // In a policy document, `${` begins a variable, and a question mark stands for any one character.
  const text = formatMethodArn(arn).replaceAll("${", "?{");
  if (text.length <= MAX_RESOURCE_CHARS) return text;
  const cut = text.slice(0, MAX_RESOURCE_CHARS - 1);
  // A character of two units may have been cut in half.
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}*`;
}
