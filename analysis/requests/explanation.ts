import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { type Check, type Checks, closed, is, mapOf, TEXT } from "../../contract/checks.ts";
import { type Decision, parseDecision } from "../../contract/decision.ts";
import type { EngineInput } from "../../contract/engine-input.ts";
import { isObject } from "../../contract/json.ts";
import { parseResultSet } from "../../contract/result-set.ts";

/** The truth of each role that a rule names, of each parameter that must equal a claim, or of each condition. */
type Truths = Readonly<Record<string, boolean>>;

/** The outcome of a grant whose verb and path match a request. */
export interface GrantOutcome {
  readonly outcome: "granted" | "role.missing" | "where.mismatch" | "condition.unmet";
  /** The values that the path has for the parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly roles: Truths;
  /** By parameter. */
  readonly where: Truths;
  readonly when: Truths;
}

/** The outcome of a denial whose verb and path match a request. */
export interface DenialOutcome {
  readonly outcome: "denial" | "lifted" | "role.missing";
  readonly params: Readonly<Record<string, string>>;
  /** Empty: it is for everybody. */
  readonly roles: Truths;
  readonly unless: Truths;
}

/** A decision of the engine, with the outcome of each grant and denial that matches the request. */
export interface Explanation {
  readonly decision: Decision;
  readonly grants: Readonly<Record<string, GrantOutcome>>;
  readonly denials: Readonly<Record<string, DenialOutcome>>;
}

/** Explains the decision on an input. */
export type Explain = (input: EngineInput) => Explanation;

/**
 * Creates the function that explains decisions, by the module that ships.
 *
 * @param data - The JSON text of the data document.
 * @throws The function throws if the module gives no explanation, which is a fault of the engine.
 */
export function createExplain(module: WebAssembly.Module, data: string): Explain {
  const evaluate = createEvaluator(module, Uint8Array.from(Buffer.from(data)).buffer);
  return function explain(input) {
    const result = evaluate("engine/explanation", input);
    const parsed = result.ok ? parseResultSet<Explanation>(result.value, EXPLANATION) : result;
    if (!parsed.ok) throw new Error(`the engine gave no explanation (${parsed.error})`);
    return parsed.value;
  };
}

const TRUTHS = mapOf(is((value) => typeof value === "boolean"));

const GRANT: Checks<GrantOutcome> = {
  outcome: isOneOf("granted", "role.missing", "where.mismatch", "condition.unmet"),
  params: mapOf(TEXT),
  roles: TRUTHS,
  where: TRUTHS,
  when: TRUTHS,
};

const DENIAL: Checks<DenialOutcome> = {
  outcome: isOneOf("denial", "lifted", "role.missing"),
  params: mapOf(TEXT),
  roles: TRUTHS,
  unless: TRUTHS,
};

const EXPLANATION = closed<Explanation>({
  decision: is((value) => isObject(value) && parseDecision([{ result: value }]).ok),
  grants: mapOf(closed(GRANT)),
  denials: mapOf(closed(DENIAL)),
});

function isOneOf(...words: readonly string[]): Check {
  return is((value) => words.some((word) => word === value));
}
