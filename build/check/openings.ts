import { type Expr, nameOf, nameOfRule, type Rule, type Term } from "../ast.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../sources.ts";

/** A rule that may hold when a value is missing, and the reason that its author gave. */
export interface Exemption {
  readonly rule: string;
  readonly reason: string;
}

/** What was found in the conditions or the helpers. */
export interface Openings {
  readonly problems: readonly Problem[];
  readonly exemptions: readonly Exemption[];
}

const ARITHMETIC = new Set(["plus", "minus", "mul", "div", "rem", "abs", "ceil", "floor", "round"]);
const ORDERINGS = new Set(["lt", "lte", "gt", "gte"]);

/** Built-in functions that have an answer for values of any type, null and the empty string among them. */
const ANSWER_ANYTHING = new Set(["count", "json.marshal", "max", "min", "sort", "sum", "to_number", "type_name"]);

/** Below these, and nowhere else, other rules and data can be referred to. */
const REFERABLE = ["data.access_lib", "data.access.conditions", "data.engine.values", "data.data"];

/**
 * Finds the forms in which a missing or mistyped value makes something true, where Rego alone lets it: `not` of what is
 * undefined, a comparison by the order of types, an empty list of which everything is true.
 *
 * What is left is monotone: a rule holds only because of values that are there and have the type it needs.
 *
 * @param predicates - Names of the built-in functions that answer true or false.
 */
export function findOpenings(source: Source, predicates: ReadonlySet<string>): Openings {
  const problems: Problem[] = [];
  const exemptions: Exemption[] = [];
  const packages = new Map<string, string>();
  for (const { path, alias, location } of source.module.imports ?? []) {
    const name = nameOf(path) ?? "";
    packages.set(alias ?? name.slice(name.lastIndexOf(".") + 1), name);
    if (!REFERABLE.includes(name) && !isReferable(name)) {
      problems.push({ file: source.file, line: location.row, message: refuseReference(name) });
    }
  }
  for (const rule of source.module.rules ?? []) {
    const reason = rule.annotations
      ?.map((annotation) => annotation.custom?.["opens_when_missing"])
      .find((value) => value !== undefined);
    if (typeof reason === "string" && reason.trim() !== "") {
      exemptions.push({ rule: `${source.package}.${nameOfRule(rule)}`, reason: reason.trim() });
      continue;
    }
    const report = (line: number, message: string) => problems.push({ file: source.file, line, message });
    if (reason !== undefined)
      report(rule.location.row, "opens_when_missing needs a reason: say why a missing value may open this");
    visitRule(rule, { packages, predicates, report });
  }
  return { problems, exemptions };
}

interface Visit {
  /** By the name under which they are imported. */
  readonly packages: ReadonlyMap<string, string>;
  readonly predicates: ReadonlySet<string>;
  readonly report: (line: number, message: string) => void;
}

function visitRule(rule: Rule, visit: Visit): void {
  const line = rule.location.row;
  if (rule.default) visit.report(line, "`default` is what a rule is when everything it reads is missing; leave it out");
  if (rule.else) visit.report(line, "`else` holds because something else does not; write a second rule of that name");
  const isNumber = createIsNumber(rule, visit.packages);
  if (rule.head.value !== undefined) visitTerm(rule.head.value, line, visit);
  for (const expr of rule.body) visitExpr(expr, expr.location?.row ?? line, visit, isNumber);
}

function visitExpr(expr: Expr, line: number, visit: Visit, isNumber: (term: Term) => boolean): void {
  const { report, packages } = visit;
  if (expr.negated) report(line, "`not` holds when what it reads is missing; name the good case and ask for that");
  if (expr.with !== undefined) report(line, "`with` replaces what was sent; leave it out");
  const { terms } = expr;
  if ("domain" in terms) {
    report(line, "`every` holds of an empty list; ask for one item with `some`, or for the value as a whole");
  } else if ("symbols" in terms) {
    // `some x in xs` is a call of `in` that stands for itself.
    for (const symbol of terms.symbols) {
      for (const term of symbol.type === "call" ? symbol.value.slice(1) : []) visitTerm(term, line, visit);
    }
  } else if (isCall(terms)) {
    const [operator, ...operands] = terms;
    const name = fullName(operator, packages);
    if (name === "neq")
      report(line, "`!=` holds between a value and one of another type; ask for the values that are good");
    if (ORDERINGS.has(name) && !operands.every(isNumber)) {
      report(
        line,
        "every string is greater than every number: compare numbers only, and read a claim with values.number(…) of data.engine.values",
      );
    }
    checkCallee(name, operands, line, visit);
    for (const operand of operands) visitTerm(operand, line, visit);
  } else {
    visitTerm(terms, line, visit);
  }
}

/** A term that is part of a statement, or a statement by itself. */
function visitTerm(term: Term, line: number, visit: Visit): void {
  switch (term.type) {
    case "arraycomprehension":
    case "setcomprehension":
    case "objectcomprehension":
      visit.report(
        line,
        "a comprehension is there, and empty, when what it reads is missing; ask for an item with `some`",
      );
      return;
    case "call": {
      const [operator, ...operands] = term.value;
      const name = fullName(operator, visit.packages);
      if (visit.predicates.has(name)) {
        visit.report(
          line,
          "a test inside of another expression can be turned around, like `not`; write it as a line of its own",
        );
      }
      checkCallee(name, operands, line, visit);
      for (const operand of operands) visitTerm(operand, line, visit);
      return;
    }
    case "ref": {
      const [head, ...path] = term.value;
      if (head !== undefined && head.type !== "var") visitTerm(head, line, visit);
      const name = leadingName(term, visit.packages);
      if (/^data(\.|$)/.test(name) && !isReferable(name)) visit.report(line, refuseReference(name));
      for (const part of path) visitTerm(part, line, visit);
      return;
    }
    case "var":
      if (visit.packages.has(term.value)) visit.report(line, refuseReference(visit.packages.get(term.value) ?? ""));
      return;
    case "array":
    case "set":
      for (const item of term.value) visitTerm(item, line, visit);
      return;
    case "object":
      for (const item of term.value.flat()) visitTerm(item, line, visit);
  }
}

function checkCallee(name: string, operands: readonly Term[], line: number, visit: Visit): void {
  if (name === "object.get")
    visit.report(line, "object.get gives its default when the value is missing; refer to the value itself");
  if (name.startsWith("data.") && !isReferable(name)) visit.report(line, refuseReference(name));
  if (!ANSWER_ANYTHING.has(name)) return;
  // Headers and parameters are lists of strings, whoever sent them.
  if (name === "count" && operands.every((term) => /^input\.request\.(headers|query)\./.test(nameOf(term) ?? "")))
    return;
  visit.report(
    line,
    `${name} has an answer for null and the empty string too; read numbers with values.number(…), and ask for items with \`some\` or \`in\``,
  );
}

function createIsNumber(rule: Rule, packages: ReadonlyMap<string, string>): (term: Term) => boolean {
  const assigned = new Map<string, Term>();
  for (const { terms } of rule.body) {
    const [operator, name, value] = isCall(terms) ? terms : [];
    if (nameOf(operator) === "assign" && name?.type === "var" && value !== undefined) assigned.set(name.value, value);
  }
  return function isNumber(term): boolean {
    if (term.type === "number") return true;
    if (term.type === "ref") return nameOf(term) === "input.now_s";
    if (term.type === "var") {
      const value = assigned.get(term.value);
      return value !== undefined && isNumber(value);
    }
    if (term.type !== "call") return false;
    const [operator, ...operands] = term.value;
    const name = fullName(operator, packages);
    return name === "data.engine.values.number" || (ARITHMETIC.has(name) && operands.every(isNumber));
  };
}

function isCall(terms: Expr["terms"]): terms is readonly Term[] {
  return Array.isArray(terms);
}

function fullName(operator: Term | undefined, packages: ReadonlyMap<string, string>): string {
  return operator === undefined || nameOf(operator) === undefined ? "" : leadingName(operator, packages);
}

/** A reference's name up to its first part that is no literal, with the import that it starts from spelt out. */
function leadingName(ref: Term, packages: ReadonlyMap<string, string>): string {
  const parts = ref.type === "ref" ? ref.value : [];
  const end = parts.findIndex((part, at) => (at === 0 ? part.type !== "var" : part.type !== "string"));
  const [head = "", ...path] = parts.slice(0, end === -1 ? undefined : end).map((part) => String(part.value));
  return [packages.get(head) ?? head, ...path].join(".");
}

function isReferable(name: string): boolean {
  return REFERABLE.some((prefix) => name.startsWith(`${prefix}.`));
}

function refuseReference(name: string): string {
  return `${name} is not for conditions, which refer to input, to rules by name (data.access_lib.…) and to base data (data.data.…)`;
}
