import { API_KINDS, type ApiKind } from "./api-kinds.ts";
import { type Decision, isDecision } from "./decision.ts";
import { type Checks, isClosed, isObject, isText, isTexts, optional, own, parseJson } from "./json.ts";
import { isCode, isReason } from "./reason-codes.ts";
import { err, ok, type Result } from "./result.ts";

/** The grants, denials and roles that a per-token policy document was made from. */
export interface TokenDocumentRules {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
  readonly roles: readonly string[];
}

/**
 * One line of the decision log, in OPA's format, so that OPA's tools can read it and a decision can be replayed.
 *
 * It never holds the token, or a part of a request that the policy does not read.
 *
 * @see OPA documentation, "Decision Logs", section "Decision Log Service API"
 */
export interface LogEntry {
  /** API Gateway's request id, which the access log shows too; a UUID if the event has no id. */
  readonly decision_id: string;
  readonly timestamp: string;
  readonly labels: { readonly app: typeof APP; readonly kind: ApiKind | "unknown" };
  readonly revision: string;
  /** The entry point that was evaluated: `engine/entitlements` for a per-token policy document. */
  readonly path: "engine/decision" | "engine/entitlements";
  /** The input of the policy, with which `opa eval` can repeat the decision; method and path alone if the policy was not evaluated. */
  readonly input: object;
  /** The decision; missing after a fault. */
  readonly result?: Decision | TokenDocumentRules;
  /** The name of the event's field that disagrees with the ARN or is not canonical. Its value is not logged, since it may be anything. */
  readonly field?: string;
  /** The fault that prevented a decision. An exception has its stack frames, but not its message. */
  readonly error?: { readonly code: string; readonly frames?: readonly string[] };
  /** Durations in nanoseconds. */
  readonly metrics: {
    readonly timer_server_handler_ns: number;
    readonly timer_token_verify_ns?: number;
    readonly timer_rego_query_eval_ns?: number;
  };
}

export const APP = "rego-authorizer";

/** Formats an entry as one line, with its line break. */
export function formatLogEntry(entry: LogEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * Parses a line of the decision log; the inverse of {@link formatLogEntry}.
 *
 * @returns The entry, or why the line is not an entry: a Lambda's log group also has lines of the runtime.
 */
export function parseLogEntry(line: string): Result<LogEntry, "log.not_json" | "log.not_a_decision"> {
  const value = parseJson(line);
  if (value === undefined) return err("log.not_json");
  return isClosed(value, ENTRY_CHECKS) ? ok(value as LogEntry) : err("log.not_a_decision");
}

const LABEL_CHECKS: Checks<LogEntry["labels"]> = {
  app: (app) => app === APP,
  kind: (kind) => kind === "unknown" || (isText(kind) && own(API_KINDS, kind) !== undefined),
};

const ERROR_CHECKS: Checks<NonNullable<LogEntry["error"]>> = {
  code: (code) => isCode(code, "fault"),
  frames: optional(isTexts),
};

const METRIC_CHECKS: Checks<LogEntry["metrics"]> = {
  timer_server_handler_ns: isNumber,
  timer_token_verify_ns: optional(isNumber),
  timer_rego_query_eval_ns: optional(isNumber),
};

const RULE_CHECKS: Checks<TokenDocumentRules> = { grants: isTexts, denials: isTexts, roles: isTexts };

const ENTRY_CHECKS: Checks<LogEntry> = {
  decision_id: isText,
  timestamp: isText,
  labels: (labels) => isClosed(labels, LABEL_CHECKS),
  revision: isText,
  path: (path) => path === "engine/decision" || path === "engine/entitlements",
  input: isObject,
  result: optional((result) => isLoggedDecision(result) || isClosed(result, RULE_CHECKS)),
  field: optional(isText),
  error: optional((error) => isClosed(error, ERROR_CHECKS)),
  metrics: (metrics) => isClosed(metrics, METRIC_CHECKS),
};

function isLoggedDecision(value: unknown): boolean {
  return isDecision(value) && (value.effect === "allow" || value.reasons.every(isReason));
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}
