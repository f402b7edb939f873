import { type Checks, isClosed, isMapOf, isObject, isText, isTexts } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

/** A decision of the engine; all lists are sorted. */
export type Decision =
  | {
      readonly effect: "allow";
      /** At least one. */
      readonly grants: readonly string[];
      readonly params: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly roles: readonly string[];
    }
  | {
      readonly effect: "deny";
      /** At least one. */
      readonly reasons: readonly string[];
      readonly denials: readonly string[];
      readonly unmet: Readonly<Record<string, readonly string[]>>;
      readonly roles: readonly string[];
    };

/**
 * Parses the evaluator's result set: a list of exactly one `{"result": decision}`.
 *
 * The evaluator is a border like the network. A result that is not exactly a decision is a fault, never an allow.
 */
export function parseDecision(resultSet: unknown): Result<Decision, "engine.undefined" | "engine.malformed"> {
  if (!Array.isArray(resultSet)) return err("engine.malformed");
  if (resultSet.length === 0) return err("engine.undefined");
  const decision: unknown = resultSet.length === 1 && isObject(resultSet[0]) ? resultSet[0]["result"] : undefined;
  return isDecision(decision) ? ok(decision) : err("engine.malformed");
}

type Allow = Extract<Decision, { readonly effect: "allow" }>;
type Deny = Extract<Decision, { readonly effect: "deny" }>;

const ALLOW_CHECKS: Checks<Allow> = {
  effect: (effect) => effect === "allow",
  grants: isFilled,
  params: (params) => isMapOf(params, (values) => isMapOf(values, isText)),
  roles: isTexts,
};

const DENY_CHECKS: Checks<Deny> = {
  effect: (effect) => effect === "deny",
  reasons: isFilled,
  denials: isTexts,
  unmet: (unmet) => isMapOf(unmet, isTexts),
  roles: isTexts,
};

/** Tells whether a value has the exact shape of a decision. */
export function isDecision(value: unknown): value is Decision {
  return isClosed(value, ALLOW_CHECKS) || isClosed(value, DENY_CHECKS);
}

function isFilled(value: unknown): boolean {
  return isTexts(value) && value.length > 0;
}
