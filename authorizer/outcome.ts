import type { Decision } from "../contract/decision.ts";
import type { TokenDocumentRules } from "../contract/log-entry.ts";
import type { Code } from "../contract/reason-codes.ts";
import type { MethodArn } from "./gateway/method-arn.ts";
import type { TokenResources } from "./gateway/token-document.ts";
import type { Principal } from "./identity/principal.ts";

/** The input of the policy and the durations of the steps, as far as they were reached. */
interface Progress {
  /** The input of the policy; if the policy was not evaluated, only the part of the request that may be logged. */
  readonly input: object;
  /** The time that the input has. */
  readonly atMs?: number;
  readonly verifyNs?: number;
  readonly evaluateNs?: number;
}

/** The policy decided on the request. */
export interface Decided extends Progress {
  readonly kind: "decided";
  readonly arn: MethodArn;
  /** The values of all fields of the event that hold the path, perhaps with a stage or base path before it. */
  readonly paths: readonly (string | undefined)[];
  readonly principal: Principal;
  readonly decision: Decision;
}

/** The policy listed everything that the principal may do, for a per-token policy document. */
export interface Documented extends Progress {
  readonly kind: "documented";
  readonly arn: MethodArn;
  readonly principal: Principal;
  readonly resources: TokenResources;
  readonly rules: TokenDocumentRules;
}

/** The policy was not evaluated, or its decision can't be used. */
export interface Stopped extends Progress {
  readonly kind: "stopped";
  readonly code: Code;
  readonly principal?: Principal;
  /** The part of the event that the code is about. */
  readonly field?: string;
  /** The stack frames of an exception. */
  readonly frames?: readonly string[];
}

/** The outcome of an event: a decision, a per-token policy document, or neither. */
export type Outcome = Decided | Documented | Stopped;

/** Makes the outcome of a request that stops with a code, and what is known of it by then. */
export function stop(code: Code, progress: Omit<Partial<Stopped>, "kind" | "code"> = {}): Stopped {
  return { input: {}, ...progress, kind: "stopped", code };
}

/** Makes the outcome of an unexpected exception. It leaves out the message, which may quote the request. */
export function stopAtException(error: unknown): Stopped {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  const frames = lines.filter((line) => line.startsWith("    at ")).map((line) => line.trim());
  return stop("authorizer.failed", { frames });
}
