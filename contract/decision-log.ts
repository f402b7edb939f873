import type { ApiKind } from "../authorizer/gateway/event.ts";
import type { Decision } from "./decision.ts";

/** What a document for all routes was made of: grants and denials that concern the principal. */
export interface ByToken {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
  readonly roles: readonly string[];
}

/**
 * One line of the decision log, in OPA's format, so that its tools can read it and a decision can be replayed.
 *
 * The token is never in it, nor anything of a request that the policy does not read.
 *
 * @see OPA documentation, "Decision Logs", section "Decision Log Service API"
 */
export interface LogEntry {
  /** API Gateway's request id, which its access log has too; a UUID where the event has none. */
  readonly decision_id: string;
  readonly timestamp: string;
  readonly labels: { readonly app: "rego-authorizer"; readonly kind: ApiKind | "unknown" };
  readonly revision: string;
  /** The entry point: `engine/entitlements` for an answer that holds for all routes of a token. */
  readonly path: "engine/decision" | "engine/entitlements";
  /** What the policy was asked, so that `opa eval` can be asked again; of a request that did not reach it no more than method and path. */
  readonly input: object;
  /** What was answered; missing in a fault. */
  readonly result?: Decision | ByToken;
  /** Which part of the event disagrees with the ARN, or has no canonical form; by name, since its value may be anything. */
  readonly field?: string;
  /** Why there was no decision. An exception comes with where it was thrown, and without its message. */
  readonly error?: { readonly code: string; readonly frames?: readonly string[] };
  readonly metrics: {
    readonly timer_server_handler_ns: number;
    readonly timer_token_verify_ns?: number;
    readonly timer_rego_query_eval_ns?: number;
  };
}
