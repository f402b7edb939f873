import { API_KINDS, type ApiKind } from "./api-kinds.ts";
import { closed, is, oneOf, optional, TEXT, TEXTS } from "./checks.ts";
import { type Decision, isDecision } from "./decision.ts";
import { isObject, isText, own, parseJson } from "./json.ts";
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
  /** The claims of the token that have no single reading, by the names that policies use. They give no group and no scope. */
  readonly ambiguous_claims?: readonly string[];
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

/** Matches characters that steer a terminal, break a line or turn its direction: control, format, and line separators. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const OUTSIDE_ASCII = /[^\x20-\x7e]/;

/**
 * Formats an entry as one line, with its line break.
 *
 * The values come from anybody. So characters that are not visible are escaped, as JSON allows: a line can't look like two, or
 * like another one.
 */
export function formatLogEntry(entry: LogEntry): string {
  const text = JSON.stringify(entry);
  // Most lines are ASCII, for which a range is found in a fraction of the time of a property.
  return `${OUTSIDE_ASCII.test(text) ? text.replace(STEERING, toEscapes) : text}\n`;
}

function toEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hexOf(character.charCodeAt(at))}`).join("");
}

function hexOf(unit: number): string {
  return unit.toString(16).padStart(4, "0");
}

/**
 * Parses a line of the decision log; the inverse of {@link formatLogEntry}.
 *
 * @returns The entry, or why the line is not an entry: a Lambda's log group also has lines of the runtime.
 */
export function parseLogEntry(line: string): Result<LogEntry, "log.not_json" | "log.not_a_decision"> {
  const value = parseJson(line);
  if (value === undefined) return err("log.not_json");
  return ENTRY(value) === undefined ? ok(value as LogEntry) : err("log.not_a_decision");
}

const NUMBER = is((value) => typeof value === "number");

const ENTRY = closed<LogEntry>({
  decision_id: TEXT,
  timestamp: TEXT,
  labels: closed<LogEntry["labels"]>({
    app: is((app) => app === APP),
    kind: is((kind) => kind === "unknown" || (isText(kind) && own(API_KINDS, kind) !== undefined)),
  }),
  revision: TEXT,
  path: is((path) => path === "engine/decision" || path === "engine/entitlements"),
  input: is(isObject),
  result: optional(
    oneOf(is(isLoggedDecision), closed<TokenDocumentRules>({ grants: TEXTS, denials: TEXTS, roles: TEXTS })),
  ),
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

function isLoggedDecision(value: unknown): boolean {
  return isDecision(value) && (value.effect === "allow" || value.reasons.every(isReason));
}
