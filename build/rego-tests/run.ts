import { join } from "node:path";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { groupBy } from "../../contract/group-by.ts";
import { compile } from "../package/compile.ts";
import type { Assembly } from "../policy/assembly.ts";
import { evaluate } from "../policy/engine-queries.ts";
import { inFolder } from "../policy/problem.ts";
import { listRego } from "../rego/files.ts";
import { readDecisions } from "./decisions.ts";
import { type RegoTest, runOpaTest } from "./opa-test.ts";

/** A test that failed, or a case of a table test. */
export interface RegoFailure {
  /** `access_test.orders.test_decision: a customer reads someone else's` */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** The decision of the case, or why the test could not be finished; undefined if neither is known. */
  readonly because?: string;
}

/** The number of Rego tests that passed, and those that failed. Each case of a table test counts. */
export interface RegoResults {
  readonly passed: number;
  readonly failed: readonly RegoFailure[];
}

/** The results in OPA, and in the engine that ships. */
export interface RegoRun {
  readonly opa: RegoResults;
  readonly wasm: RegoResults;
  /** The tests that did not run in the engine that ships, since OPA could not finish them. */
  readonly unfinished: readonly string[];
}

/**
 * Formats a line for each failure: `FAILED <test>: <case> — decided deny, where.mismatch (<file>:<line>)`. A failure in both
 * engines has one line.
 *
 * @param policies - The company's folder, as the user named it.
 */
export function formatFailures({ opa, wasm, unfinished }: RegoRun, policies = "policies"): readonly string[] {
  const format = ({ name, file, line, because }: RegoFailure, where = "") =>
    `FAILED ${name}${where}${because === undefined ? "" : ` — ${because}`} (${file}:${line})`;
  const inWasmAlone = wasm.failed.filter(({ name }) => !opa.failed.some((failure) => failure.name === name));
  return [
    ...inFolder(policies, opa.failed).map((failure) => format(failure)),
    ...inFolder(policies, inWasmAlone).map((failure) => format(failure, " (in WebAssembly alone)")),
    ...unfinished.map((name) => `${name}: did not run in WebAssembly, since OPA could not finish it`),
  ];
}

/** Formats the numbers of tests that passed and failed, a line for each engine. */
export function formatCounts({ opa, wasm }: RegoRun): readonly string[] {
  return [
    `OPA          ${opa.passed} passed, ${opa.failed.length} failed`,
    `WebAssembly  ${wasm.passed} passed, ${wasm.failed.length} failed`,
  ];
}

/**
 * Runs the Rego tests in OPA, and again in the engine that ships; see {@link runInWasm}.
 *
 * @param limit - Flags for OPA to use instead of the time limit.
 */
export async function runRegoTests(assembly: Assembly, limit?: readonly string[]): Promise<RegoRun> {
  const tests = await runOpaTest(assembly.opa, limit);
  const finished = tests.filter(({ error }) => error === undefined);
  const cases = tests.flatMap(casesOf);
  const failed = await toFailures(assembly, cases);
  const inWasm = await runInWasm(assembly, finished);
  return {
    opa: { passed: cases.length - failed.length, failed },
    wasm: {
      passed: inWasm.filter(({ passes }) => passes).length,
      failed: inWasm
        .filter(({ passes }) => !passes)
        .map((one) => failed.find(({ name }) => name === nameOf(one)) ?? { ...locate(one), ...becauseOf(one) }),
    },
    unfinished: tests.filter(({ error }) => error !== undefined).map((test) => nameOf({ test, title: "" })),
  };
}

/** A test, or one case of it. */
interface Case {
  readonly test: RegoTest;
  /** Empty if the test has no cases. */
  readonly title: string;
  readonly passes: boolean;
  readonly because?: string;
}

function casesOf(test: RegoTest): readonly Case[] {
  const { error, fail, sub_results = {} } = test;
  if (error !== undefined) return [{ test, title: "", passes: false, because: `${error.code}: ${error.message}` }];
  const cases = Object.entries(sub_results).map(([title, result]) => ({ test, title, passes: !result.fail }));
  return cases.length > 0 ? cases : [{ test, title: "", passes: !fail }];
}

function nameOf({ test, title }: Pick<Case, "test" | "title">): string {
  return `${test.package.replace("data.", "")}.${test.name}${title === "" ? "" : `: ${title}`}`;
}

function locate(one: Case): RegoFailure {
  const { file, row } = one.test.location;
  return { name: nameOf(one), file, line: row };
}

function becauseOf({ because }: Case): Pick<RegoFailure, "because"> {
  return because === undefined ? {} : { because };
}

/** Adds the line and the decision to each case that fails, if they can be found. */
async function toFailures(assembly: Assembly, cases: readonly Case[]): Promise<readonly RegoFailure[]> {
  const failing = groupBy(
    cases.filter(({ passes }) => !passes),
    ({ test }) => test,
  );
  const failures: RegoFailure[] = [];
  for (const [test, ofTest] of failing) {
    if (test.error !== undefined) {
      failures.push(...ofTest.map((one) => ({ ...locate(one), ...becauseOf(one) })));
      continue;
    }
    const { decisionOf, lineOf } = await readDecisions(assembly, test);
    for (const one of ofTest) {
      const decided = decisionOf(one.title);
      failures.push({
        ...locate(one),
        line: lineOf(one.title),
        ...(decided !== undefined && { because: `decided ${decided}` }),
      });
    }
  }
  return failures.sort((one, other) => one.file.localeCompare(other.file, "en") || one.line - other.line);
}

/**
 * Compiles every test as an entry point of one module, and evaluates it with the evaluator that ships and the base data of
 * the policy.
 *
 * In WebAssembly the result of a table test has the cases that pass, and no others. So these cases must be exactly those that
 * OPA ran.
 */
async function runInWasm({ opa, folder }: Assembly, tests: readonly RegoTest[]): Promise<readonly Case[]> {
  if (tests.length === 0) return [];
  const files = (await listRego(folder, "policies")).map(({ file }) => file);
  const entrypoints = tests.map((test) => `${test.package.replace("data.", "").replaceAll(".", "/")}/${test.name}`);
  const wasm = await compile(opa, join(folder, "tests.tar.gz"), files, entrypoints);
  if (!wasm.ok) throw new Error(wasm.error);
  const base = await evaluate(opa, '{"data": base | base := data.data}');
  if (!base.succeeded) throw new Error(base.stderr || base.stdout);
  const evaluateTest = createEvaluator(
    new WebAssembly.Module(wasm.value),
    Uint8Array.from(Buffer.from(base.stdout)).buffer,
  );
  return tests.flatMap((test, at) => {
    const evaluated = evaluateTest(entrypoints[at] ?? "", {});
    const [{ result } = { result: undefined }] = evaluated.ok ? (evaluated.value as { result: unknown }[]) : [];
    const because = evaluated.ok ? "it passes in OPA" : `${evaluated.error}; it passes in OPA`;
    const titles = Object.keys(test.sub_results ?? {});
    if (titles.length === 0) return [{ test, title: "", passes: result === true, because }];
    const extra = Object.keys(Object(result)).filter((title) => !titles.includes(title));
    return [
      ...titles.map((title) => ({ test, title, passes: Object(result)[title] === true, because })),
      ...extra.map((title) => ({ test, title, passes: false, because: "OPA did not run this case" })),
    ];
  });
}
