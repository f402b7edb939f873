import type { ApiKind } from "../contract/api-kinds.ts";
import { formatLogEntry, type LogFormat } from "../contract/decision-log.ts";
import { isObject } from "../contract/json.ts";
import { APP, type LogEntry } from "../contract/log-entry.ts";
import { KIND_OF_CODE } from "../contract/reason-codes.ts";
import { denialBy } from "./conclude.ts";
import type { MethodArn } from "./gateway/method-arn.ts";
import type { Outcome } from "./outcome.ts";

/** Creates the decision log: each entry becomes one line. */
export function createDecisionLog(write: (line: string) => void, format: LogFormat): (entry: LogEntry) => void {
  return (entry) => write(formatLogEntry(entry, format));
}

/** The parts of a log entry that are not in the outcome. */
interface LogMetadata {
  readonly id: string;
  readonly kind: ApiKind | undefined;
  /** The ARN of the event, if it has one. */
  readonly arn: Pick<MethodArn, "apiId" | "stage"> | undefined;
  readonly revision: string;
  /** The version of the Lambda function. */
  readonly version: string | undefined;
  /** Whether several issuers are trusted, so that an id alone does not say who the principal is. */
  readonly namesIssuer: boolean;
  readonly mode: "report" | undefined;
  readonly nowMs: number;
  /** The time from the event to the response. */
  readonly handlerNs: number;
}

/**
 * Makes the entry of the decision log for an outcome. Fields without a value are undefined, which JSON leaves out: every decision does
 * this, and one literal takes a fraction of the time of one that is put together.
 */
export function toLogEntry(outcome: Outcome, metadata: LogMetadata): LogEntry {
  const { id, kind, arn, revision, version, namesIssuer, mode, nowMs, handlerNs } = metadata;
  const { input, atMs = nowMs, verifyNs, evaluateNs } = outcome;
  const ambiguous = outcome.principal?.ambiguousClaims;
  return {
    decision_id: id,
    timestamp: new Date(atMs).toISOString(),
    labels: { app: APP, kind: kind ?? "unknown", api: arn?.apiId, stage: arn?.stage, version, mode },
    revision,
    path: outcome.kind === "documented" ? "engine/entitlements" : "engine/decision",
    input: namesIssuer ? input : withoutIssuer(input),
    result: toResult(outcome),
    field: outcome.kind === "stopped" ? outcome.field : undefined,
    ambiguous_claims: ambiguous && ambiguous.length > 0 ? ambiguous : undefined,
    error: toError(outcome),
    metrics: {
      timer_server_handler_ns: handlerNs,
      timer_token_verify_ns: verifyNs,
      timer_rego_query_eval_ns: evaluateNs,
    },
  };
}

/** Leaves the issuer out where the settings of the version say which it is. */
function withoutIssuer(input: object): object {
  const { principal } = input as Readonly<Record<string, unknown>>;
  return isObject(principal) ? { ...input, principal: { ...principal, issuer: undefined } } : input;
}

function toResult(outcome: Outcome): LogEntry["result"] {
  switch (outcome.kind) {
    case "decided":
      return outcome.decision;
    case "documented":
      return outcome.rules;
    case "stopped":
      return KIND_OF_CODE[outcome.code] === "fault" ? undefined : denialBy(outcome.code);
    default:
      return outcome satisfies never;
  }
}

function toError(outcome: Outcome): LogEntry["error"] {
  if (outcome.kind !== "stopped" || KIND_OF_CODE[outcome.code] !== "fault") return undefined;
  return { code: outcome.code, frames: outcome.frames };
}
