import type { ProblemCode } from "../../contract/problem-codes.ts";

/** A code, with the message for one function or document. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly message: string;
}

/** Says of functions that people use by habit what they do here, and what to write instead. */
const BY_HABIT: ReadonlyMap<string, string> = new Map([
  ["object.get", "object.get gives its default when the value is missing; refer to the value itself"],
  ["to_number", "to_number(null) is 0; use values.number(…) of data.engine.values"],
]);

/** Refuses a function that conditions can't call. */
export function refuseFunction(name: string): Refusal {
  const message =
    BY_HABIT.get(name) ??
    `conditions can't call ${name}, since it answers for values that are mistyped or empty; docs/policy-language.md lists the functions that they can call`;
  return { code: "condition.function", message };
}

/** Refuses a document that conditions can't refer to. */
export function refuseReference(name: string): Refusal {
  return {
    code: "condition.reference",
    message: `conditions can't refer to ${name}; they refer to fields of input, to conditions and helpers by name, and to base data (data.data.…)`,
  };
}
