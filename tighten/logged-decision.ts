import { isCompactLine, toEntry } from "../contract/compact-log.ts";
import { isObject, isText, isTexts, parseJson } from "../contract/json.ts";
import { isLogEntry, type LogEntry } from "../contract/log-entry.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { unwrapLine } from "../replay/unwrap.ts";
import type { LogProblem } from "./log-problems.ts";

/** A decision of a log, as far as it shows which rules were used. */
export interface LoggedDecision {
  readonly revision: string;
  readonly timestamp: string;
  /** The name of the API; undefined if the line has none. */
  readonly api: string | undefined;
  /** The whole input, with which the decision can be repeated. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly effect: "allow" | "deny";
  /** The grants that allowed it; empty if it was denied. */
  readonly grants: readonly string[];
  /** The roles of the principal; undefined if the line leaves them out. */
  readonly roles: readonly string[] | undefined;
  /** Whether the authorizer only reported it, and let the request through in any case. */
  readonly isReportOnly: boolean;
}

/**
 * Parses a line of a decision log: of an authorizer, in both forms, or of OPA, alone or as the list that OPA uploads. A line may
 * have the form in which CloudWatch Logs and the CLI of AWS give it away.
 */
export function parseLoggedDecisions(line: string): readonly Result<LoggedDecision, LogProblem>[] {
  if (line.trim() === "") return [];
  const value = parseJson(line);
  if (Array.isArray(value)) return value.length === 0 ? [err("line.not_a_decision")] : value.map(fromValue);
  if (value !== undefined && !isRecord(value)) return [fromValue(value)];
  return unwrapLine(line).map((entry) => (entry.ok ? fromValue(entry.value) : err("line.not_json")));
}

/** Tells whether a value is a record that CloudWatch Logs delivers to a subscription. */
function isRecord(value: unknown): boolean {
  return isObject(value) && ("logEvents" in value || "messageType" in value);
}

function fromValue(value: unknown): Result<LoggedDecision, LogProblem> {
  if (isCompactLine(value)) return fromEntry(toEntry(value));
  if (isLogEntry(value)) return fromEntry(value);
  return isObject(value) ? fromOpa(value) : err("line.not_a_decision");
}

function fromEntry({ path, revision, timestamp, labels, input, result, error }: LogEntry) {
  if (path === "engine/entitlements") return err<LogProblem>("line.token_document");
  if (error !== undefined || result === undefined || !("effect" in result)) return err<LogProblem>("line.fault");
  return ok<LoggedDecision>({
    revision,
    timestamp,
    api: labels.api,
    input: Object(input),
    effect: result.effect,
    grants: result.effect === "allow" ? result.grants : [],
    roles: result.roles,
    isReportOnly: labels.mode === "report",
  });
}

/**
 * Reads a line that OPA logged with the bundle of a build.
 *
 * @see OPA documentation, "Decision Logs", section "Decision Log Service API"
 */
function fromOpa(event: Readonly<Record<string, unknown>>): Result<LoggedDecision, LogProblem> {
  const { path, input, result, timestamp, time, bundles, decision_id: id, error } = event;
  if (!isText(id) || !isText(path)) return err("line.not_a_decision");
  const entrypoint = path.replace(/^\//, "");
  if (entrypoint === "engine/entitlements") return err("line.token_document");
  if (entrypoint !== "engine/decision") return err("line.other_entry_point");
  if (isMasked(event)) return err("line.masked");
  if (error !== undefined || result === undefined) return err("line.fault");
  if (!isObject(input) || !isObject(result)) return err("line.not_a_decision");
  const { effect, grants, roles } = result;
  if (effect !== "allow" && effect !== "deny") return err("line.not_a_decision");
  if (effect === "allow" && !isTexts(grants)) return err("line.not_a_decision");
  const { request } = input;
  const api = isObject(request) ? request["api"] : undefined;
  return ok({
    revision: revisionOf(bundles),
    timestamp: [timestamp, time].find(isText) ?? "",
    api: isText(api) ? api : undefined,
    input,
    effect,
    grants: effect === "allow" && isTexts(grants) ? grants : [],
    roles: isTexts(roles) ? roles : undefined,
    isReportOnly: false,
  });
}

/** Tells whether a part of the decision was erased or masked before it was logged. The id of the principal gives no role. */
function isMasked({ erased, masked }: Readonly<Record<string, unknown>>): boolean {
  return [erased, masked]
    .flat()
    .some((pointer) => isText(pointer) && /^\/(input|result)(\/|$)/.test(pointer) && pointer !== "/input/principal/id");
}

/** Gives the revision of the bundle; empty if there is none, or several. */
function revisionOf(bundles: unknown): string {
  const revisions = isObject(bundles)
    ? Object.values(bundles).flatMap((bundle) =>
        isObject(bundle) && isText(bundle["revision"]) ? [bundle["revision"]] : [],
      )
    : [];
  return revisions.length === 1 ? (revisions[0] ?? "") : "";
}
