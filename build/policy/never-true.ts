import type { Expr, Rule, Term } from "../rego/syntax-tree.ts";
import { findCallMismatch, type Mismatch } from "./call-types.ts";
import { fullName, isCall } from "./scope.ts";
import type { Shape } from "./shapes.ts";
import { type Absent, type Context, createContext, definitionsOf, findAbsent, shapeOf } from "./term-shapes.ts";
import type { Definition } from "./vocabulary.ts";

/** The reason why a statement is never true, whatever the request is. */
export interface Failure {
  readonly reason: Absent | Mismatch;
  /** The term that it is about. */
  readonly term: Term;
  /** The failure is in a rule that the statement refers to, and is the same for every caller. */
  readonly isElsewhere?: true;
}

/**
 * Lists the reasons why a definition of a condition or helper is never true; none if it can be.
 *
 * A statement is never true if a value that it needs is always missing, or has a type with which it can't be true. Statements
 * that hold because something else does not (`not`, `every`, `with`, `default`, `else`, comprehensions) are left out.
 */
function findFailures({ body, default: isDefault, else: otherwise, head }: Rule, context: Context): readonly Failure[] {
  if (isDefault || otherwise !== undefined) return [];
  const ofValue = head.value === undefined ? [] : failuresOfTerm(head.value, context);
  return [...body.flatMap((expr) => failuresOfStatement(expr, context)), ...ofValue];
}

/** Tells why a named condition or helper is never true: the reasons in each of its definitions; undefined if it can be true. */
export function findFailuresOfAll(
  definitions: readonly Definition[],
  context: Parameters<typeof createContext>[1],
  operands: readonly Shape[] = [],
): readonly Failure[] | undefined {
  const found = definitions.map(
    (definition) => findFailures(definition.rule, createContext(definition, context, operands))[0],
  );
  const failures = found.filter((failure) => failure !== undefined);
  return failures.length > 0 && failures.length === definitions.length ? failures : undefined;
}

/** Lists the reasons why a statement is never true. */
export function failuresOfStatement({ terms, negated, with: modifiers }: Expr, context: Context): readonly Failure[] {
  if (negated === true || modifiers !== undefined || "domain" in terms) return [];
  if ("symbols" in terms) {
    return terms.symbols.flatMap((symbol) =>
      symbol.type === "call" ? failuresOfCall(symbol, symbol.value, context) : [],
    );
  }
  if (!isCall(terms)) return failuresOfTerm(terms, context);
  const [operator, , value] = terms;
  if (fullName(operator, context.scope) === "assign") return value === undefined ? [] : failuresOfTerm(value, context);
  return failuresOfCall(terms[1] ?? { type: "null", value: null }, terms, context);
}

function failuresOfTerm(term: Term, context: Context): readonly Failure[] {
  switch (term.type) {
    case "call":
      return failuresOfCall(term, term.value, context);
    case "array":
    case "set":
      return term.value.flatMap((item) => failuresOfTerm(item, context));
    case "object":
      return term.value.flatMap(([key, value]) => [key, value].flatMap((part) => failuresOfTerm(part, context)));
    case "ref":
    case "var": {
      const absent = findAbsent(term, context);
      if (absent !== undefined) return [{ reason: absent, term }];
      const parts = term.type === "ref" ? term.value : [];
      return [
        ...parts.flatMap((part) => (part.type === "var" ? [] : failuresOfTerm(part, context))),
        ...ofRule(term, context),
      ];
    }
    default:
      return [];
  }
}

/** Lists the failures of a condition or helper that a reference names. */
function ofRule(term: Term, context: Context): readonly Failure[] {
  const name = fullName(term, context.scope);
  if (!name.startsWith("data.")) return [];
  const failures = findFailuresOfAll(definitionsOf(name, context), context) ?? [];
  return failures.map(({ reason }) => ({ reason, term, isElsewhere: true }));
}

function failuresOfCall(call: Term, [operator, ...operands]: readonly Term[], context: Context): readonly Failure[] {
  const name = fullName(operator, context.scope);
  const inside = operands.flatMap((operand) => failuresOfTerm(operand, context));
  if (inside.length > 0) return inside;
  const mismatch = findCallMismatch(name, operands, context);
  if (mismatch !== undefined) return [{ reason: mismatch, term: call }];
  const shapes = operands.map((operand) => shapeOf(operand, context));
  const definitions = definitionsOf(name, context);
  const always = findFailuresOfAll(definitions, context);
  if (always !== undefined) return always.map(({ reason }) => ({ reason, term: call, isElsewhere: true }));
  return (findFailuresOfAll(definitions, context, shapes) ?? []).map(({ reason }) => ({ reason, term: call }));
}
