import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Assembly } from "../policy/assembly.ts";
import { headOf, statementOf } from "../rego/source-text.ts";
import { textOf } from "../rego/syntax-tree.ts";
import type { RegoTest } from "./opa-test.ts";
import type { Comparison, ParsedTests, TestRule } from "./test-rules.ts";

/** A case of a test with the usual form: it passes if the part of the decision equals what is expected. */
export interface ProbedCase {
  /** `data.access_test.orders.test_decision` */
  readonly test: string;
  /** Empty if the test has no cases. */
  readonly title: string;
  readonly input: unknown;
  readonly expected: unknown;
  readonly keys: readonly string[];
  readonly isNegated: boolean;
}

/** The results of the tests with the usual form, and their cases. */
export interface ProbedTests {
  readonly results: readonly RegoTest[];
  readonly cases: readonly ProbedCase[];
}

// Names that no test uses.
const TITLES = "titles_of_the_cases_that_run";
const CASES = "cases_with_their_inputs";

/**
 * Runs the tests that have the usual form in one evaluation, and finds the titles and inputs of their cases.
 *
 * `opa test` traces every step to find the titles of the cases, which costs more than the decisions. So the titles are
 * collected by rules of their own, which have the statements of the test without the comparison.
 *
 * @returns Undefined if OPA can't finish the evaluation.
 */
export async function probeTests(
  { opa, folder }: Assembly,
  { files, rules }: ParsedTests,
): Promise<ProbedTests | undefined> {
  const usual = rules.filter(({ comparisons }) => comparisons.length > 0);
  if (usual.length === 0) return { results: [], cases: [] };
  const probed = files.filter(({ file }) => usual.some((test) => test.file === file));
  for (const [at, { file, module }] of probed.entries()) {
    const clauses = usual.filter((test) => test.file === file).flatMap(toClauses);
    await writeFile(join(folder, `probes-${at}.rego`), [...headOf(module), ...clauses, ""].join("\n\n"));
  }
  const packages = [...new Set(usual.map((test) => test.package))];
  const passing = usual.map((test) => `${JSON.stringify(idOf(test))}: [found | found := ${idOf(test)}]`);
  const query = `{"titles": [${packages.map((name) => `${name}.${TITLES}`).join(", ")}], "cases": [${packages
    .map((name) => `${name}.${CASES}`)
    .join(", ")}], "passing": {${passing.join(", ")}}}`;
  await writeFile(join(folder, "probes.rego"), `package probes_of_all_tests\n\nall := ${query}\n`);
  const data = ["policies", "probes.rego", ...probed.map((_, at) => `probes-${at}.rego`)];
  const { succeeded, stdout } = await opa(
    "eval",
    "--format",
    "raw",
    ...data.flatMap((path) => ["--data", path]),
    "data.probes_of_all_tests.all",
  );
  if (!succeeded || stdout.trim() === "") return undefined;
  const found = JSON.parse(stdout) as Found;
  return { results: usual.map((test) => toResult(test, found)), cases: found.cases.flat().map(toCase(usual)) };
}

interface Found {
  readonly titles: readonly (readonly (readonly [test: string, title: string])[])[];
  readonly cases: readonly (readonly Row[])[];
  readonly passing: Readonly<Record<string, readonly unknown[]>>;
}

type Row = readonly [test: string, definition: number, title: string, input: unknown, expected: unknown];

/** Names a test rule from the root of the documents. */
export function idOf(test: Pick<TestRule, "package" | "name">): string {
  return `${test.package}.${test.name}`;
}

function toClauses(test: TestRule): readonly string[] {
  return test.rules.flatMap(({ head, body }, at) => {
    const comparison = test.comparisons[at];
    if (comparison === undefined) return [];
    const title = head.key === undefined ? '""' : textOf(head.key);
    const id = JSON.stringify(idOf(test));
    const others = body.filter((expr) => expr !== comparison.expr && expr.generated !== true).map(statementOf);
    const compared = [`made_input := ${comparison.input}`, `expected_part := ${comparison.expected}`];
    return [
      `${TITLES} contains [${id}, ${title}] if {\n${[...others, "true"].join("\n")}\n}`,
      `${CASES} contains [${id}, ${at}, ${title}, made_input, expected_part] if {\n${[...others, ...compared].join("\n")}\n}`,
    ];
  });
}

function toResult(test: TestRule, { titles, passing }: Found): RegoTest {
  const id = idOf(test);
  const [result] = passing[id] ?? [];
  const own = titles.flat().flatMap(([name, title]) => (name === id && title !== "" ? [title] : []));
  const location = { file: test.file, row: test.row };
  const base = { package: test.package, name: test.name, location };
  if (own.length === 0) return result === true ? base : { ...base, fail: true };
  const entries = own.sort().map((title): readonly [string, { fail?: boolean }] => {
    return [title, Object(result)[title] === true ? {} : { fail: true }];
  });
  return { ...base, sub_results: Object.fromEntries(entries) };
}

function toCase(usual: readonly TestRule[]): (row: Row) => ProbedCase {
  const byId = new Map(usual.map((test) => [idOf(test), test]));
  return ([test, definition, title, input, expected]) => {
    const { keys, isNegated }: Pick<Comparison, "keys" | "isNegated"> = byId.get(test)?.comparisons[definition] ?? {
      keys: [],
      isNegated: false,
    };
    return { test, title, input, expected, keys, isNegated };
  };
}
