import type { ApiKind } from "../contract/api-kinds.ts";
import { isObject } from "../contract/json.ts";
import { APP, type LogEntry } from "../contract/log-entry.ts";
import { KIND_OF_CODE } from "../contract/reason-codes.ts";
import { denialBy } from "./conclude.ts";
import type { MethodArn } from "./gateway/method-arn.ts";
import type { Outcome } from "./outcome.ts";

/** The parts of a log entry that are not in the outcome. */
interface LogMetadata {
  readonly id: string;
  readonly kind: ApiKind | undefined;
  /** The ARN of the event, if it has one. */
  readonly arn: Pick<MethodArn, "apiId" | "stage"> | undefined;
  /** The name of the API in the alias that was invoked; undefined if the invocation names none. */
  readonly apiName: string | undefined;
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
  const { id, kind, arn, apiName, revision, version, namesIssuer, mode, nowMs, handlerNs } = metadata;
  const { input, atMs = nowMs, verifyNs, evaluateNs } = outcome;
  const ambiguous = outcome.principal?.ambiguousClaims;
  return {
    decision_id: id,
    timestamp: toTimestamp(atMs),
    labels: { app: APP, kind: kind ?? "unknown", api: apiName ?? arn?.apiId, stage: arn?.stage, version, mode },
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

/** The last second of which a timestamp was made, and its text before the milliseconds: a busy environment makes many in one. */
let lastSecond = { seconds: Number.NaN, text: "" };

/** Formats a time as `toISOString` does. */
function toTimestamp(atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  if (lastSecond.seconds !== seconds)
    lastSecond = { seconds, text: new Date(seconds * 1000).toISOString().slice(0, -"000Z".length) };
  return `${lastSecond.text}${String(Math.floor(atMs) - seconds * 1000).padStart(3, "0")}Z`;
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
