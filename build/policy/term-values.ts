import { CALENDAR_FIELDS } from "../../contract/calendar.ts";
import { own } from "../../contract/json.ts";
import type { Term } from "../rego/syntax-tree.ts";
import { hasEmptyData, hasEmptyItems, hasEmptyKey, keysInData } from "./empty-data.ts";
import { createScope, exactName, fullName, type Scope } from "./scope.ts";
import { findHelper } from "./vocabulary.ts";

/**
 * Facts about terms that are true for every request. Claims are the only part of the input that can have any value: null,
 * empty, a number instead of a string. The authorizer makes the other parts, and the build checks base data.
 */

const ARITHMETIC = new Set(["abs", "div", "floor", "minus", "mul", "plus", "rem"]);
const CHANGE_CASE = new Set(["lower", "upper"]);

/** Matches names whose values are never null or empty when they are defined, since the authorizer ensures that. */
const FILLED =
  /^input\.(now_s$|calendar\.[^.]+\.\w|params\.|request\.(?!(headers|query)$)\w|principal\.(?!claims\b)\w)/;

/**
 * Tells whether a term, when it is defined, is a number: a literal, `input.now_s`, a number of the calendar, `values.number(…)`, arithmetic with
 * numbers, and a rule or variable with such a value.
 */
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
      if (name !== "") return isTimeAsNumber(name) || isOfHelper(name, scope, isNumber);
      const origin = term.type === "var" ? scope.variables.get(term.value) : undefined;
      return typeof origin === "object" && "value" in origin && isNumber(origin.value, scope);
    }
    default:
      return false;
  }
}

/** Tells whether a name is `input.now_s` or a number of the calendar, which the authorizer computes. */
export function isTimeAsNumber(name: string): boolean {
  const [, field = ""] = /^input\.calendar\.[^.]+\.(\w+)$/.exec(name) ?? [];
  return name === "input.now_s" || own<string>(CALENDAR_FIELDS, field) === "number";
}

/**
 * Tells whether a term, when it is defined, can't be null, empty or of another type, and has no such part at any depth. If one
 * side of a comparison is such a term, a missing or mistyped value on the other side does not equal it.
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
    case "object":
      return term.value.length > 0 && hasFilledItems(term, scope);
    case "call": {
      const [operator, first, second] = term.value;
      const name = fullName(operator, scope);
      if (name === "data.engine.values.text" || name === "data.engine.values.address" || isNumber(term, scope))
        return true;
      if (CHANGE_CASE.has(name)) return first !== undefined && isFilled(first, scope);
      // A part that may be empty is refused by itself, so one that is filled is enough here.
      if (name === "concat") return second?.type === "array" && second.value.some((item) => isFilled(item, scope));
      return isOfHelper(name, scope, isFilled);
    }
    case "ref":
    case "var": {
      const keys = keysInData(term, scope);
      return keys === undefined ? isOfSource(term, scope, isFilled) : !hasEmptyData(keys, scope);
    }
    default:
      return false;
  }
}

/** Tells whether all items of a term are filled, if it has any. */
export function hasFilledItems(term: Term, scope: Scope): boolean {
  switch (term.type) {
    case "array":
    case "set":
    case "object":
      return partsOf(term).every((part) => isFilled(part, scope));
    case "call": {
      const name = fullName(term.value[0], scope);
      return name === "data.engine.caller.values" || isOfHelper(name, scope, hasFilledItems);
    }
    case "ref":
    case "var": {
      const keys = keysInData(term, scope);
      return keys === undefined ? isOfSource(term, scope, hasFilledItems) : !hasEmptyItems(keys, scope);
    }
    default:
      return false;
  }
}

/** Tells whether a collection, when it is defined, can't have an empty key. */
export function hasFilledKeys(term: Term, scope: Scope): boolean {
  const keys = keysInData(term, scope);
  if (keys !== undefined) return !hasEmptyKey(keys, scope);
  const name = fullName(term, scope);
  const isOfAuthorizer = /^input\.(params|request|calendar)\b/.test(name);
  return isOfAuthorizer || isOfHelper(name, scope, hasFilledKeys) || hasFilledItems(term, scope);
}

/** Tells whether a term, when it is defined, is a list that has an item, so that `count` counts items. */
export function isList(term: Term, scope: Scope): boolean {
  if (term.type === "call") {
    const [operator, first] = term.value;
    return fullName(operator, scope) === "split" && first !== undefined && isFilled(first, scope);
  }
  return /^(input\.request\.(headers|query)\.[^.]+$|data\.data\.)/.test(exactName(term, scope));
}

/** Tells whether a term is null, an empty string or an empty collection, or a collection with such a part at any depth. */
export function hasEmptyPart(term: Term): boolean {
  if (term.type === "null") return true;
  if (term.type === "string") return term.value === "";
  if (term.type !== "array" && term.type !== "set" && term.type !== "object") return false;
  return term.value.length === 0 || partsOf(term).some(hasEmptyPart);
}

/** Lists the items of a collection that is written out, and the keys and values of an object; none for other terms. */
function partsOf(term: Term): readonly Term[] {
  if (term.type === "object") return term.value.flat();
  return term.type === "array" || term.type === "set" ? term.value : [];
}

type Is = (term: Term, scope: Scope) => boolean;

/** Applies a test to a named term, or to the call or variable that an unnamed term is a part of. */
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

/** Applies a test to the value of each definition of a condition or helper. Rego has no recursion, so this ends. */
function isOfHelper(name: string, { vocabulary }: Scope, is: Is): boolean {
  const definitions = findHelper(name, vocabulary);
  return (
    definitions?.every((definition) => {
      const { value, key } = definition.rule.head;
      return key === undefined && value !== undefined && is(value, createScope(definition, vocabulary));
    }) ?? false
  );
}
