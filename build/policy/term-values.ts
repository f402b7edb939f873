import type { Term } from "../rego/syntax-tree.ts";
import { createScope, exactName, fullName, type Scope } from "./scope.ts";
import { findHelper } from "./vocabulary.ts";

/**
 * What can be said of a term whatever is sent. Claims are the part of the input that can be anything: null, empty, a
 * number where a string was meant. All else is made by the authorizer, or was there when the policy was built.
 */

const ARITHMETIC = new Set(["abs", "div", "floor", "minus", "mul", "plus", "rem"]);
const CHANGE_CASE = new Set(["lower", "upper"]);

/** What is neither null nor empty if it is there at all: the authorizer and the build see to that. */
const FILLED = /^(input\.now_s$|input\.params\.|input\.request\.\w|input\.principal\.(?!claims\b)\w|data\.data\.)/;

/** A number: a literal, `input.now_s`, `values.number(…)`, arithmetic with such, and a rule or variable that is one. */
export function isNumber(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "number":
      return true;
    case "call": {
      const [operator, ...operands] = term.value;
      const name = fullName(operator, scope);
      if (name === "data.engine.values.number" || name === "count") return true;
      if (ARITHMETIC.has(name)) return operands.every((item) => isNumber(item, scope));
      return isOfHelper(name, scope, isNumber);
    }
    case "ref":
    case "var": {
      const name = exactName(term, scope);
      if (name !== "") return name === "input.now_s" || isOfHelper(name, scope, isNumber);
      const origin = term.type === "var" ? scope.variables.get(term.value) : undefined;
      return typeof origin === "object" && "value" in origin && isNumber(origin.value, scope);
    }
    default:
      return false;
  }
}

/**
 * It is not there, or neither null nor empty and of the type that it should have. Two values of which one is so are
 * equal only if they are meant to be.
 */
export function isFilled(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "boolean":
    case "number":
      return true;
    case "string":
      return term.value !== "";
    case "array":
    case "set":
      return term.value.length > 0 && hasFilledItems(term, scope);
    case "object":
      return term.value.length > 0 && hasFilledItems(term, scope);
    case "call": {
      const [operator, first, second] = term.value;
      const name = fullName(operator, scope);
      if (name === "data.engine.values.text" || isNumber(term, scope)) return true;
      // What is split has one part at least, though that may be empty.
      if (CHANGE_CASE.has(name) || name === "split") return first !== undefined && isFilled(first, scope);
      if (name === "concat") return second?.type === "array" && second.value.some((item) => isFilled(item, scope));
      return isOfHelper(name, scope, isFilled);
    }
    case "ref":
    case "var":
      return isOfSource(term, scope, isFilled);
    default:
      return false;
  }
}

/** All that is in it, if anything is, is filled. */
export function hasFilledItems(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "array":
    case "set":
      return term.value.every((item) => isFilled(item, scope));
    case "object":
      return term.value.flat().every((item) => isFilled(item, scope));
    case "call":
      return isOfHelper(fullName(term.value[0], scope), scope, hasFilledItems);
    case "ref":
    case "var":
      return isOfSource(term, scope, hasFilledItems);
    default:
      return false;
  }
}

/** A list that it makes sense to count, since it is one whatever is sent. */
export function isList(term: Term, scope: Scope): boolean {
  if (term.type === "call") return fullName(term.value[0], scope) === "split" && isFilled(term, scope);
  return /^(input\.request\.(headers|query)\.[^.]+$|data\.data\.)/.test(exactName(term, scope));
}

/** Nothing: null, or without an item or a character. */
export function isEmpty(term: Term): boolean {
  if (term.type === "null") return true;
  if (term.type === "string") return term.value === "";
  return (term.type === "array" || term.type === "set" || term.type === "object") && term.value.length === 0;
}

type Is = (term: Term, scope: Scope) => boolean;

/** Said of a name; or of what a term without one is taken out of: a call, or what its variable stands for. */
function isOfSource(term: Term, scope: Scope, is: Is): boolean {
  const name = fullName(term, scope);
  if (name !== "") return FILLED.test(name) || isOfHelper(name, scope, is);
  const [head, ...path] = term.type === "ref" ? term.value : [term];
  // A part of something is filled if all parts are.
  const ofWhole = path.length > 0 ? hasFilledItems : is;
  if (head?.type !== "var") return head !== undefined && ofWhole(head, scope);
  const origin = scope.variables.get(head.value);
  if (typeof origin !== "object") return false;
  return "value" in origin ? ofWhole(origin.value, scope) : hasFilledItems(origin.itemOf, scope);
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
