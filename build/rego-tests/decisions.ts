import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Assembly } from "../policy/assembly.ts";
import { parseFile } from "../rego/files.ts";
import { headOf, statementOf } from "../rego/source-text.ts";
import { type Expr, type Rule, termsIn, textOf } from "../rego/syntax-tree.ts";
import type { RegoTest } from "./opa-test.ts";
import { createResolve, type Resolve } from "./references.ts";
import { compare } from "./test-rules.ts";

/** The decisions in a test that failed, by the titles of its cases. A test without cases has the title "". */
export interface TestDecisions {
  /** Finds the line of a case. */
  readonly lineOf: (title: string) => number;
  /** Describes a case: `expected deny, decided allow (home.read)`; undefined if its decision is not known. */
  readonly describe: (title: string) => string | undefined;
}

/**
 * Finds the decisions in a test that failed. OPA reports only the titles of its cases.
 *
 * It evaluates the test again, with the decision itself in place of the statement that compares it. That works for a test
 * with exactly one such statement, `… engine.decision … with input as …`. For other tests, only the lines are known. What the case
 * expects is known if the statement is `engine.decision.<part> == <expected>`.
 */
export async function readDecisions({ opa, folder }: Assembly, test: RegoTest): Promise<TestDecisions> {
  const { file, row } = test.location;
  const { module } = await parseFile(opa, { file, package: test.package, part: "test" });
  const rules = (module.rules ?? []).filter(({ head }) => head.ref[0]?.value === test.name);
  const decided = new Map<string, string>();
  const resolve = createResolve(module);
  const clauses = rules.flatMap((rule) => toClause(rule, resolve));
  if (clauses.length > 0) {
    await writeFile(join(folder, "decided.rego"), [...headOf(module), ...clauses, ""].join("\n\n"));
    const data = ["--data", "policies", "--data", "decided.rego"];
    const { succeeded, stdout } = await opa("eval", "--format", "raw", ...data, `${test.package}.${RULE}`);
    const found = succeeded && stdout.trim() !== "" ? (JSON.parse(stdout) as readonly Decided[]) : [];
    for (const [title, decision, expected] of found) decided.set(title, formatDecided(decision, expected));
  }
  return {
    describe: (title) => decided.get(title),
    lineOf: (title) =>
      termsIn(rules).find((term) => title !== "" && term.type === "string" && term.value === title)?.location?.row ??
      row,
  };
}

interface Decision {
  readonly effect: string;
  readonly reasons?: readonly string[];
  readonly grants?: readonly string[];
  readonly denials?: readonly string[];
  readonly unmet?: Readonly<Record<string, readonly string[]>>;
}

/** A case, its decision, and what it expects: a list of at most one value. */
type Decided = readonly [title: string, decision: Decision, expected: readonly unknown[]];

// Names that no test uses.
const RULE = "decided_in_cases_that_failed";
const VARIABLE = "decision_of_a_case_that_failed";
const EXPECTED = "expected_by_a_case_that_failed";

/** Rewrites a rule so that it collects the decision which it would compare; empty if it compares none, or several. */
function toClause({ head, body }: Rule, resolve: Resolve): readonly string[] {
  const comparisons = body.filter(isComparison);
  const [comparison] = comparisons;
  if (comparison === undefined || comparisons.length > 1) return [];
  const before = body.slice(0, body.indexOf(comparison)).map(statementOf);
  const modifiers = (comparison.with ?? []).map(textOf).join(" ");
  const expected = compare(comparison, resolve)?.expected;
  const lines = [
    ...before,
    `${VARIABLE} := data.engine.decision ${modifiers}`,
    `${EXPECTED} := [value | value := ${expected ?? "{}[_]"}]`,
  ];
  const title = head.key === undefined ? '""' : textOf(head.key);
  return [`${RULE} contains [${title}, ${VARIABLE}, ${EXPECTED}] if {\n${lines.join("\n")}\n}`];
}

function isComparison(expr: Expr): boolean {
  const hasInput = expr.with?.some(({ target }) => textOf(target) === "input") === true;
  return hasInput && /\bdecision\b/.test(textOf(expr));
}

/** Formats what a case expects, and what was decided by which grants or for which reasons. */
function formatDecided(
  { effect, reasons = [], grants = [], denials = [], unmet = {} }: Decision,
  expected: readonly unknown[],
): string {
  const conditions = Object.entries(unmet).map(([grant, names]) => `${grant} asks for ${names.join(" and ")}`);
  const by = [...reasons, ...grants, ...denials, ...conditions].join(", ");
  const [value] = expected;
  const wanted = value === undefined ? "" : `expected ${typeof value === "string" ? value : JSON.stringify(value)}, `;
  return `${wanted}decided ${effect}: ${by}`;
}
