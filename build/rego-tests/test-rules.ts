import type { Assembly } from "../policy/assembly.ts";
import { listRego, type ParsedFile, parseFile } from "../rego/files.ts";
import { type Expr, nameOf, type Rule, type Term, textOf } from "../rego/syntax-tree.ts";
import { createResolve, type DocumentPath, modifiersIn, type Resolve, referencesIn } from "./references.ts";

/** A test rule: all definitions of one name. */
export interface TestRule {
  /** `data.access_test.orders` */
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly row: number;
  readonly rules: readonly Rule[];
  /** The comparison of each definition, if the test has the usual form; else empty. See {@link toComparison}. */
  readonly comparisons: readonly Comparison[];
  /** Whether the test may alter the policy or read how the index is made, so that it needs the rules of the index. */
  readonly needsIndexRules: boolean;
}

/** A statement that compares the decision, or a part of it: `engine.decision.effect == case.effect with input as …`. */
export interface Comparison {
  readonly expr: Expr;
  /** The part of the decision: `["effect"]`. */
  readonly keys: readonly string[];
  /** The source of the other side. */
  readonly expected: string;
  /** The source of the input. */
  readonly input: string;
  readonly isNegated: boolean;
  /** Whether `with input as …` is the only modifier. */
  readonly isWithInputAlone: boolean;
}

/** The test files of an assembly, and their test rules. */
export interface ParsedTests {
  readonly files: readonly ParsedFile[];
  readonly rules: readonly TestRule[];
}

/**
 * Parses the test files of an assembly, and sorts out what each test rule depends on.
 *
 * @throws If the syntax of a test is wrong.
 */
export async function readTestRules({ opa, folder }: Assembly): Promise<ParsedTests> {
  const listed = (await listRego(folder, "policies")).filter(({ part }) => part === "test");
  const files = await Promise.all(listed.map((file) => parseFile(opa, file)));
  const calling = spread(files, isCallingEngine);
  const altering = spread(files, needsIndexRules);
  const rules = files.flatMap((file) => {
    const resolve = createResolve(file.module);
    const tests = (file.module.rules ?? []).filter(isTest);
    return [...groupByName(tests)].map(([name, definitions]): TestRule => {
      const comparisons = calling.has(file.package) ? [] : definitions.map((rule) => toComparison(rule, resolve));
      const usual = comparisons.filter((comparison) => comparison !== undefined);
      return {
        package: `data.${file.package}`,
        name,
        file: file.file,
        row: definitions[0]?.location.row ?? 1,
        rules: definitions,
        comparisons: usual.length === definitions.length ? usual : [],
        needsIndexRules: altering.has(file.package),
      };
    });
  });
  return { files, rules };
}

/**
 * Finds the comparison of a test with the usual form: exactly one statement compares the decision by `==`, its only modifier is
 * `with input as …`, and nothing else in the test reads the engine. So the test's result follows from the decision on that
 * input.
 */
function toComparison({ body, head, else: alternative }: Rule, resolve: Resolve): Comparison | undefined {
  if (alternative !== undefined || (head.key !== undefined && head.key.type !== "var")) return undefined;
  const [comparison, ...more] = body.flatMap((expr) => compare(expr, resolve) ?? []);
  if (comparison === undefined || more.length > 0 || !comparison.isWithInputAlone) return undefined;
  const others = body.filter((expr) => expr !== comparison.expr);
  return modifiersIn(others).length > 0 || isReadingEngine(others, resolve) ? undefined : comparison;
}

/** Parses a statement of the form `engine.decision.<part> == <expected> with input as …`; undefined for any other. */
export function compare(expr: Expr, resolve: Resolve): Comparison | undefined {
  const modifiers = expr.with ?? [];
  const modifier = modifiers.find(({ target }) => resolve(target).join(".") === "input");
  if (!isCall(expr.terms) || modifier === undefined) return undefined;
  const [operator, left, right] = expr.terms;
  if (nameOf(operator) !== "equal" || left === undefined || right === undefined) return undefined;
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const path = resolve(side);
    const keys = path.slice(3).filter((key) => key !== undefined);
    if (path.slice(0, 3).join(".") !== "data.engine.decision" || keys.length !== path.length - 3) continue;
    if (isReadingEngine([other, modifier.value], resolve)) continue;
    const input = textOf(modifier).replace(/^with\s+input\s+as\s+/, "");
    const isWithInputAlone = modifiers.length === 1;
    return { expr, keys, expected: textOf(other), input, isNegated: expr.negated === true, isWithInputAlone };
  }
  return undefined;
}

function isCall(terms: Expr["terms"]): terms is readonly Term[] {
  return Array.isArray(terms) && terms.length === 3;
}

/** Tells whether a node reads the engine, besides the packages that know nothing of the policy. */
function isReadingEngine(node: unknown, resolve: Resolve): boolean {
  return referencesIn(node).some((term) => {
    const [root, name, part] = resolve(term);
    if (root !== "data") return false;
    return name === undefined || (name === "engine" && part !== "testing" && part !== "values");
  });
}

/** Tells whether rules of a file that are not tests read the engine. Then a test may depend on it without showing it. */
function isCallingEngine({ module }: ParsedFile): boolean {
  const others = (module.rules ?? []).filter((rule) => !isTest(rule));
  return isReadingEngine(others, createResolve(module));
}

function needsIndexRules({ module }: ParsedFile): boolean {
  const resolve = createResolve(module);
  const isAltering = modifiersIn(module.rules).some(({ target }) => isBehindIndex(resolve(target)));
  return isAltering || referencesIn(module.rules).some((term) => isReadingIndexRules(resolve(term)));
}

/** Tells whether the index depends on a document. It does not depend on conditions, helpers or base data. */
function isBehindIndex([root, name, part]: DocumentPath): boolean {
  if (root !== "data") return false;
  if (name === undefined || name === "engine") return true;
  return name === "access" && part !== "conditions";
}

function isReadingIndexRules([root, name, part, rule]: DocumentPath): boolean {
  if (root !== "data" || name !== "engine") return false;
  return part === "index" && rule !== undefined && rule !== "compiled";
}

/** Lists the packages of tests with a file that has a property, and the packages that refer to these. */
function spread(files: readonly ParsedFile[], has: (file: ParsedFile) => boolean): ReadonlySet<string> {
  const found = new Set(files.filter(has).map((file) => file.package));
  const references = files.map((file) => {
    const resolve = createResolve(file.module);
    return { from: file.package, to: referencesIn(file.module.rules).map((term) => resolve(term).slice(1).join(".")) };
  });
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { from, to } of references) {
      if (to.some((name) => [...found].some((other) => `${name}.`.startsWith(`${other}.`)))) found.add(from);
    }
  }
  return found;
}

function isTest({ head }: Rule): boolean {
  const name = head.ref[0]?.value;
  return typeof name === "string" && name.startsWith("test_");
}

function groupByName(rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> {
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    const name = String(rule.head.ref[0]?.value);
    groups.set(name, [...(groups.get(name) ?? []), rule]);
  }
  return groups;
}
