import { createToCalendar } from "../../authorizer/policy/calendar.ts";
import { createToInput } from "../../authorizer/policy/input.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import { isObject } from "../../contract/json.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import type { InputReference, RequestValue } from "../../contract/manifest.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { listRuleApis } from "../../contract/rule-apis.ts";
import type { Caller } from "./caller.ts";

/** A principal in the input of the policy, with the claims that it carries. */
export type AskingPrincipal = NonNullable<EngineInput["principal"]> & {
  readonly claims: Readonly<Record<string, unknown>>;
};

/** The input of one request by one principal. */
export type Asked = EngineInput & {
  readonly principal: AskingPrincipal;
  readonly request: NonNullable<EngineInput["request"]> & { readonly method: string; readonly path: string };
};

/** The parts of a request that conditions may read, besides the token. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly api: string | undefined;
  readonly source_ip: string | undefined;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly query: ReadonlyMap<string, readonly string[]>;
}

/** The parts of a policy that its input is made by. */
interface Reader {
  readonly inputReferences: readonly InputReference[];
  readonly requestValues: readonly RequestValue[];
}

/** Makes the input of a request by a caller, as the authorizer does: it has what the policy reads. */
export function toAsked(policy: Reader, caller: Caller, request: RequestParts, nowS: number): Result<Asked, string> {
  const toCalendar = createToCalendar(policy.inputReferences);
  if (!toCalendar.ok) return err(`this Node.js does not know the time zones ${toCalendar.error.join(", ")}`);
  const toInput = createToInput(policy.inputReferences, policy.requestValues, [], toCalendar.value);
  const input = toInput(caller, { ...request, client_certificate: undefined }, nowS);
  const { method, path, api } = request;
  return ok({
    ...input,
    principal: { ...input.principal, claims: input.principal?.claims ?? {} },
    // Public rules may be for named APIs although no grant is, so that the policy does not read the name.
    request: { ...input.request, method, path, ...(api !== undefined && { api }) },
  });
}

/**
 * Makes the input of a logged decision. It has what the policy read when it was logged.
 *
 * @param changed - The method and path to ask for instead of the logged ones, and the name of the API.
 * @returns The input, or a line that says what the log entry lacks.
 */
export function toLoggedAsked(
  { inputReferences, index }: Reader & { readonly index: Pick<PolicyIndex, "grants" | "denials"> },
  { input, result, labels, timestamp }: LogEntry,
  changed: Partial<Pick<RequestParts, "method" | "path" | "api">>,
): Result<Asked, string> {
  const logged: EngineInput = input;
  const { principal } = logged;
  if (!isObject(principal)) {
    const reasons = result !== undefined && "reasons" in result ? ` (${result.reasons.join(", ")})` : "";
    return err(`the line has no principal: the token was refused${reasons}, so that no policy decided`);
  }
  const method = changed.method ?? logged.request?.method;
  const path = changed.path ?? logged.request?.path;
  if (method === undefined || path === undefined) return err("the line has no method and path; name them");
  // A policy without rules for named APIs logs no name in the input. The label may be an id, which would be taken for another API.
  const label = listRuleApis(index).find((name) => name === labels.api);
  const api = changed.api ?? logged.request?.api ?? label;
  const nowS = logged.now_s ?? Math.floor(Date.parse(timestamp) / 1000);
  const readsTime = inputReferences.some(([root]) => root === "now_s");
  const toCalendar = createToCalendar(inputReferences);
  const calendar = toCalendar.ok ? toCalendar.value?.(nowS) : undefined;
  return ok({
    ...logged,
    ...(readsTime && { now_s: nowS }),
    ...(calendar !== undefined && { calendar }),
    principal: { ...principal, claims: principal.claims ?? {} },
    request: { ...logged.request, method, path, ...(api !== undefined && { api }) },
  });
}
