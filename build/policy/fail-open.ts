import { FAIL_OPEN_FORMS, type RefusedFormCode } from "../../contract/problem-codes/fail-open-forms.ts";
import type { ParsedFile } from "../rego/files.ts";
import { type Expr, nameOf, nameOfRule, type Rule, type Term, variablesIn } from "../rego/syntax-tree.ts";
import { IN_CONDITIONS } from "./builtins.ts";
import { comparedIn, isWildcard, namesIn } from "./destructuring.ts";
import { ENGINE_FUNCTIONS, IMPORTABLE_PACKAGES } from "./engine-functions.ts";
import { findInexactNumbers, isRounded } from "./exact-arithmetic.ts";
import { isOffBlockList, isTextOfRequest } from "./negations.ts";
import { findOneSidedAges } from "./one-sided-ages.ts";
import { findUnsafe, isShape } from "./operand-rules.ts";
import type { Problem, ProblemText } from "./problem.ts";
import { toFunctionProblem, toReferenceProblem } from "./refused-references.ts";
import { createScope, fullName, isCall, isEveryKey, type Scope } from "./scope.ts";
import { hasEmptyPart, hasFilledItems, hasFilledKeys, isFilled } from "./term-values.ts";
import { arityOf, findHelper, isTest, readImports, type Vocabulary } from "./vocabulary.ts";

/** A rule that may hold when a value is missing, and the reason that its author gave. */
export interface Exemption {
  readonly rule: string;
  readonly reason: string;
}

/** The findings in a file of conditions or helpers. */
export interface FailOpenFindings {
  readonly problems: readonly Problem[];
  readonly exemptions: readonly Exemption[];
}

const MEMBERSHIPS = new Set(["internal.member_2", "internal.member_3"]);

/**
 * Finds expressions that could make a condition true though a value is missing or mistyped. Rego alone does not prevent that:
 * `not` is true of undefined values, an empty list has no bad item, and null equals null.
 *
 * The check allows a list of forms and refuses all others. The allowed forms are monotone: a rule holds only because of
 * values that are present and have their type.
 */
export function checkFailOpen(source: ParsedFile, vocabulary: Vocabulary): FailOpenFindings {
  const { file, module } = source;
  const problems: Problem[] = [];
  const exemptions: Exemption[] = [];
  const report: Report = (line, found) => {
    const { code, message } = typeof found === "string" ? toFormProblem(found) : found;
    const isKnown = problems.some((one) => one.line === line && one.message === message);
    if (!isKnown) problems.push({ code, file, line, message });
  };
  const imports = readImports(source);
  for (const { path, location } of module.imports ?? []) {
    const name = nameOf(path) ?? "";
    if (!isImportable(name)) report(location.row, toReferenceProblem(name));
  }
  for (const rule of module.rules ?? []) {
    for (const term of findInexactNumbers(rule))
      report(term.location?.row ?? rule.location.row, "condition.inexact_number");
    const reason = reasonOf(rule);
    if (typeof reason === "string" && reason.trim() !== "") {
      exemptions.push({ rule: `${source.package}.${nameOfRule(rule)}`, reason: reason.trim() });
      const scope = createScope({ rule, imports, package: `data.${source.package}` }, vocabulary);
      for (const name of referencesIn(rule, scope)) report(rule.location.row, toReferenceProblem(name));
      continue;
    }
    if (reason !== undefined) {
      report(rule.location.row, "condition.missing_reason");
    }
    const scope = createScope({ rule, imports, package: `data.${source.package}` }, vocabulary);
    visitRule(rule, { scope, report });
    for (const line of findOneSidedAges(rule, scope)) report(line, "condition.one_sided_age");
  }
  return { problems, exemptions };
}

function reasonOf({ annotations = [] }: Rule): unknown {
  return annotations.map(({ custom }) => custom?.["opens_when_missing"]).find((value) => value !== undefined);
}

/** Reports a problem: the code of a refused form, which has one message, or a code with a message of its own. */
type Report = (line: number, found: RefusedFormCode | ProblemText) => void;

function toFormProblem(code: RefusedFormCode): ProblemText {
  return { code, message: FAIL_OPEN_FORMS[code].message };
}

interface Visit {
  readonly scope: Scope;
  readonly report: Report;
}

function visitRule(rule: Rule, visit: Visit): void {
  const { head, body, location } = rule;
  const line = location.row;
  if (rule.default) visit.report(line, "condition.default");
  if (rule.else) visit.report(line, "condition.else");
  if (head.ref.length > 1 || head.value === undefined) visit.report(line, "condition.collection");
  const occurrences = variablesIn([head.args, head.value, body]);
  for (const name of visit.scope.variables.keys()) {
    const isUsed = occurrences.filter((other) => other === name).length > 1;
    if (!isUsed && !isWildcard(name)) visit.report(line, "condition.ignored_value");
  }
  visitBinding(head.args ?? [], line, visit);
  for (const argument of head.args ?? []) visitPattern(argument, line, visit);
  if (head.value !== undefined) visitTerm(head.value, line, visit);
  for (const expr of body) visitStatement(expr, expr.location?.row ?? line, visit);
}

function visitStatement({ terms, negated, with: modifiers }: Expr, line: number, visit: Visit): void {
  if (negated && !isOffBlockList(terms, visit.scope)) visit.report(line, "condition.not");
  if (modifiers !== undefined) visit.report(line, "condition.with");
  if ("domain" in terms) {
    visit.report(line, "condition.every");
  } else if ("symbols" in terms) {
    // `some x in xs` is a call of `in`. It is true if xs has an item, so xs needs no type.
    const operands = terms.symbols.flatMap((symbol) => (symbol.type === "call" ? symbol.value.slice(1) : []));
    const [patterns, collection] = [operands.slice(0, -1), operands.at(-1)];
    visitBinding(patterns.slice(-1), line, visit);
    for (const key of patterns.slice(0, -1)) visitCompared(key, line, visit);
    for (const pattern of patterns) visitPattern(pattern, line, visit);
    if (collection !== undefined) visitTerm(collection, line, visit);
  } else if (isCall(terms)) {
    visitCall(terms, line, visit);
    if (!isStatement(terms, visit.scope)) visit.report(line, "condition.bare_value");
  } else {
    if (!holdsByItself(terms, visit.scope)) visit.report(line, "condition.bare_value");
    visitTerm(terms, line, visit);
  }
}

/** Tells whether a call may be a statement: it assigns, or it is true or undefined. */
function isStatement([operator]: readonly Term[], scope: Scope): boolean {
  const name = fullName(operator, scope);
  if (name === "assign" || !isKnown(name, scope)) return true;
  const helper = scope.vocabulary.helpers.get(name);
  if (helper !== undefined) return isTest(helper);
  return ENGINE_FUNCTIONS.get(name)?.isTest ?? scope.vocabulary.builtIns.get(name)?.isPredicate ?? false;
}

/** Tells whether a term may be a statement: `true`, a rule that is true or undefined, a field of the request or a parameter. */
function holdsByItself(term: Term, scope: Scope): boolean {
  if (isTrue(term)) return true;
  const name = fullName(term, scope);
  const helper = scope.vocabulary.helpers.get(name);
  return helper === undefined ? /^input\.(request|params)\./.test(name) : isTest(helper);
}

/** Visits a term, which is a statement or a part of one. */
function visitTerm(term: Term, line: number, visit: Visit): void {
  switch (term.type) {
    case "arraycomprehension":
    case "setcomprehension":
    case "objectcomprehension":
      visit.report(line, "condition.comprehension");
      break;
    case "null":
      visit.report(line, "condition.empty_value");
      break;
    case "call":
      if (visit.scope.vocabulary.builtIns.get(fullName(term.value[0], visit.scope))?.isPredicate) {
        visit.report(line, "condition.nested_test");
      }
      visitCall(term.value, line, visit);
      break;
    case "ref":
    case "var": {
      const name = fullName(term, visit.scope);
      if (!isReferable(name, visit.scope)) visit.report(line, toReferenceProblem(name));
      if (term.type === "ref") visitParts(term.value, line, visit);
      break;
    }
    case "array":
    case "set":
    case "object":
      if (!isFilled(term, visit.scope)) visit.report(line, "condition.constructed_value");
      visitPattern(term, line, visit);
  }
}

/** Visits the parts of a reference. The first can be a call, as in `f(x).name`, and others can be values, as in `limits[plan]`. */
function visitParts(parts: readonly Term[], line: number, visit: Visit): void {
  for (const [at, part] of parts.entries()) {
    if (part.type !== "var") visitTerm(part, line, visit);
    if (at === 0) continue;
    const above: Term = { type: "ref", value: parts.slice(0, at) };
    const isSafe = isFilled(part, visit.scope) || isEveryKey(part, visit.scope) || hasFilledKeys(above, visit.scope);
    if (!isSafe) visit.report(line, "condition.untyped_key");
  }
}

/** Visits a destructuring pattern: its lists and objects are shapes to match, not values. */
function visitPattern(term: Term, line: number, visit: Visit): void {
  if (term.type === "array" || term.type === "set" || term.type === "object") {
    for (const item of term.value.flat()) visitPattern(item as Term, line, visit);
  } else {
    visitTerm(term, line, visit);
  }
}

/**
 * Checks patterns that take a value apart: each names a value, so that the rule can test it, no name is there twice, and what
 * a pattern compares is filled.
 */
function visitBinding(patterns: readonly Term[], line: number, visit: Visit): void {
  const names = patterns.map((pattern) => namesIn(pattern));
  if (names.some((found) => found.length === 0)) visit.report(line, "condition.ignored_value");
  const variables = names.flat().filter((name) => name !== "");
  if (new Set(variables).size < variables.length) visit.report(line, "condition.repeated_variable");
  for (const pattern of patterns) visitCompared(pattern, line, visit);
}

/** Checks the parts of a pattern that are not names: the value is compared with them. */
function visitCompared(pattern: Term, line: number, visit: Visit): void {
  if (hasEmptyPart(pattern)) visit.report(line, "condition.empty_value");
  else if (comparedIn(pattern).some((part) => !isFilled(part, visit.scope))) {
    visit.report(line, "condition.untyped_comparison");
  }
}

function visitCall([operator, ...operands]: readonly Term[], line: number, visit: Visit): void {
  const { scope, report } = visit;
  const name = fullName(operator, scope);
  const { builtIns, helpers } = scope.vocabulary;
  const arity = (builtIns.get(name) ?? ENGINE_FUNCTIONS.get(name))?.arity ?? arityOf(helpers.get(name) ?? []);
  if (name === "neq") {
    if (!operands.every((operand) => isTextOfRequest(operand, scope))) report(line, "condition.not_equal");
  } else if (name === "eq") report(line, "condition.unification");
  else if (name === "and") report(line, "condition.intersection");
  else if (builtIns.has(name) && !IN_CONDITIONS.has(name)) report(line, toFunctionProblem(name));
  else if (!isKnown(name, scope)) report(line, toReferenceProblem(name));
  else if (arity !== undefined && operands.length !== arity) report(line, "condition.extra_operand");
  const [first] = operands;
  if (name === "assign" && first !== undefined) visitBinding([first], line, visit);
  if (name === "equal" || MEMBERSHIPS.has(name)) {
    if (operands.some(hasEmptyPart)) report(line, "condition.empty_value");
    else if (!isPinned(name, operands, scope)) report(line, "condition.untyped_comparison");
  }
  if (isRounded(name, operands, scope)) report(line, "condition.rounding");
  const rules = IN_CONDITIONS.get(name);
  for (const [at, operand] of operands.entries()) {
    const rule = rules?.[at];
    const unsafe = rule && findUnsafe(rule, operand, scope);
    if (unsafe !== undefined) report(line, unsafe);
    if (isShape(rule)) visitPattern(operand, line, visit);
    else visitTerm(operand, line, visit);
  }
}

/** Tells whether one side of a comparison can't equal a missing or mistyped value. `k, x in xs` compares the key, too. */
function isPinned(name: string, operands: readonly Term[], scope: Scope): boolean {
  if (name === "equal") return operands.some((operand) => isFilled(operand, scope));
  const [collection, ...sought] = operands.toReversed();
  const areItemsFilled =
    collection !== undefined && hasFilledItems(collection, scope) && hasFilledKeys(collection, scope);
  return areItemsFilled || sought.every((operand) => isFilled(operand, scope));
}

function isTrue(term: Term | undefined): boolean {
  return term?.type === "boolean" && term.value;
}

function isKnown(name: string, { vocabulary }: Scope): boolean {
  return ENGINE_FUNCTIONS.has(name) || vocabulary.builtIns.has(name) || vocabulary.helpers.has(name);
}

/**
 * Lists the references of an exempt rule to documents that conditions must not read, such as the engine: `opa deps` could not
 * tell what the rule reads by them.
 */
function referencesIn(rule: Rule, scope: Scope): readonly string[] {
  const names = wholeReferencesIn(rule).map((term) => fullName(term, scope));
  return [...new Set(names.filter((name) => !isKnown(name, scope) && !isReferable(name, scope)))];
}

/** Lists the references and variables below a node. The first part of a reference is not listed by itself. */
function wholeReferencesIn(node: unknown): readonly Term[] {
  if (typeof node !== "object" || node === null) return [];
  if (!("type" in node && "value" in node)) return Object.values(node).flatMap(wholeReferencesIn);
  const term = node as Term;
  if (term.type === "var") return [term];
  if (term.type !== "ref") return wholeReferencesIn(term.value);
  const [head, ...path] = term.value;
  return [term, ...wholeReferencesIn(head?.type === "var" ? path : term.value)];
}

function isImportable(name: string): boolean {
  // Since OPA 1.0, `import rego.v1` does nothing.
  return (
    name === "rego.v1" ||
    IMPORTABLE_PACKAGES.includes(name) ||
    /^data\.(access_lib|access\.conditions)$|^data\.data\./.test(name)
  );
}

/** Tells whether a condition may refer to a name: a variable, the input, base data, or an existing condition or helper. */
function isReferable(name: string, { vocabulary }: Scope): boolean {
  if (!/^data(\.|$)/.test(name)) return true;
  return name.startsWith("data.data.") || findHelper(name, vocabulary) !== undefined;
}
