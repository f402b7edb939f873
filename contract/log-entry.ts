import { API_KINDS, type ApiKind } from "./api-kinds.ts";
import { closed, is, mapOf, oneOf, optional, TEXT, TEXTS } from "./checks.ts";
import { isObject, isText, isTexts, own } from "./json.ts";
import { isCode, isReason } from "./reason-codes.ts";

export const APP = "rego-authorizer";

/** The grants, denials and roles that a per-token policy document was made from. */
export interface TokenDocumentRules {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
  readonly roles: readonly string[];
}

/** The result of a decision. A short line leaves out roles and parameters, which the policy computes again from the input. */
export type LoggedResult =
  | {
      readonly effect: "allow";
      readonly grants: readonly string[];
      readonly params?: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly roles?: readonly string[];
    }
  | {
      readonly effect: "deny";
      readonly reasons: readonly string[];
      readonly denials: readonly string[];
      readonly unmet: Readonly<Record<string, readonly string[]>>;
      readonly roles?: readonly string[];
    }
  | (Omit<TokenDocumentRules, "roles"> & Partial<Pick<TokenDocumentRules, "roles">>);

/**
 * An entry of the decision log, in OPA's format, so that OPA's tools can read it and a decision can be replayed.
 *
 * A line of the log is shorter (`contract/compact-log.ts`), and `parseLogEntry` makes an entry of it.
 *
 * It never holds the token, or a part of a request that the policy does not read.
 *
 * @see OPA documentation, "Decision Logs", section "Decision Log Service API"
 */
export interface LogEntry {
  /**
   * API Gateway's request id, which the access log shows too. The events of a TOKEN authorizer have none; there it is Lambda's request
   * id, which the access log has as `$context.authorizer.requestId`.
   */
  readonly decision_id: string;
  readonly timestamp: string;
  readonly labels: {
    readonly app: typeof APP;
    /** The kind of event. A short line has it only if the policy was not evaluated. */
    readonly kind?: ApiKind | "unknown" | undefined;
    /** The id and the stage of the API, by the event's ARN; missing if the event has none. */
    readonly api?: string | undefined;
    readonly stage?: string | undefined;
    /** The version of the Lambda function. */
    readonly version?: string | undefined;
    /** `report` if the request was let through, whatever the result says; missing if the decision was enforced. */
    readonly mode?: "report" | undefined;
  };
  readonly revision: string;
  /** The entry point that was evaluated: `engine/entitlements` for a per-token policy document. */
  readonly path: "engine/decision" | "engine/entitlements";
  /** The input of the policy, with which `opa eval` can repeat the decision; method and path alone if the policy was not evaluated. */
  readonly input: object;
  /** The decision; missing after a fault. */
  readonly result?: LoggedResult | undefined;
  /** The name of the event's field that disagrees with the ARN or is not canonical. Its value is not logged, since it may be anything. */
  readonly field?: string | undefined;
  /** The claims of the token that have no single reading, by the names that policies use. They give no group and no scope. */
  readonly ambiguous_claims?: readonly string[] | undefined;
  /** The fault that prevented a decision. An exception has its stack frames, but not its message. */
  readonly error?: { readonly code: string; readonly frames?: readonly string[] | undefined } | undefined;
  /** Durations in nanoseconds. A short line has the first alone, in microseconds. */
  readonly metrics: {
    readonly timer_server_handler_ns: number;
    readonly timer_token_verify_ns?: number | undefined;
    readonly timer_rego_query_eval_ns?: number | undefined;
  };
}

/** Tells whether a value has the exact shape of an entry. */
export function isLogEntry(value: unknown): value is LogEntry {
  return ENTRY(value) === undefined;
}

const NUMBER = is((value) => typeof value === "number");

const FILLED = is((value) => isTexts(value) && value.length > 0);

const RESULT = oneOf(
  closed<Extract<LoggedResult, { effect: "allow" }>>({
    effect: is((effect) => effect === "allow"),
    grants: FILLED,
    params: optional(mapOf(mapOf(TEXT))),
    roles: optional(TEXTS),
  }),
  closed<Extract<LoggedResult, { effect: "deny" }>>({
    effect: is((effect) => effect === "deny"),
    reasons: is((reasons) => isTexts(reasons) && reasons.length > 0 && reasons.every(isReason)),
    denials: TEXTS,
    unmet: mapOf(TEXTS),
    roles: optional(TEXTS),
  }),
  closed<TokenDocumentRules>({ grants: TEXTS, denials: TEXTS, roles: optional(TEXTS) }),
);

const ENTRY = closed<LogEntry>({
  decision_id: TEXT,
  timestamp: TEXT,
  labels: closed<LogEntry["labels"]>({
    app: is((app) => app === APP),
    kind: optional(is((kind) => kind === "unknown" || (isText(kind) && own(API_KINDS, kind) !== undefined))),
    api: optional(TEXT),
    stage: optional(TEXT),
    version: optional(TEXT),
    mode: optional(is((mode) => mode === "report")),
  }),
  revision: TEXT,
  path: is((path) => path === "engine/decision" || path === "engine/entitlements"),
  input: is(isObject),
  result: optional(RESULT),
  field: optional(TEXT),
  ambiguous_claims: optional(TEXTS),
  error: optional(
    closed<NonNullable<LogEntry["error"]>>({ code: is((code) => isCode(code, "fault")), frames: optional(TEXTS) }),
  ),
  metrics: closed<LogEntry["metrics"]>({
    timer_server_handler_ns: NUMBER,
    timer_token_verify_ns: optional(NUMBER),
    timer_rego_query_eval_ns: optional(NUMBER),
  }),
});
