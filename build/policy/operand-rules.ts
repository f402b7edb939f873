import type { RefusedFormCode } from "../../contract/problem-codes/fail-open-forms.ts";
import type { Term } from "../rego/syntax-tree.ts";
import type { Scope } from "./scope.ts";
import { hasFilledItems, isFilled, isList, isNumber } from "./term-values.ts";

/** A rule for an operand that must not have every value. */
interface Restriction {
  /** The problem of an operand that is not safe. */
  readonly code: RefusedFormCode;
  readonly isSafe: (operand: Term, scope: Scope) => boolean;
}

/** Each rule says what an empty or mistyped value would do as the operand, and which operands are safe. */
const RULES = {
  /** The function is undefined then, or its result is empty or false, so that the value still shows. */
  shown: undefined,
  /** `==` compares the two operands; one of the two must be filled. */
  compared: undefined,
  /** `in` looks for the operand; it, or the items of the collection, must be filled. */
  sought: undefined,
  /** `in` looks into the operand. */
  collection: undefined,
  /** `:=` takes the value apart by the operand. */
  pattern: undefined,
  /** The result is not empty, so that the value would not show. */
  hidden: { code: "condition.hidden_value", isSafe: hasSureParts },
  /** The operand is a list whose items become parts of a text, in which an empty item would not show. */
  parts: { code: "condition.hidden_value", isSafe: hasSureParts },
  /** The test holds of an empty text. */
  needle: { code: "condition.untyped_substring", isSafe: isFilled },
  /** The test holds of an empty value of the type. */
  typed: { code: "condition.empty_type", isSafe: isFilled },
  /** Rego orders values of all types. */
  ordered: { code: "condition.ordering", isSafe: isNumber },
  /** `-` is for sets, too. */
  subtracted: { code: "condition.difference", isSafe: isNumber },
  /** Division by zero ends the evaluation. */
  divisor: { code: "condition.division", isSafe: isNotZero },
  /** The position says what is cut off, and does not show in the result. */
  position: { code: "condition.position", isSafe: isNumber },
  /** `count` is 0 for an empty text, and counts the characters of a text. */
  counted: { code: "condition.count", isSafe: isList },
} as const satisfies Readonly<Record<string, Restriction | undefined>>;

/** The name of a rule for an operand. */
export type OperandRule = keyof typeof RULES;

/** Gives the problem of an operand that is not safe; undefined if it is safe. */
export function findUnsafe(rule: OperandRule, operand: Term, scope: Scope): RefusedFormCode | undefined {
  const restriction: Restriction | undefined = RULES[rule];
  return restriction === undefined || restriction.isSafe(operand, scope) ? undefined : restriction.code;
}

/** Tells whether an operand is a shape whose parts are compared or named, and not a value that the rule builds. */
export function isShape(rule: OperandRule | undefined): boolean {
  return rule === "compared" || rule === "sought" || rule === "pattern" || rule === "parts";
}

/** Tells whether each part of an operand is a text that is written out, or can't be empty. */
function hasSureParts(operand: Term, scope: Scope): boolean {
  if (operand.type === "array" || operand.type === "set")
    return operand.value.every((part) => hasSureParts(part, scope));
  return operand.type === "string" || isFilled(operand, scope) || hasFilledItems(operand, scope);
}

function isNotZero(operand: Term): boolean {
  return operand.type === "number" && Number(operand.value) !== 0;
}
