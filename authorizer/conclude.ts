import type { HttpResponse } from "../contract/api-kinds.ts";
import { type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import type { Decision } from "../contract/decision.ts";
import { type Code, KIND_OF_CODE } from "../contract/reason-codes.ts";
import { type Answer, toAllow, toDeny, unauthorized } from "./gateway/answer.ts";
import { toTokenDocument } from "./gateway/token-document.ts";
import { type Outcome, stop } from "./outcome.ts";

/** What is the same for every answer. */
export interface ConcludeSettings {
  readonly revision: string;
  readonly httpResponse: HttpResponse;
}

/** What API Gateway is told, or the error that is thrown at it; and the outcome that this says. */
export interface Conclusion {
  readonly answer: Answer | Error;
  readonly outcome: Outcome;
}

/** Makes the answer to an outcome. An outcome that no answer can express becomes a deny. */
export function conclude(kind: ApiKind | undefined, outcome: Outcome, settings: ConcludeSettings): Conclusion {
  const answer = toAnswer(kind, outcome, settings);
  if (answer !== undefined) return { answer, outcome };
  const { arn, ...known } = outcome;
  // A document is for all routes: a deny of this one alone would not be.
  const stopped = stop("answer.not_expressible", outcome.kind === "documented" || arn === undefined ? known : outcome);
  return { answer: toRefusal(kind, stopped, settings), outcome: stopped };
}

/** @returns Nothing if no answer can say it. */
function toAnswer(kind: ApiKind | undefined, outcome: Outcome, settings: ConcludeSettings): Answer | Error | undefined {
  const { revision, httpResponse } = settings;
  switch (outcome.kind) {
    case "documented": {
      const { arn, principal, resources, rules } = outcome;
      return toTokenDocument(arn, principal.id, resources, { roles: rules.roles.join(" "), revision });
    }
    case "decided": {
      const { arn, principal, decision } = outcome;
      if (decision.effect === "deny") return toRefusal(kind, outcome, settings);
      const context = { roles: decision.roles.join(" "), grants: decision.grants.join(" "), revision };
      return toAllow(kind, arn, principal.id, context, httpResponse);
    }
    case "stopped":
      return toRefusal(kind, outcome, settings);
    default:
      return outcome satisfies never;
  }
}

/** Makes the answer to an outcome that allows nothing. */
function toRefusal(
  kind: ApiKind | undefined,
  outcome: Exclude<Outcome, { kind: "documented" }>,
  { revision, httpResponse }: ConcludeSettings,
): Answer | Error {
  const kindOfCode = outcome.kind === "stopped" ? KIND_OF_CODE[outcome.code] : "deny";
  if (outcome.kind === "stopped" && kindOfCode === "fault") return new Error(outcome.code);
  const refusesByError = kind === undefined || traitsOf(kind).refusesBy === "error";
  if (kindOfCode === "refuse" && refusesByError) return unauthorized();
  const decision = outcome.kind === "stopped" ? denialBy(outcome.code) : outcome.decision;
  const reasons = decision.effect === "deny" ? decision.reasons : [];
  const context = { roles: decision.roles.join(" "), reason: reasons.join(" "), revision };
  return toDeny(kind, outcome.arn, outcome.principal?.id, context, httpResponse);
}

/** The deny of a request that the policy was not asked about. */
export function denialBy(code: Code): Decision {
  return { effect: "deny", reasons: [code], denials: [], unmet: {}, roles: [] };
}
