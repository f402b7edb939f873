import { type Expr, type Import, nameOf, type Rule, type Term } from "../ast.ts";

/** What a file imports: full names, by the names under which it uses them. */
export type Imports = ReadonlyMap<string, string>;

/** Below these, and nowhere else, a condition can refer to other rules and data. */
const REFERABLE = ["data.access_lib", "data.access.conditions", "data.engine.values", "data.data"];

const ARITHMETIC = new Set(["plus", "minus", "mul", "div", "rem", "abs", "ceil", "floor", "round"]);

/** Reads the imports of a file. */
export function readImports(imports: readonly Import[] = []): Imports {
  return new Map(
    imports.map(({ path, alias }) => {
      const name = nameOf(path) ?? "";
      return [alias ?? name.slice(name.lastIndexOf(".") + 1), name];
    }),
  );
}

/** A reference's name, imports spelt out, up to the first part that is no literal; empty for what is no reference. */
export function fullName(term: Term | undefined, imports: Imports): string {
  const parts = term?.type === "ref" ? term.value : [];
  const end = parts.findIndex((part, at) => (at === 0 ? part.type !== "var" : part.type !== "string"));
  const [head = "", ...path] = parts.slice(0, end === -1 ? undefined : end).map((part) => String(part.value));
  return [imports.get(head) ?? head, ...path].join(".");
}

/** It starts from `data`, and leads to no rule or base datum that a condition may refer to by name. */
export function isForbidden(name: string): boolean {
  return /^data(\.|$)/.test(name) && !REFERABLE.some((prefix) => name.startsWith(`${prefix}.`));
}

/** As {@link isForbidden}, for an import, which may be of a package as a whole. */
export function isForbiddenImport(name: string): boolean {
  return isForbidden(name) && !REFERABLE.includes(name);
}

/** A statement that is an operator or a function with its operands. */
export function isCall(terms: Expr["terms"]): terms is readonly Term[] {
  return Array.isArray(terms);
}

/**
 * Tells what is a number whatever was sent: a literal, `input.now_s`, `values.number(…)`, arithmetic with such, and a
 * variable that one of these was assigned to.
 */
export function createIsNumber(rule: Rule, imports: Imports): (term: Term) => boolean {
  const assigned = new Map<string, Term>();
  for (const { terms } of rule.body) {
    const [operator, name, value] = isCall(terms) ? terms : [];
    if (nameOf(operator) === "assign" && name?.type === "var" && value !== undefined) assigned.set(name.value, value);
  }
  return function isNumber(term): boolean {
    switch (term.type) {
      case "number":
        return true;
      case "ref":
        return nameOf(term) === "input.now_s";
      case "var": {
        const value = assigned.get(term.value);
        return value !== undefined && isNumber(value);
      }
      case "call": {
        const [operator, ...operands] = term.value;
        const name = fullName(operator, imports);
        return name === "data.engine.values.number" || (ARITHMETIC.has(name) && operands.every(isNumber));
      }
      default:
        return false;
    }
  };
}
