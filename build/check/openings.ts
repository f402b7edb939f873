import { type Expr, nameOf, nameOfRule, type Rule, type Term } from "../ast.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../sources.ts";
import {
  createIsNumber,
  fullName,
  type Imports,
  isCall,
  isForbidden,
  isForbiddenImport,
  readImports,
} from "./references.ts";

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

/** The forms that are refused: what each does, and what to write instead. */
const FORMS = {
  default: "`default` is what a rule is when everything it reads is missing; leave it out",
  else: "`else` holds because something else does not; write a second rule of that name",
  not: "`not` holds when what it reads is missing; name the good case and ask for that",
  with: "`with` replaces what was sent; leave it out",
  every: "`every` holds of an empty list; ask for one item with `some`, or for the value as a whole",
  unequal: "`!=` holds between a value and one of another type; ask for the values that are good",
  order:
    "every string is greater than every number: compare numbers only, and read a claim with values.number(…) of data.engine.values",
  comprehension: "a comprehension is there, and empty, when what it reads is missing; ask for an item with `some`",
  collection:
    "a helper that collects a set or an object is there, and empty, when what it reads is missing; write a complete rule or a function",
  difference:
    "sets can be taken from each other until nothing is left, like `not`; ask for an item with `some` or `in`",
  nested: "a test inside of another expression can be turned around, like `not`; write it as a line of its own",
  truthy:
    'a claim by itself holds for every value but false, null and "false" among them; compare it with the good value',
  null: "null is a value that is missing; ask for the value that is good",
  "object.get": "object.get gives its default when the value is missing; refer to the value itself",
} as const;

/** Built-in functions that have an answer for values of any type. */
const ANSWER_ANYTHING = new Set([
  "count",
  "is_null",
  "json.marshal",
  "max",
  "min",
  "sort",
  "sum",
  "to_number",
  "type_name",
]);
const ORDERINGS = new Set(["lt", "lte", "gt", "gte"]);

/**
 * Finds the forms in which a missing or mistyped value makes something true, where Rego alone lets it.
 *
 * What is left is monotone: a rule holds only because of values that are there and have the type that it needs.
 *
 * @param predicates - Names of the built-in functions that answer true or false.
 */
export function findOpenings(source: Source, predicates: ReadonlySet<string>): Openings {
  const { file, module } = source;
  const problems: Problem[] = [];
  const exemptions: Exemption[] = [];
  const report = (line: number, message: string) => problems.push({ file, line, message });
  const imports = readImports(module.imports);
  for (const { path, location } of module.imports ?? []) {
    const name = nameOf(path) ?? "";
    if (isForbiddenImport(name)) report(location.row, refuseReference(name));
  }
  const rules = new Set((module.rules ?? []).map(nameOfRule));
  for (const rule of module.rules ?? []) {
    const reason = reasonOf(rule);
    if (typeof reason === "string" && reason.trim() !== "") {
      exemptions.push({ rule: `${source.package}.${nameOfRule(rule)}`, reason: reason.trim() });
    } else {
      if (reason !== undefined)
        report(rule.location.row, "opens_when_missing needs a reason: say why a missing value may open this");
      visitRule(rule, { imports, rules, predicates, report, isNumber: createIsNumber(rule, imports) });
    }
  }
  return { problems, exemptions };
}

function reasonOf({ annotations = [] }: Rule): unknown {
  return annotations.map(({ custom }) => custom?.["opens_when_missing"]).find((value) => value !== undefined);
}

/** What is known while one rule is visited. */
interface Visit {
  readonly imports: Imports;
  /** The names of the file's own rules. */
  readonly rules: ReadonlySet<string>;
  readonly predicates: ReadonlySet<string>;
  readonly isNumber: (term: Term) => boolean;
  readonly report: (line: number, message: string) => void;
}

function visitRule(rule: Rule, visit: Visit): void {
  const line = rule.location.row;
  if (rule.default) visit.report(line, FORMS.default);
  if (rule.else) visit.report(line, FORMS.else);
  if (rule.head.ref.length > 1 || rule.head.value === undefined) visit.report(line, FORMS.collection);
  if (rule.head.value !== undefined) visitTerm(rule.head.value, line, visit);
  for (const expr of rule.body) visitExpr(expr, expr.location?.row ?? line, visit);
}

function visitExpr({ terms, negated, with: modifiers }: Expr, line: number, visit: Visit): void {
  if (negated) visit.report(line, FORMS.not);
  if (modifiers !== undefined) visit.report(line, FORMS.with);
  if ("domain" in terms) {
    visit.report(line, FORMS.every);
  } else if ("symbols" in terms) {
    // `some x in xs` is a call of `in` that stands for itself.
    const operands = terms.symbols.flatMap((symbol) => (symbol.type === "call" ? symbol.value.slice(1) : []));
    for (const term of operands) visitTerm(term, line, visit);
  } else if (isCall(terms)) {
    visitCall(terms, line, visit);
  } else {
    if (isTruthyOfAnything(terms, visit)) visit.report(line, FORMS.truthy);
    visitTerm(terms, line, visit);
  }
}

/** A term that is part of a statement, or a statement by itself. */
function visitTerm(term: Term, line: number, visit: Visit): void {
  switch (term.type) {
    case "arraycomprehension":
    case "setcomprehension":
    case "objectcomprehension":
      visit.report(line, FORMS.comprehension);
      break;
    case "null":
      visit.report(line, FORMS.null);
      break;
    case "call":
      if (visit.predicates.has(fullName(term.value[0], visit.imports))) visit.report(line, FORMS.nested);
      visitCall(term.value, line, visit);
      break;
    case "ref": {
      const name = fullName(term, visit.imports);
      if (isForbidden(name)) visit.report(line, refuseReference(name));
      // The first part is a name, or a call whose result is looked into.
      for (const part of term.value) if (part.type !== "var") visitTerm(part, line, visit);
      break;
    }
    case "var": {
      const name = visit.imports.get(term.value);
      if (name !== undefined) visit.report(line, refuseReference(name));
      break;
    }
    case "array":
    case "set":
    case "object":
      for (const item of term.value.flat()) visitTerm(item as Term, line, visit);
  }
}

function visitCall([operator, ...operands]: readonly Term[], line: number, visit: Visit): void {
  const name = fullName(operator, visit.imports);
  if (name === "neq") visit.report(line, FORMS.unequal);
  if (ORDERINGS.has(name) && !operands.every(visit.isNumber)) visit.report(line, FORMS.order);
  if (name === "and" || (name === "minus" && !operands.every(visit.isNumber))) visit.report(line, FORMS.difference);
  if (name === "object.get") visit.report(line, FORMS["object.get"]);
  if (isForbidden(name)) visit.report(line, refuseReference(name));
  if (ANSWER_ANYTHING.has(name) && !isCountOfValues(name, operands)) {
    visit.report(
      line,
      `${name} has an answer for null and "" too; read numbers with values.number(…), ask for items with \`some\` or \`in\``,
    );
  }
  for (const operand of operands) visitTerm(operand, line, visit);
}

/** Headers and parameters are lists of strings, whoever sent them. */
function isCountOfValues(name: string, operands: readonly Term[]): boolean {
  return name === "count" && operands.every((term) => /^input\.request\.(headers|query)\../.test(nameOf(term) ?? ""));
}

/** A statement that is nothing but a claim, or a variable that may be one. */
function isTruthyOfAnything(term: Term, { rules }: Visit): boolean {
  if (term.type === "var") return !rules.has(term.value);
  return term.type === "ref" && /^input\.principal\.claims(\.|$)/.test(fullName(term, new Map()));
}

function refuseReference(name: string): string {
  return `${name} is not for conditions, which refer to input, to rules by name (data.access_lib.…) and to base data (data.data.…)`;
}
