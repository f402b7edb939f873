import { isExactNumberText } from "../../contract/exact-numbers.ts";
import { type Term, termsIn, textOf } from "../rego/syntax-tree.ts";
import { createScope, exactName, fullName, type Scope } from "./scope.ts";
import { isTimeAsNumber } from "./term-values.ts";

/*
 * OPA calculates with 64 binary digits, WebAssembly with 53, and `floor` of a number between -1 and 0 is 0 in OPA and -1 in
 * WebAssembly. Whole numbers of at most 2^53 are the same in both, and so is what follows from them here.
 */

const ARITHMETIC = new Set(["abs", "div", "minus", "mul", "plus", "rem"]);
const ORDERINGS = new Set(["gt", "gte", "lt", "lte"]);

/** Lists the numbers below a node that are written out and not exact: those above 2^53, and those with more than 15 digits. */
export function findInexactNumbers(node: unknown): readonly Term[] {
  return termsIn(node).filter((term) => term.type === "number" && !isExactNumberText(sourceOf(term)));
}

/** Gives the source of a number. OPA locates a negative one by its sign alone. */
function sourceOf(number: Term): string {
  const text = textOf(number);
  return Number.isNaN(Number(text)) || text === "" ? String(number.value) : text;
}

/** Tells whether OPA and WebAssembly may disagree about a call because they round a number differently. */
export function isRounded(name: string, operands: readonly Term[], scope: Scope): boolean {
  const isFraction = (term: Term) => isAny(term, scope, (one) => one.type === "number" && !Number.isInteger(one.value));
  const isQuotient = (term: Term) => isAny(term, scope, (one, at) => nameOfCall(one, at) === "div");
  if (ARITHMETIC.has(name)) {
    return operands.some((one) => isQuotient(one) || isFraction(one) || isAny(one, scope, isFloorOfUnsure));
  }
  const isComputed = (term: Term) =>
    isAny(term, scope, (one, at) => ARITHMETIC.has(nameOfCall(one, at)) || nameOfCall(one, at) === "floor");
  if (name === "equal" && operands.some(isComputed) && operands.some(isFraction)) return true;
  if (ORDERINGS.has(name)) {
    if (operands.some(isComputed) && operands.some(isFraction)) return true;
    // 0 and -1 are on the same side of every greater number.
    return operands.some((one) => isAny(one, scope, isFloorOfUnsure)) && !operands.some(isPositive);
  }
  return name !== "assign" && operands.some((one) => isAny(one, scope, isFloorOfUnsure));
}

function isPositive(term: Term): boolean {
  return term.type === "number" && Number.isInteger(term.value) && term.value > 0;
}

/** Tells whether a term is `floor` of something that may be below zero. */
function isFloorOfUnsure(term: Term, scope: Scope): boolean {
  const [, operand] = nameOfCall(term, scope) === "floor" ? callOf(term) : [];
  return operand !== undefined && !isNaturalQuotient(operand, scope);
}

/** Tells whether a term is a whole number that is not below zero, perhaps divided by one that is written out. */
function isNaturalQuotient(term: Term, scope: Scope): boolean {
  if (isNatural(term, scope)) return true;
  const [, dividend, divisor] = nameOfCall(term, scope) === "div" ? callOf(term) : [];
  return dividend !== undefined && divisor !== undefined && isPositive(divisor) && isNatural(dividend, scope);
}

/** Tells whether a term, when it is defined, is a whole number that is not below zero. */
function isNatural(term: Term, scope: Scope): boolean {
  if (term.type === "number") return Number.isInteger(term.value) && term.value >= 0;
  if (isTimeAsNumber(exactName(term, scope))) return true;
  const name = nameOfCall(term, scope);
  const operands = callOf(term).slice(1);
  if (name === "count") return true;
  if (name === "plus" || name === "mul" || name === "rem") return operands.every((one) => isNatural(one, scope));
  if (name === "floor") return operands.every((one) => isNaturalQuotient(one, scope));
  const values = valuesOf(term, scope);
  return values.length > 0 && values.every((value) => isNatural(value.term, value.scope));
}

function callOf(term: Term): readonly Term[] {
  return term.type === "call" ? term.value : [];
}

function nameOfCall(term: Term, scope: Scope): string {
  return fullName(callOf(term)[0], scope);
}

/** Tells whether a test holds of a term, or of a value that a variable or a helper in its place has. */
function isAny(term: Term, scope: Scope, is: (term: Term, scope: Scope) => boolean): boolean {
  return is(term, scope) || valuesOf(term, scope).some((value) => isAny(value.term, value.scope, is));
}

/** Lists the values of a variable or helper, each with the scope of its names. Rego has no recursion, so this ends. */
function valuesOf(term: Term, scope: Scope): readonly { readonly term: Term; readonly scope: Scope }[] {
  const origin = term.type === "var" ? scope.variables.get(term.value) : undefined;
  if (typeof origin === "object") return "value" in origin ? [{ term: origin.value, scope }] : [];
  const name = term.type === "call" ? nameOfCall(term, scope) : exactName(term, scope);
  if (name === "") return [];
  return (scope.vocabulary.helpers.get(name) ?? []).flatMap((definition) => {
    const { value } = definition.rule.head;
    return value === undefined ? [] : [{ term: value, scope: createScope(definition, scope.vocabulary) }];
  });
}
