import { findAdvice } from "./function-advice.ts";
import type { ProblemText } from "./problem.ts";

/** Makes the problem of a call that conditions must not make. */
export function toFunctionProblem(name: string): ProblemText {
  const advice =
    findAdvice(name) ??
    "it has a result for mistyped or empty values; docs/policy-language.md lists the functions that they can call";
  return { code: "condition.function", message: `conditions can't call ${name}: ${advice}` };
}

/** The documents that conditions must not read, and what to write instead. The first that matches counts. */
const INSTEAD: readonly (readonly [documents: RegExp, instead: string])[] = [
  [/^data\.access\.roles\b/, 'ask for a role by caller.has_role("…") of data.engine.caller'],
  [
    /^data\.engine\b/,
    'of the engine, they can call the functions of data.engine.caller and data.engine.values, such as caller.has_role("…"), by their full names or imported',
  ],
  [
    /^data\.(access_lib|access\.conditions)\b/,
    "name a rule or function that is there; a package as a whole is defined for every request",
  ],
  [
    /^data\.access\b/,
    "grants and denials name conditions, and not the other way round; they refer to fields of input, to conditions and helpers by name, and to base data (data.data.…)",
  ],
  [/^data\.data$/, "name the base datum, as in data.data.blocked; base data as a whole is always defined"],
  [/^data\.\w/, "base data is under data.data, so that data/office.yaml with `office:` is data.data.office"],
];

/** Makes the problem of a reference to a document that conditions must not read. */
export function toReferenceProblem(name: string): ProblemText {
  const instead =
    INSTEAD.find(([documents]) => documents.test(name))?.[1] ??
    "they refer to fields of input, to conditions and helpers by name, and to base data (data.data.…)";
  return { code: "condition.reference", message: `conditions can't refer to ${name}; ${instead}` };
}
