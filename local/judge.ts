import type { LocalKind } from "./events.ts";
import type { Invocation } from "./lambda.ts";

/** What API Gateway does with an authorizer's answer: lets the request through with its context, or answers itself. */
export type Judgement =
  | { readonly passes: true; readonly context: Readonly<Record<string, string>> }
  | { readonly passes: false; readonly status: number; readonly body: object };

const FAULT: Readonly<Record<LocalKind, Judgement>> = {
  rest: { passes: false, status: 500, body: { message: null } },
  http: { passes: false, status: 500, body: { message: "Internal Server Error" } },
};

/**
 * Obeys an authorizer's answer as API Gateway would.
 *
 * @see API Gateway developer guide, "Output from an API Gateway Lambda authorizer"
 */
export function judge(kind: LocalKind, invocation: Invocation, arn: string): Judgement {
  if ("error" in invocation) {
    return kind === "rest" && invocation.error === "Unauthorized"
      ? { passes: false, status: 401, body: { message: "Unauthorized" } }
      : FAULT[kind];
  }
  const { principalId, policyDocument, context } = Object(invocation.answer);
  const statements: unknown = policyDocument?.Statement;
  if (typeof principalId !== "string" || principalId === "" || !Array.isArray(statements)) return FAULT[kind];
  const effects = statements.filter(({ Resource }) => [Resource].flat().some((pattern) => matches(pattern, arn)));
  const isDenied = effects.some(({ Effect }) => Effect === "Deny");
  if (!isDenied && effects.some(({ Effect }) => Effect === "Allow"))
    return { passes: true, context: { ...context, principalId } };
  if (kind === "http") return { passes: false, status: 403, body: { message: "Forbidden" } };
  const suffix = isDenied ? " with an explicit deny" : "";
  return { passes: false, status: 403, body: { Message: `User is not authorized to access this resource${suffix}` } };
}

/** `*` is any text, slashes among it, `?` one character. */
function matches(pattern: unknown, arn: string): boolean {
  const source = RegExp.escape(String(pattern)).replaceAll("\\*", ".*").replaceAll("\\?", ".");
  return new RegExp(`^${source}$`, "s").test(arn);
}
