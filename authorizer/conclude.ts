import { type ApiKind, type HttpResponse, traitsOf } from "../contract/api-kinds.ts";
import type { Decision } from "../contract/decision.ts";
import type { TrailingSlash } from "../contract/manifest.ts";
import { type Code, KIND_OF_CODE } from "../contract/reason-codes.ts";
import { toResource } from "./gateway/resource.ts";
import { type AuthorizerResponse, toAllow, toDeny, toThrown, unauthorized } from "./gateway/response.ts";
import { toTokenDocument } from "./gateway/token-document.ts";
import type { Principal } from "./identity/principal.ts";
import { type Outcome, stop } from "./outcome.ts";
import { type PassedOn, passOn } from "./passed-on.ts";

/** The settings that are the same for every response. */
export interface ConcludeSettings {
  readonly revision: string;
  readonly httpResponse: HttpResponse;
  readonly passedOn: PassedOn;
  /** Tells whether each cached response of this kind of authorizer is for one method and path, or nothing is cached. */
  readonly isKeyOfRequest: (kind: ApiKind) => boolean;
  /** The meaning of a slash at the end of a path. */
  readonly trailingSlash: TrailingSlash;
}

/** The response to API Gateway, or the error to throw; and the outcome that it expresses. */
export interface Conclusion {
  readonly response: AuthorizerResponse | Error;
  readonly outcome: Outcome;
}

/** Makes the response for an outcome. An outcome that no response can express becomes a deny. */
export function conclude(kind: ApiKind | undefined, outcome: Outcome, settings: ConcludeSettings): Conclusion {
  const response = toResponse(kind, outcome, settings);
  if (response !== undefined) return { response, outcome };
  const stopped = stop("answer.not_expressible", outcome);
  return { response: toDenyOrError(kind, stopped, settings), outcome: stopped };
}

/** @returns Undefined if no response can express the outcome. */
function toResponse(
  kind: ApiKind | undefined,
  outcome: Outcome,
  settings: ConcludeSettings,
): AuthorizerResponse | Error | undefined {
  const { revision, httpResponse, passedOn, isKeyOfRequest, trailingSlash } = settings;
  switch (outcome.kind) {
    case "documented": {
      const { arn, principal, resources, rules } = outcome;
      const context = { roles: rules.roles.join(" "), revision, ...issuerOf(principal) };
      const response = toTokenDocument(arn, principal.id, resources, context, trailingSlash);
      return response && passOn(response, kind, principal, passedOn);
    }
    case "decided": {
      const { arn, paths, principal, decision } = outcome;
      if (decision.effect === "deny") return toDenyOrError(kind, outcome, settings);
      const [roles, grants] = [decision.roles.join(" "), decision.grants.join(" ")];
      const context = { roles, grants, revision, ...issuerOf(principal) };
      const resource = toResource(arn, paths, kind !== undefined && isKeyOfRequest(kind));
      const response = toAllow(kind, resource, principal.id, context, httpResponse);
      return response && passOn(response, kind, principal, passedOn);
    }
    case "stopped":
      return toDenyOrError(kind, outcome, settings);
    default:
      return outcome satisfies never;
  }
}

/** Names the issuer for the back end: `principalId` is its `sub`, and two issuers may have the same one. */
function issuerOf({ issuer_name: issuer }: Principal): { readonly issuer?: string } {
  return issuer === undefined ? {} : { issuer };
}

/** Makes the response for an outcome that allows nothing: a deny, or the error for a refusal or a fault. */
function toDenyOrError(
  kind: ApiKind | undefined,
  outcome: Exclude<Outcome, { kind: "documented" }>,
  { revision, httpResponse }: ConcludeSettings,
): AuthorizerResponse | Error {
  const kindOfCode = outcome.kind === "stopped" ? KIND_OF_CODE[outcome.code] : "deny";
  if (outcome.kind === "stopped" && kindOfCode === "fault") return toThrown(outcome.code);
  const refusesByError = kind === undefined || traitsOf(kind).refusesBy === "error";
  if (kindOfCode === "refuse" && refusesByError) return unauthorized();
  const decision = outcome.kind === "stopped" ? denialBy(outcome.code) : outcome.decision;
  const reasons = decision.effect === "deny" ? decision.reasons : [];
  const context = { roles: decision.roles.join(" "), reason: reasons.join(" "), revision };
  return toDeny(kind, outcome.principal?.id, context, httpResponse);
}

/** Makes the decision for a request that was denied before the policy was evaluated. */
export function denialBy(code: Code): Decision {
  return { effect: "deny", reasons: [code], denials: [], unmet: {}, roles: [] };
}
