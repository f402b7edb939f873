import { API_KINDS, type ApiKind } from "./api-kinds.ts";
import { type Decision, isDecision } from "./decision.ts";
import { isMapOf, isObject, isText, isTexts, own, parseJson } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** The grants and denials that a per-token policy document was made of, and the roles that led to them. */
export interface TokenDocumentRules {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
  readonly roles: readonly string[];
}

/**
 * One line of the decision log, in OPA's format, so that OPA's tools can read it and a decision can be replayed.
 *
 * It never has the token, nor anything of a request that the policy does not read.
 *
 * @see OPA documentation, "Decision Logs", section "Decision Log Service API"
 */
export interface LogEntry {
  /** API Gateway's request id, which its access log has too; a UUID where the event has none. */
  readonly decision_id: string;
  readonly timestamp: string;
  readonly labels: { readonly app: typeof APP; readonly kind: ApiKind | "unknown" };
  readonly revision: string;
  /** The entry point: `engine/entitlements` for a per-token policy document. */
  readonly path: "engine/decision" | "engine/entitlements";
  /** The input of the policy, so that `opa eval` can be asked again; only method and path of a request that did not reach the policy. */
  readonly input: object;
  /** What was decided; missing in a fault. */
  readonly result?: Decision | TokenDocumentRules;
  /** The part of the event that disagrees with the ARN or has no canonical form; by name, since its value may be anything. */
  readonly field?: string;
  /** Why there was no decision. An exception comes with where it was thrown, and without its message. */
  readonly error?: { readonly code: string; readonly frames?: readonly string[] };
  /** In nanoseconds. */
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
 * Reads a line of the decision log; the inverse of {@link formatLogEntry}.
 *
 * @returns The entry, or why the line is not one: a Lambda's log group has lines of the runtime, too.
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
