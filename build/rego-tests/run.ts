import { join } from "node:path";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { compile } from "../package/compile.ts";
import type { Assembly } from "../policy/assembly.ts";
import { evaluate } from "../policy/engine-queries.ts";
import { inFolder } from "../policy/problem.ts";
import { listRego } from "../rego/files.ts";
import { readDecisions } from "./decisions.ts";
import { formatTimeLimit, type RegoTest, runOpaTest } from "./opa-test.ts";
import { premakeIndex } from "./premade-index.ts";
import { idOf, type ProbedCase, probeTests } from "./probe-cases.ts";
import { readTestRules, type TestRule } from "./test-rules.ts";

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
  /** Undefined if no test runs with the index as data. */
  readonly tested?: TestedPolicy;
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

/** The result of `rego-authorizer test --format json`. A failure in both engines is listed once. */
export interface TestReport {
  /** The number of cases that pass in both engines. */
  readonly passed: number;
  readonly failed: readonly RegoFailure[];
}

/** Makes the report of a run. */
export function toTestReport({ opa, wasm }: RegoRun, policies = "policies"): TestReport {
  const inWasmAlone = wasm.failed.filter(({ name }) => !opa.failed.some((failure) => failure.name === name));
  return {
    passed: opa.passed - inWasmAlone.length,
    failed: inFolder(policies, [...opa.failed, ...inWasmAlone]),
  };
}

/** The data and the module that the tests of a policy ran with, and their cases. */
export interface TestedPolicy {
  /** The JSON text of the data document. */
  readonly data: string;
  /** The public rules by name, which the tests have as data beside the index. */
  readonly publicRules: Readonly<Record<string, unknown>>;
  /** The module that has the tests as entry points. */
  readonly module: WebAssembly.Module;
  /** The cases of the tests with the usual form. */
  readonly cases: readonly ProbedCase[];
  /** The results of the other tests that read the index, by entry point. */
  readonly others: ReadonlyMap<string, unknown>;
}

/**
 * Runs the Rego tests in OPA, and again in the engine that ships; see {@link runInWasm}.
 *
 * The index is made once and given to the tests as data, as it ships. Only tests that alter the policy (`with data.access …`)
 * make it again for each case.
 *
 * @param limit - Flags for OPA to use instead of the time limit.
 */
export async function runRegoTests(assembly: Assembly, limit?: readonly string[]): Promise<RegoRun> {
  const parsed = await readTestRules(assembly);
  await using premade = await premakeIndex(assembly, parsed);
  const probed = (premade && (await probeTests(premade, parsed))) ?? { results: [], cases: [] };
  const isProbed = new Set(probed.results.map(idOf));
  const rest = parsed.rules.filter((test) => !isProbed.has(idOf(test)));
  const isPremade = (test: TestRule) => premade !== undefined && !test.needsIndexRules;
  const timeLimit = limit ?? formatTimeLimit(premade?.indexMs);
  const withIndex = premade ? await runOpaTest(premade.opa, rest.filter(isPremade).map(idOf), timeLimit) : [];
  const withRules = await runOpaTest(assembly.opa, rest.filter((test) => !isPremade(test)).map(idOf), timeLimit);
  const onData = inOrder([...probed.results, ...withIndex]);
  const groups = [
    ...(premade ? [{ assembly: premade, tests: onData, data: toTestData(premade.data, premade.publicRules) }] : []),
    { assembly, tests: withRules, data: undefined },
  ];

  const failed: RegoFailure[] = [];
  const inWasm: Case[] = [];
  let tested: TestedPolicy | undefined;
  for (const group of groups) {
    failed.push(...(await toFailures(group.assembly, group.tests.flatMap(casesOf))));
    const ran = await runInWasm(group.assembly, group.tests.filter(isFinished), group.data);
    inWasm.push(...ran.cases);
    if (group.data === undefined || ran.module === undefined || premade === undefined) continue;
    const others = new Map(
      [...ran.results]
        .filter(([, { test }]) => !isProbed.has(idOf(test)))
        .map(([entrypoint, { value }]) => [entrypoint, value]),
    );
    const { data, publicRules } = premade;
    tested = { data, publicRules, module: ran.module, cases: probed.cases, others };
  }
  const tests = inOrder([...onData, ...withRules]);
  failed.sort((one, other) => one.file.localeCompare(other.file, "en") || one.line - other.line);
  return {
    opa: { passed: tests.flatMap(casesOf).length - failed.length, failed },
    wasm: {
      passed: inWasm.filter(({ passes }) => passes).length,
      failed: inWasm
        .filter(({ passes }) => !passes)
        .map((one) => failed.find(({ name }) => name === nameOf(one)) ?? { ...locate(one), ...becauseOf(one) })
        .sort((one, other) => one.file.localeCompare(other.file, "en") || one.line - other.line),
    },
    unfinished: tests.filter((test) => !isFinished(test)).map((test) => nameOf({ test, title: "" })),
    ...(tested && { tested }),
  };
}

/** Adds public rules to a data document, where the tests read them. */
function toTestData(data: string, publicRules: TestedPolicy["publicRules"]): string {
  const { engine, ...base } = JSON.parse(data);
  return JSON.stringify({ ...base, engine: { ...engine, index: { ...engine.index, public: publicRules } } });
}

function isFinished({ error }: RegoTest): boolean {
  return error === undefined;
}

function inOrder(tests: readonly RegoTest[]): readonly RegoTest[] {
  return [...tests].sort(
    ({ location: one }, { location: other }) => one.file.localeCompare(other.file, "en") || one.row - other.row,
  );
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
  const failures: RegoFailure[] = [];
  const failing = cases.filter(({ passes }) => !passes);
  for (const test of new Set(failing.map((one) => one.test))) {
    const ofTest = failing.filter((one) => one.test === test);
    if (test.error !== undefined) {
      failures.push(...ofTest.map((one) => ({ ...locate(one), ...becauseOf(one) })));
      continue;
    }
    const { describe, lineOf } = await readDecisions(assembly, test);
    for (const one of ofTest) {
      const because = describe(one.title);
      failures.push({ ...locate(one), line: lineOf(one.title), ...(because !== undefined && { because }) });
    }
  }
  return failures;
}

/** The results of tests in the engine that ships. */
interface WasmRun {
  readonly cases: readonly Case[];
  /** Undefined without tests. */
  readonly module?: WebAssembly.Module;
  /** By entry point. */
  readonly results: ReadonlyMap<string, { readonly test: RegoTest; readonly value: unknown }>;
}

/**
 * Compiles every test as an entry point of one module, and evaluates it with the evaluator that ships.
 *
 * In WebAssembly the result of a table test has the cases that pass, and no others. So these cases must be exactly those that
 * OPA ran.
 *
 * @param data - The data document; undefined if the module makes the index itself, so that it is given base data alone.
 */
async function runInWasm(assembly: Assembly, tests: readonly RegoTest[], data: string | undefined): Promise<WasmRun> {
  if (tests.length === 0) return { cases: [], results: new Map() };
  const { opa, folder } = assembly;
  const files = (await listRego(folder, "policies")).map(({ file }) => file);
  const entrypoints = tests.map((test) => `${test.package.replace("data.", "").replaceAll(".", "/")}/${test.name}`);
  const wasm = await compile(opa, join(folder, "tests.tar.gz"), files, entrypoints);
  if (!wasm.ok) throw new Error(wasm.error);
  const document = data ?? (await readBaseData(assembly));
  const module = new WebAssembly.Module(wasm.value);
  const evaluateTest = createEvaluator(module, Uint8Array.from(Buffer.from(document)).buffer);
  const results = new Map<string, { readonly test: RegoTest; readonly value: unknown }>();
  const cases = tests.flatMap((test, at) => {
    const entrypoint = entrypoints[at] ?? "";
    const evaluated = evaluateTest(entrypoint, {});
    const [{ result } = { result: undefined }] = evaluated.ok ? (evaluated.value as { result: unknown }[]) : [];
    results.set(entrypoint, { test, value: result });
    const because = evaluated.ok ? "it passes in OPA" : `${evaluated.error}; it passes in OPA`;
    const titles = Object.keys(test.sub_results ?? {});
    if (titles.length === 0) return [{ test, title: "", passes: result === true, because }];
    const extra = Object.keys(Object(result)).filter((title) => !titles.includes(title));
    return [
      ...titles.map((title) => ({ test, title, passes: Object(result)[title] === true, because })),
      ...extra.map((title) => ({ test, title, passes: false, because: "OPA did not run this case" })),
    ];
  });
  return { cases, module, results };
}

async function readBaseData({ opa }: Assembly): Promise<string> {
  const base = await evaluate(opa, '{"data": base | base := data.data}');
  if (!base.succeeded) throw new Error(base.stderr || base.stdout);
  return base.stdout;
}
