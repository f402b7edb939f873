import type { ApiKind } from "../contract/api-kinds.ts";
import { APP, formatLogEntry, type LogEntry } from "../contract/decision-log.ts";
import { KIND_OF_CODE } from "../contract/reason-codes.ts";
import { denialBy } from "./conclude.ts";
import type { Outcome } from "./outcome.ts";

/** Creates the decision log: each entry becomes one line. */
export function createDecisionLog(write: (line: string) => void): (entry: LogEntry) => void {
  return (entry) => write(formatLogEntry(entry));
}

/** The parts of a log entry that are not in the outcome. */
interface LogMetadata {
  readonly id: string;
  readonly kind: ApiKind | undefined;
  /** The name of the API that invoked the authorizer; undefined if the alias does not say. */
  readonly api: string | undefined;
  readonly revision: string;
  readonly nowMs: number;
  /** The time from the event to the response. */
  readonly handlerNs: number;
}

/** Makes the entry of the decision log for an outcome. */
export function toLogEntry(outcome: Outcome, { id, kind, revision, nowMs, handlerNs }: LogMetadata): LogEntry {
  const { input, verifyNs, evaluateNs } = outcome;
  const field = outcome.kind === "stopped" ? outcome.field : undefined;
  const ambiguous = outcome.principal?.ambiguousClaims ?? [];
  return {
    decision_id: id,
    timestamp: new Date(nowMs).toISOString(),
    labels: { app: APP, kind: kind ?? "unknown" },
    revision,
    path: outcome.kind === "documented" ? "engine/entitlements" : "engine/decision",
    input,
    ...toResult(outcome),
    ...(field !== undefined && { field }),
    ...(ambiguous.length > 0 && { ambiguous_claims: ambiguous }),
    metrics: {
      timer_server_handler_ns: handlerNs,
      ...(verifyNs !== undefined && { timer_token_verify_ns: verifyNs }),
      ...(evaluateNs !== undefined && { timer_rego_query_eval_ns: evaluateNs }),
    },
  };
}

function toResult(outcome: Outcome): Pick<LogEntry, "result" | "error"> {
  switch (outcome.kind) {
    case "decided":
      return { result: outcome.decision };
    case "documented":
      return { result: outcome.rules };
    case "stopped": {
      const { code, frames } = outcome;
      if (KIND_OF_CODE[code] !== "fault") return { result: denialBy(code) };
      return { error: { code, ...(frames && { frames }) } };
    }
    default:
      return outcome satisfies never;
  }
}
