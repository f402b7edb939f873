import type { Decision } from "../contract/decision.ts";
import type { TokenDocumentRules } from "../contract/decision-log.ts";
import type { Code } from "../contract/reason-codes.ts";
import type { MethodArn } from "./gateway/method-arn.ts";
import type { TokenResources } from "./gateway/token-document.ts";
import type { Principal } from "./identity/principal.ts";

/** What the policy was asked, and how long the steps took, as far as they were reached. */
interface Course {
  /** The input of the policy; for a request that did not get so far, only what may be logged of it. */
  readonly input: object;
  readonly verifyNs?: number;
  readonly evaluateNs?: number;
}

/** The policy decided on the request. */
export interface Decided extends Course {
  readonly kind: "decided";
  readonly arn: MethodArn;
  readonly principal: Principal;
  readonly decision: Decision;
}

/** The policy said what the principal may do on all routes of the API. */
export interface Documented extends Course {
  readonly kind: "documented";
  readonly arn: MethodArn;
  readonly principal: Principal;
  readonly resources: TokenResources;
  readonly rules: TokenDocumentRules;
}

/** The request did not reach the policy, or the policy's decision can't be used. */
export interface Stopped extends Course {
  readonly kind: "stopped";
  readonly code: Code;
  /** Set once the path is known to be canonical. */
  readonly arn?: MethodArn;
  readonly principal?: Principal;
  /** The part of the event that the code is about. */
  readonly field?: string;
  /** Where an exception was thrown. */
  readonly frames?: readonly string[];
}

/** What became of an event. */
export type Outcome = Decided | Documented | Stopped;

/** Stops a request before anything is known of it. */
export function stop(code: Code, course: Omit<Partial<Stopped>, "kind" | "code"> = {}): Stopped {
  return { input: {}, ...course, kind: "stopped", code };
}

/** Stops a request at an exception that nobody foresaw. Its message is left out, since it may quote what was sent. */
export function stopAtException(error: unknown): Stopped {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  const frames = lines.filter((line) => line.startsWith("    at ")).map((line) => line.trim());
  return stop("authorizer.failed", { frames });
}
