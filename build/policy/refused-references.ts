import type { ProblemText } from "./problem.ts";

/** The messages for functions that people use by habit: what they do here, and what to write instead. */
const BY_HABIT: ReadonlyMap<string, string> = new Map([
  ["object.get", "object.get gives its default when the value is missing; refer to the value itself"],
  ["to_number", "to_number(null) is 0; use values.number(…) of data.engine.values"],
]);

/** Makes the problem of a call that conditions must not make. */
export function toFunctionProblem(name: string): ProblemText {
  const message =
    BY_HABIT.get(name) ??
    `conditions can't call ${name}, since it has a result for mistyped or empty values; docs/policy-language.md lists the functions that they can call`;
  return { code: "condition.function", message };
}

/** Makes the problem of a reference to a document that conditions must not read. */
export function toReferenceProblem(name: string): ProblemText {
  return {
    code: "condition.reference",
    message: `conditions can't refer to ${name}; they refer to fields of input, to conditions and helpers by name, and to base data (data.data.…)`,
  };
}
