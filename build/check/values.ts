import type { Term } from "../ast.ts";
import { createScope, fullName, type Scope } from "./scope.ts";
import { findHelper } from "./vocabulary.ts";

/**
 * What can be said of a term whatever is sent. Claims are the part of the input that can be anything: null, a list, a
 * number where a string was meant. All else is made by the authorizer, or was there when the policy was built.
 */

const ARITHMETIC = new Set(["abs", "div", "floor", "minus", "mul", "plus", "rem"]);
const CHANGE_CASE = new Set(["lower", "upper"]);

/** What the authorizer makes, and what was there when the policy was built. */
const TYPED = /^(input\.now_s$|input\.params\.|input\.request\.\w|input\.principal\.(?!claims\b)\w|data\.data\.)/;

/** Text that every canonical path, every parameter of one, and every base datum has. */
const FILLED = /^(input\.params\.|input\.request\.(path|method)$|data\.data\.)/;

/** A number: a literal, `input.now_s`, `values.number(…)`, arithmetic with such, and a rule or variable that is one. */
export function isNumber(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "number":
      return true;
    case "call": {
      const [operator, ...operands] = term.value;
      const name = fullName(operator, scope);
      if (name === "data.engine.values.number") return true;
      if (ARITHMETIC.has(name)) return operands.every((item) => isNumber(item, scope));
      return isOfHelper(name, scope, isNumber);
    }
    case "ref":
    case "var": {
      const name = fullName(term, scope);
      if (name !== "")
        return name === "input.now_s" || (scope.vocabulary.helpers.has(name) && isOfHelper(name, scope, isNumber));
      const origin = term.type === "var" ? scope.variables.get(term.value) : undefined;
      return typeof origin === "object" && "value" in origin && isNumber(origin.value, scope);
    }
    default:
      return false;
  }
}

/** It has the type that it should have, or is not there: so that two of it can be equal only if they are meant to be. */
export function isTyped(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "boolean":
    case "number":
    case "string":
      return true;
    case "array":
    case "set":
      return term.value.every((item) => isTyped(item, scope));
    case "object":
      return term.value.flat().every((item) => isTyped(item, scope));
    case "call": {
      // A built-in function is undefined for what is not of its type, and so are those of `values`.
      const name = fullName(term.value[0], scope);
      return (
        scope.vocabulary.builtIns.has(name) ||
        name.startsWith("data.engine.values.") ||
        isOfHelper(name, scope, isTyped)
      );
    }
    case "ref":
    case "var":
      return isOfSource(term, scope, TYPED, isTyped);
    default:
      return false;
  }
}

/** A text with at least one character: what everything contains is no test. */
export function isFilled(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "string":
      return term.value !== "";
    case "array":
    case "set":
      return term.value.length > 0 && term.value.every((item) => isFilled(item, scope));
    case "call": {
      const [operator, first, second] = term.value;
      const name = fullName(operator, scope);
      if (name === "data.engine.values.text") return true;
      if (CHANGE_CASE.has(name)) return first !== undefined && isFilled(first, scope);
      if (name === "concat") return second?.type === "array" && second.value.some((item) => isFilled(item, scope));
      return isOfHelper(name, scope, isFilled);
    }
    case "ref":
    case "var":
      return isOfSource(term, scope, FILLED, isFilled);
    default:
      return false;
  }
}

/** Nothing: null, or without an item or a character. */
export function isEmpty(term: Term): boolean {
  if (term.type === "null") return true;
  if (term.type === "string") return term.value === "";
  return (term.type === "array" || term.type === "set" || term.type === "object") && term.value.length === 0;
}

type Is = (term: Term, scope: Scope) => boolean;

/** Said of a name, or of what a term without one is taken from: a call, or what its variable is assigned or an item of. */
function isOfSource(term: Term, scope: Scope, names: RegExp, is: Is): boolean {
  const name = fullName(term, scope);
  if (name !== "") return names.test(name) || isOfHelper(name, scope, is);
  const head = term.type === "ref" ? term.value[0] : term;
  if (head?.type !== "var") return head !== undefined && head !== term && is(head, scope);
  const origin = scope.variables.get(head.value);
  return typeof origin === "object" && is("value" in origin ? origin.value : origin.itemOf, scope);
}

/** Said of the value of each definition of a condition or helper. Rego has no recursion, so this ends. */
function isOfHelper(name: string, { vocabulary }: Scope, is: Is): boolean {
  const definitions = findHelper(name, vocabulary);
  return (
    definitions?.every((definition) => {
      const { value, key } = definition.rule.head;
      return key === undefined && value !== undefined && is(value, createScope(definition, vocabulary));
    }) ?? false
  );
}
