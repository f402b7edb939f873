import { own } from "./json.ts";

/**
 * Every reason why the policy is not evaluated or its decision is not used, and the kind of response: `refuse` (401, the
 * caller is not authenticated), `deny` (403) or `fault` (500, not the caller's doing). None of them is ever an Allow.
 */
export const KIND_OF_CODE = {
  "event.unknown": "deny",
  "event.malformed": "deny",
  "event.inconsistent": "deny",
  "event.method_override": "deny",
  "event.not_connect": "deny",
  "path.not_canonical": "deny",
  "answer.not_expressible": "deny",
  "token.missing": "refuse",
  "token.repeated": "refuse",
  "token.malformed": "refuse",
  "token.too_large": "refuse",
  "token.algorithm_refused": "refuse",
  "token.header_refused": "refuse",
  "token.issuer_unknown": "refuse",
  "token.key_unknown": "refuse",
  "token.key_ambiguous": "refuse",
  "token.signature_invalid": "refuse",
  "token.expired": "refuse",
  "token.not_yet_valid": "refuse",
  "token.lifetime_refused": "refuse",
  "token.client_refused": "refuse",
  "token.use_refused": "refuse",
  "token.wrong_purpose": "refuse",
  "token.bound": "refuse",
  "token.dpop": "refuse",
  "token.claims_invalid": "refuse",
  "token.groups_overage": "refuse",
  "keys.unavailable": "fault",
  "keys.cooling_down": "fault",
  "keys.out_of_time": "fault",
  "cache.key_incomplete": "fault",
  "deployment.no_contract": "fault",
  "deployment.unknown_contract": "fault",
  "deployment.wrong_api": "fault",
  "deployment.wrong_mode": "fault",
  "engine.aborted": "fault",
  "engine.undefined": "fault",
  "engine.malformed": "fault",
  "authorizer.failed": "fault",
} as const satisfies Record<string, "refuse" | "deny" | "fault">;

/** The reasons for which a policy denies, as the engine gives them. */
export const POLICY_REASONS = [
  "denial",
  "grant.none",
  "role.missing",
  "where.mismatch",
  "condition.unmet",
  "request.ambiguous",
] as const;

/** A stable, dotted code. It is safe to log and to return, since it carries no part of the request. */
export type Code = keyof typeof KIND_OF_CODE;

/** Tells whether a value is a code that stands for one of the kinds. */
export function isCode(value: unknown, ...kinds: readonly (typeof KIND_OF_CODE)[Code][]): value is Code {
  const kind = typeof value === "string" ? own(KIND_OF_CODE, value) : undefined;
  return kind !== undefined && kinds.includes(kind);
}

/** Tells whether a value is a reason for which a request is denied or refused: the policy's, or the authorizer's. */
export function isReason(value: unknown): boolean {
  return POLICY_REASONS.some((reason) => reason === value) || isCode(value, "deny", "refuse");
}

/** The codes of one chapter, such as all that start with `token.`. */
export type CodeOf<Chapter extends string> = Extract<Code, `${Chapter}.${string}`>;
