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
  readonly revision: string;
  /** The version of the Lambda function. */
  readonly version: string | undefined;
  /** Whether several issuers are trusted, so that an id alone does not say who the principal is. */
  readonly namesIssuer: boolean;
  readonly nowMs: number;
  /** The time from the event to the response. */
  readonly handlerNs: number;
}

/** Makes the entry of the decision log for an outcome. */
export function toLogEntry(outcome: Outcome, metadata: LogMetadata): LogEntry {
  const { id, kind, arn, revision, version, namesIssuer, nowMs, handlerNs } = metadata;
  const { input, atMs = nowMs, verifyNs, evaluateNs } = outcome;
  const field = outcome.kind === "stopped" ? outcome.field : undefined;
  const ambiguous = outcome.principal?.ambiguousClaims ?? [];
  return {
    decision_id: id,
    timestamp: new Date(atMs).toISOString(),
    labels: {
      app: APP,
      kind: kind ?? "unknown",
      ...(arn && { api: arn.apiId, stage: arn.stage }),
      ...(version !== undefined && { version }),
    },
    revision,
    path: outcome.kind === "documented" ? "engine/entitlements" : "engine/decision",
    input: namesIssuer ? input : withoutIssuer(input),
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

/** Leaves the issuer out where the settings of the version say which it is. */
function withoutIssuer(input: object): object {
  const { principal, ...rest } = input as Readonly<Record<string, unknown>>;
  if (!isObject(principal)) return input;
  const { issuer: _issuer, ...known } = principal;
  return { principal: known, ...rest };
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
