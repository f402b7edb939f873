import { type Expr, nameOf, type Term } from "../rego/syntax-tree.ts";
import type { Definition, Vocabulary } from "./vocabulary.ts";

/**
 * The origin of a variable: a term, an item of a term, anything (an argument, a part of a pattern), or the keys and positions
 * that a reference goes through.
 */
export type Origin = { readonly value: Term } | { readonly itemOf: Term } | "anything" | "every key";

/** The meaning of names inside one rule. */
export interface Scope extends Definition {
  readonly variables: ReadonlyMap<string, Origin>;
  readonly vocabulary: Vocabulary;
}

/** Creates the scope of a rule from the variables that `:=`, `some` and arguments bind. */
export function createScope(definition: Definition, vocabulary: Vocabulary): Scope {
  const { rule } = definition;
  const variables = new Map<string, Origin>();
  for (const argument of rule.head.args ?? []) bindPattern(argument, variables);
  for (const { terms } of rule.body) {
    if (isCall(terms)) {
      const [operator, target, value] = terms;
      if (nameOf(operator) !== "assign" || target === undefined || value === undefined) continue;
      bindAssigned(target, value, variables);
    } else if ("symbols" in terms) {
      for (const symbol of terms.symbols) bindSome(symbol, variables);
    }
  }
  return { ...definition, variables, vocabulary };
}

/** Binds the variables of `x := value`, and of `[x, y] := [value, other]`. */
function bindAssigned(target: Term, value: Term, variables: Map<string, Origin>): void {
  if (target.type === "var") variables.set(target.value, { value });
  else if (target.type === "array" && value.type === "array") {
    for (const [at, part] of target.value.entries()) {
      const own = value.value[at];
      if (own === undefined) bindPattern(part, variables);
      else bindAssigned(part, own, variables);
    }
  } else bindPattern(target, variables);
}

/** Binds the variables of `some x`, `some x in xs` and `some k, x in xs`. */
function bindSome(symbol: Term, variables: Map<string, Origin>): void {
  if (symbol.type !== "call") {
    if (symbol.type === "var") variables.set(symbol.value, "every key");
    return;
  }
  const operands = symbol.value.slice(1);
  const [itemOf, item] = [operands.at(-1), operands.at(-2)];
  for (const pattern of operands.slice(0, -1)) bindPattern(pattern, variables);
  if (item?.type === "var" && itemOf !== undefined) variables.set(item.value, { itemOf });
}

function bindPattern(pattern: Term, variables: Map<string, Origin>): void {
  if (pattern.type === "var") variables.set(pattern.value, "anything");
  if (pattern.type === "array" || pattern.type === "set" || pattern.type === "object") {
    for (const item of pattern.value.flat()) bindPattern(item as Term, variables);
  }
}

/** Tells whether a statement is a call: an operator or a function with its operands. */
export function isCall(terms: Expr["terms"]): terms is readonly Term[] {
  return Array.isArray(terms);
}

/**
 * Names a reference or variable in full, up to the first part that is not a literal: `input.request.headers`,
 * `data.access_lib.is_ours`, `count`. A variable that is assigned a reference has the name of that reference. The name of any
 * other term is empty.
 */
export function fullName(term: Term | undefined, scope: Scope): string {
  const [head, ...path] = term?.type === "ref" ? term.value : term?.type === "var" ? [term] : [];
  if (head?.type !== "var") return "";
  const first = nameOfFirst(head.value, scope);
  if (first === "") return "";
  const end = path.findIndex(({ type }) => type !== "string");
  return [first, ...path.slice(0, end === -1 ? undefined : end).map(({ value }) => String(value))].join(".");
}

function nameOfFirst(variable: string, scope: Scope): string {
  const origin = scope.variables.get(variable);
  if (typeof origin === "object") return "value" in origin ? fullName(origin.value, scope) : "";
  if (origin !== undefined) return "";
  const own = `${scope.package}.${variable}`;
  return scope.imports.get(variable) ?? (scope.vocabulary.helpers.has(own) ? own : variable);
}

/**
 * Gives the {@link fullName} of a term whose parts are all literals. The name is empty for an item of a list, and for a part
 * of an unknown variable.
 */
export function exactName(term: Term, scope: Scope): string {
  const [head, ...path] = term.type === "ref" ? term.value : [term];
  if (head?.type !== "var" || path.some(({ type }) => type !== "string")) return "";
  const origin = scope.variables.get(head.value);
  if (typeof origin !== "object") return fullName(term, scope);
  const start = "value" in origin ? exactName(origin.value, scope) : "";
  return start === "" ? "" : [start, ...path.map(({ value }) => String(value))].join(".");
}

/** Tells whether a part of a reference is a variable that nothing binds but the reference, which goes through all keys. */
export function isEveryKey(part: Term, scope: Scope): boolean {
  if (part.type !== "var" || part.value === "input" || part.value === "data") return false;
  const origin = scope.variables.get(part.value);
  return origin === "every key" || (origin === undefined && fullName(part, scope) === part.value);
}
