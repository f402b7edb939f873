import { API_KINDS, type ApiKind } from "./api-kinds.ts";
import { type Decision, isDecision } from "./decision.ts";
import { isMapOf, isObject, isText, isTexts, own, parseJson } from "./json.ts";
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

const PATHS = ["engine/decision", "engine/entitlements"];

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
  if (!isObject(value)) return err("log.not_json");
  return isLogEntry(value) ? ok(value) : err("log.not_a_decision");
}

function isLogEntry(value: unknown): value is LogEntry {
  if (!isObject(value) || !isObject(value["labels"])) return false;
  const { decision_id, timestamp, labels, revision, path, input, result, field, error, metrics } = value;
  const kind = labels["kind"];
  return (
    [decision_id, timestamp, revision].every(isText) &&
    labels["app"] === APP &&
    isText(kind) &&
    (kind === "unknown" || own(API_KINDS, kind) !== undefined) &&
    isText(path) &&
    PATHS.includes(path) &&
    isObject(input) &&
    (result === undefined || isDecision(result) || isTokenDocumentRules(result)) &&
    (field === undefined || isText(field)) &&
    (error === undefined || (isObject(error) && isText(error["code"]))) &&
    isMapOf(metrics, (metric) => typeof metric === "number")
  );
}

function isTokenDocumentRules(value: unknown): value is TokenDocumentRules {
  return isObject(value) && [value["grants"], value["denials"], value["roles"]].every(isTexts);
}
