import { type Expr, nameOf, nameOfRule, type Rule, type Term, variablesIn } from "../ast.ts";
import { IN_CONDITIONS } from "../builtins.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../sources.ts";
import { explainNever } from "./never.ts";
import { createScope, fullName, isCall, type Scope } from "./scope.ts";
import { hasFilledItems, isEmpty, isFilled, isList, isNumber } from "./values.ts";
import { arityOf, findHelper, isTest, readImports, type Vocabulary } from "./vocabulary.ts";

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

/** What is refused: what it does, and what to write instead. */
const FORMS = {
  default: "`default` is what a rule is when everything it reads is missing; leave it out",
  else: "`else` holds because something else does not; write a second rule of that name",
  collection:
    "a helper that collects a set or an object is there, and empty, when what it reads is missing; write a complete rule or a function",
  ignored: "this takes whatever there is, null and what is empty among it; name what it takes, and ask something of it",
  repeated:
    "a name that stands twice is one value, and two that are missing or mistyped alike are; name both and compare them",
  not: "`not` holds when what it reads is missing; name the good case and ask for that",
  with: "`with` replaces what was sent; leave it out",
  every: "`every` holds of an empty list; ask for one item with `some`, or for the value as a whole",
  unequal: "`!=` holds between a value and one of another type; ask for the values that are good",
  unify: "`=` compares or assigns, whatever is missing; write `==` or `:=`",
  order:
    "every string is greater than every number, so numbers only are compared: wrap what is none by its form in values.number(…) of data.engine.values",
  difference:
    "what is left of a set can be nothing, like `not`; numbers only are subtracted: wrap what is none by its form in values.number(…) of data.engine.values",
  count: "count answers for text and for empty values too; ask for an item with `some` or `in`",
  untyped:
    "two values that are empty or mistyped alike are equal; compare with a literal, a parameter, a field of the request or base data, or wrap one in values.text(…) or values.number(…) of data.engine.values",
  empty: "null and empty values are missing ones; ask for the value that is good",
  part: "everything contains the empty text; look for a literal or a parameter, or wrap it in values.text(…) of data.engine.values",
  made: "a list or object made of a value that may be missing or mistyped is there whatever the value is; ask for the value itself",
  comprehension: "a comprehension is there, and empty, when what it reads is missing; ask for an item with `some`",
  nested: "a test inside of another expression can be turned around, like `not`; write it as a line of its own",
  truthy: 'a value by itself holds unless it is false, null and "false" among them; compare it with the good value',
  division: "a division by zero ends the evaluation; divide by a number that is written out",
  operands: "it is called with another number of operands than it has, which would take its answer for an operand",
} as const;

/** Functions that are asked for by habit, and do harm here. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  and: "what sets share can be nothing, like `not`; ask for an item with `some` or `in`",
  "object.get": "object.get gives its default when the value is missing; refer to the value itself",
  to_number: "to_number(null) is 0; use values.number(…) of data.engine.values",
};

const ORDERINGS = new Set(["lt", "lte", "gt", "gte"]);
const MEMBERSHIPS = new Set(["internal.member_2", "internal.member_3"]);
const PART_OF_TEXT = new Set(["contains", "endswith", "startswith"]);

/**
 * Finds what could make a condition true though a value is missing or mistyped. Rego alone does not keep that from
 * happening: `not` holds of what is undefined, an empty list has no bad item, null is equal to null.
 *
 * The check is by what is allowed. What is left is monotone: a rule holds only because of values that are there and are
 * what they should be.
 */
export function findOpenings(source: Source, vocabulary: Vocabulary): Openings {
  const { file, module } = source;
  const problems: Problem[] = [];
  const exemptions: Exemption[] = [];
  const report = (line: number, message: string) => {
    if (!problems.some((one) => one.line === line && one.message === message)) problems.push({ file, line, message });
  };
  const imports = readImports(source);
  for (const { path, location } of module.imports ?? []) {
    const name = nameOf(path) ?? "";
    if (!isImportable(name)) report(location.row, refuseReference(name));
  }
  for (const rule of module.rules ?? []) {
    const reason = reasonOf(rule);
    if (typeof reason === "string" && reason.trim() !== "") {
      exemptions.push({ rule: `${source.package}.${nameOfRule(rule)}`, reason: reason.trim() });
      continue;
    }
    if (reason !== undefined) {
      report(rule.location.row, "opens_when_missing needs a reason: say why a missing value may open this");
    }
    const scope = createScope({ rule, imports, package: `data.${source.package}` }, vocabulary);
    visitRule(rule, { scope, report });
  }
  return { problems, exemptions };
}

function reasonOf({ annotations = [] }: Rule): unknown {
  return annotations.map(({ custom }) => custom?.["opens_when_missing"]).find((value) => value !== undefined);
}

interface Visit {
  readonly scope: Scope;
  readonly report: (line: number, message: string) => void;
}

function visitRule(rule: Rule, visit: Visit): void {
  const { head, body, location } = rule;
  const line = location.row;
  if (rule.default) visit.report(line, FORMS.default);
  if (rule.else) visit.report(line, FORMS.else);
  if (head.ref.length > 1 || head.value === undefined) visit.report(line, FORMS.collection);
  const occurrences = variablesIn([head.args, head.value, body]);
  for (const name of visit.scope.variables.keys()) {
    const isUsed = occurrences.filter((other) => other === name).length > 1;
    if (!isUsed && !isWildcard(name)) visit.report(line, FORMS.ignored);
  }
  visitNames(head.args ?? [], line, visit);
  for (const argument of head.args ?? []) {
    if (isEmpty(argument)) visit.report(line, FORMS.empty);
    visitPattern(argument, line, visit);
  }
  if (head.value !== undefined) visitTerm(head.value, line, visit);
  for (const expr of body) visitStatement(expr, expr.location?.row ?? line, visit);
}

function visitStatement({ terms, negated, with: modifiers }: Expr, line: number, visit: Visit): void {
  if (negated) visit.report(line, FORMS.not);
  if (modifiers !== undefined) visit.report(line, FORMS.with);
  if ("domain" in terms) {
    visit.report(line, FORMS.every);
  } else if ("symbols" in terms) {
    // `some x in xs` is a call of `in` that asks nothing of xs but an item.
    const operands = terms.symbols.flatMap((symbol) => (symbol.type === "call" ? symbol.value.slice(1) : []));
    visitNames(operands.slice(-2, -1), line, visit);
    for (const [at, term] of operands.entries()) {
      if (at === operands.length - 1) visitTerm(term, line, visit);
      else visitPattern(term, line, visit);
    }
  } else if (isCall(terms)) {
    visitCall(terms, line, visit);
    if (!isStatement(terms, visit.scope)) visit.report(line, FORMS.truthy);
  } else {
    if (!holdsByItself(terms, visit.scope)) visit.report(line, FORMS.truthy);
    visitTerm(terms, line, visit);
  }
}

/** A call that is true or undefined, or that assigns. */
function isStatement([operator]: readonly Term[], scope: Scope): boolean {
  const name = fullName(operator, scope);
  if (name === "assign" || !isKnown(name, scope)) return true;
  const helper = scope.vocabulary.helpers.get(name);
  return helper === undefined ? (scope.vocabulary.builtIns.get(name)?.isPredicate ?? false) : isTest(helper);
}

/** A rule that is true or undefined; a field of the request or a parameter that is there; or `true`. */
function holdsByItself(term: Term, scope: Scope): boolean {
  if (isTrue(term)) return true;
  const name = fullName(term, scope);
  const helper = scope.vocabulary.helpers.get(name);
  return helper === undefined ? /^input\.(request|params)\./.test(name) : isTest(helper);
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
      visit.report(line, FORMS.empty);
      break;
    case "call":
      if (visit.scope.vocabulary.builtIns.get(fullName(term.value[0], visit.scope))?.isPredicate) {
        visit.report(line, FORMS.nested);
      }
      visitCall(term.value, line, visit);
      break;
    case "ref":
    case "var": {
      const name = fullName(term, visit.scope);
      if (!isReferable(name, visit.scope)) visit.report(line, refuseReference(name));
      // The first part is a name, or a call whose answer is looked into.
      for (const part of term.type === "ref" ? term.value : []) if (part.type !== "var") visitTerm(part, line, visit);
      break;
    }
    case "array":
    case "set":
    case "object":
      if (!isFilled(term, visit.scope)) visit.report(line, FORMS.made);
      visitPattern(term, line, visit);
  }
}

/** A term of which a list or object is not a value that is made, but the form of one that is looked for or compared. */
function visitPattern(term: Term, line: number, visit: Visit): void {
  if (term.type === "array" || term.type === "set" || term.type === "object") {
    for (const item of term.value.flat()) visitPattern(item as Term, line, visit);
  } else {
    visitTerm(term, line, visit);
  }
}

/** Each pattern takes something that it names, so that there is something to ask of it; and takes it once. */
function visitNames(patterns: readonly Term[], line: number, visit: Visit): void {
  const names = patterns.map((pattern) => namesIn(pattern));
  if (names.some((found) => found.length === 0)) visit.report(line, FORMS.ignored);
  const variables = names.flat().filter((name) => name !== "");
  if (new Set(variables).size < variables.length) visit.report(line, FORMS.repeated);
}

/** Each `_` has a name of its own in the syntax tree. */
function isWildcard(name: string): boolean {
  return name.startsWith("$");
}

/** The variables of a pattern that are not `_`, and nothing in the place of each value that it asks for. */
function namesIn(pattern: Term): readonly string[] {
  switch (pattern.type) {
    case "var":
      return isWildcard(pattern.value) ? [] : [pattern.value];
    case "array":
    case "set":
      return pattern.value.flatMap(namesIn);
    case "object":
      return pattern.value.flatMap(([, value]) => namesIn(value));
    default:
      return [""];
  }
}

function visitCall([operator, ...operands]: readonly Term[], line: number, visit: Visit): void {
  const { scope, report } = visit;
  const name = fullName(operator, scope);
  const { builtIns, helpers } = scope.vocabulary;
  const arity = builtIns.get(name)?.arity ?? arityOf(helpers.get(name) ?? []);
  if (name === "neq") report(line, FORMS.unequal);
  else if (name === "eq") report(line, FORMS.unify);
  else if (builtIns.has(name) && !IN_CONDITIONS.has(name)) report(line, FUNCTIONS[name] ?? refuseFunction(name));
  else if (!isKnown(name, scope)) report(line, refuseReference(name));
  else if (arity !== undefined && operands.length !== arity) report(line, FORMS.operands);

  const [first, second] = operands;
  if (name === "assign" && first !== undefined) visitNames([first], line, visit);
  if (name === "equal" || MEMBERSHIPS.has(name)) {
    if (operands.some(isEmpty)) report(line, FORMS.empty);
    else if (!isPinned(name, operands, scope)) report(line, FORMS.untyped);
  }
  if (ORDERINGS.has(name) && !operands.every((operand) => isNumber(operand, scope))) report(line, FORMS.order);
  if (name === "minus" && !operands.every((operand) => isNumber(operand, scope))) report(line, FORMS.difference);
  if ((name === "div" || name === "rem") && !(second?.type === "number" && second.value !== 0)) {
    report(line, FORMS.division);
  }
  if (PART_OF_TEXT.has(name) && !(second !== undefined && isFilled(second, scope))) report(line, FORMS.part);
  if (name === "count" && !(first !== undefined && isList(first, scope))) report(line, FORMS.count);
  const never = explainNever(name, operands, scope);
  if (never !== undefined) report(line, never);
  for (const [at, operand] of operands.entries()) {
    if (isPattern(name, at, operands.length)) visitPattern(operand, line, visit);
    else visitTerm(operand, line, visit);
  }
}

/** One side of a comparison is a value that nothing missing or mistyped equals. */
function isPinned(name: string, operands: readonly Term[], scope: Scope): boolean {
  const [needle, haystack] = [operands.at(-2), operands.at(-1)];
  if (name === "equal") return operands.some((operand) => isFilled(operand, scope));
  return (
    (needle !== undefined && isFilled(needle, scope)) || (haystack !== undefined && hasFilledItems(haystack, scope))
  );
}

/** What is compared, looked for in another, or assigned to; and what is joined, which is undefined unless all is text. */
function isPattern(name: string, at: number, count: number): boolean {
  if (name === "equal" || name === "concat") return true;
  return name === "assign" ? at === 0 : MEMBERSHIPS.has(name) && at < count - 1;
}

function isTrue(term: Term | undefined): boolean {
  return term?.type === "boolean" && term.value;
}

function isKnown(name: string, { vocabulary }: Scope): boolean {
  return name.startsWith("data.engine.values.") || vocabulary.builtIns.has(name) || vocabulary.helpers.has(name);
}

function isImportable(name: string): boolean {
  return /^data\.(access_lib|access\.conditions|engine\.values)$|^data\.data\./.test(name);
}

/** Variables, the input, base data, and rules that there are. */
function isReferable(name: string, { vocabulary }: Scope): boolean {
  if (!/^data(\.|$)/.test(name)) return true;
  return name.startsWith("data.data.") || findHelper(name, vocabulary) !== undefined;
}

function refuseFunction(name: string): string {
  return `${name} is not for conditions, since it answers for values that are mistyped or empty; docs/policy-language.md lists the functions that are`;
}

function refuseReference(name: string): string {
  return `${name} is not for conditions, which refer to input in full, to their own and helpers' rules by name, and to base data (data.data.…)`;
}
