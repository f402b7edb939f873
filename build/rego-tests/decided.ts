import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Assembly } from "../policy/assembly.ts";
import { parseFile } from "../rego/files.ts";
import { type Expr, type Module, type Rule, termsIn, textOf } from "../rego/syntax-tree.ts";
import type { RegoTest } from "./opa-test.ts";

/** What can be told of the cases of a test that failed, by their titles; a test without cases has the title "". */
export interface Told {
  /** Where a case stands. */
  readonly lineOf: (title: string) => number;
  /** What was decided: `allow, home.read`, `deny, where.mismatch`. Undefined if it can't be told. */
  readonly decidedOf: (title: string) => string | undefined;
}

/**
 * Finds out what was decided in the cases of a test that failed, of which OPA gives no more than the titles.
 *
 * It evaluates the test again, with the decision itself in place of the statement that compares it. That takes a test with
 * one such statement, `… engine.decision … with input as …`. Of another, the place alone is told.
 */
export async function readDecided({ opa, folder }: Assembly, test: RegoTest): Promise<Told> {
  const { file, row } = test.location;
  const { module } = await parseFile(opa, { file, package: test.package, part: "test" });
  const rules = (module.rules ?? []).filter(({ head }) => head.ref[0]?.value === test.name);
  const decided = new Map<string, string>();
  const clauses = rules.flatMap(toClause);
  if (clauses.length > 0) {
    await writeFile(join(folder, "decided.rego"), [...headOf(module), ...clauses, ""].join("\n\n"));
    const data = ["--data", "policies", "--data", "decided.rego"];
    const { succeeded, stdout } = await opa("eval", "--format", "raw", ...data, `${test.package}.${RULE}`);
    const found =
      succeeded && stdout.trim() !== "" ? (JSON.parse(stdout) as readonly (readonly [string, Decision])[]) : [];
    for (const [title, decision] of found) decided.set(title, describe(decision));
  }
  return {
    decidedOf: (title) => decided.get(title),
    lineOf: (title) =>
      termsIn(rules).find((term) => title !== "" && term.type === "string" && term.value === title)?.location?.row ??
      row,
  };
}

interface Decision {
  readonly effect: string;
  readonly reasons?: readonly string[];
  readonly grants?: readonly string[];
}

/** Names that no test has. */
const RULE = "decided_in_cases_that_failed";
const VARIABLE = "decision_of_a_case_that_failed";

function headOf({ package: { path }, imports = [] }: Module): readonly string[] {
  const names = path.slice(1).map(({ value }) => value);
  return [
    `package ${names.join(".")}`,
    ...imports.map(({ path: imported, alias }) => `import ${textOf(imported)}${alias ? ` as ${alias}` : ""}`),
  ];
}

/** The rule with the decision in place of its comparison, if it has one. */
function toClause({ head, body }: Rule): readonly string[] {
  const comparisons = body.filter(isComparison);
  const [comparison] = comparisons;
  if (comparison === undefined || comparisons.length > 1) return [];
  const before = body.slice(0, body.indexOf(comparison)).map(statementOf);
  const modifiers = (comparison.with ?? []).map(textOf).join(" ");
  const lines = [...before, `${VARIABLE} := data.engine.decision ${modifiers}`];
  const title = head.key === undefined ? '""' : textOf(head.key);
  return [`${RULE} contains [${title}, ${VARIABLE}] if {\n${lines.join("\n")}\n}`];
}

function isComparison(expr: Expr): boolean {
  const hasInput = expr.with?.some(({ target }) => textOf(target) === "input") === true;
  return hasInput && /\bdecision\b/.test(textOf(expr));
}

function statementOf(expr: Expr): string {
  const text = textOf(expr);
  return expr.negated === true && !/^not\b/.test(text) ? `not ${text}` : text;
}

function describe({ effect, reasons = [], grants = [] }: Decision): string {
  return [effect, ...reasons, ...grants].join(", ");
}
