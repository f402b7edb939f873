import { join } from "node:path";
import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import type { Opa } from "../opa/run.ts";
import { compile } from "../package/compile.ts";
import type { Assembly } from "../policy/assembly.ts";
import { listRego } from "../rego/files.ts";

/** How many Rego tests passed, and which did not; a table test counts each of its cases. */
export interface RegoResults {
  readonly passed: number;
  readonly failed: readonly string[];
}

/** As `opa test --format json` lists them. */
interface RegoTest {
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly error?: unknown;
  readonly sub_results?: Readonly<Record<string, { readonly fail?: boolean }>>;
}

/** Runs the Rego tests in OPA, and again in the engine that ships; see {@link runInWasm}. */
export async function runRegoTests({
  opa,
  folder,
}: Assembly): Promise<{ readonly opa: RegoResults; readonly wasm: RegoResults }> {
  const { stdout, stderr } = await opa("test", "--format", "json", "policies");
  const tests = parseTests(stdout || stderr);
  return { opa: resultsOf(tests), wasm: await runInWasm(opa, folder, tests) };
}

/** The lines of the policies that no Rego test runs, as `file:line`. Of tests that fail OPA gives no coverage. */
export async function findUncovered({ opa }: Assembly): Promise<readonly string[]> {
  const { succeeded, stdout } = await opa("test", "--coverage", "--format", "json", "policies");
  if (!succeeded) return [];
  const { files } = JSON.parse(stdout) as {
    files: Readonly<Record<string, { readonly not_covered?: readonly { readonly start: { readonly row: number } }[] }>>;
  };
  const lines = Object.entries(files).flatMap(([file, { not_covered = [] }]) =>
    not_covered.map(({ start }) => `${file}:${start.row}`),
  );
  return [...new Set(lines)];
}

function parseTests(text: string): readonly RegoTest[] {
  try {
    return JSON.parse(text) as readonly RegoTest[];
  } catch {
    throw new Error(`opa test: ${text}`);
  }
}

function resultsOf(tests: readonly RegoTest[]): RegoResults {
  const cases = tests.flatMap(casesOf);
  return {
    passed: cases.filter(({ passes }) => passes).length,
    failed: cases.filter(({ passes }) => !passes).map(({ name }) => name),
  };
}

function casesOf(test: RegoTest): readonly { readonly name: string; readonly passes: boolean }[] {
  const passes = !test.fail && test.error === undefined;
  const name = `${test.package.replace("data.", "")}.${test.name}`;
  const cases = Object.entries(test.sub_results ?? {});
  return cases.length === 0
    ? [{ name, passes }]
    : cases.map(([title, { fail }]) => ({ name: `${name}: ${title}`, passes: !fail }));
}

/**
 * Compiles every test as an entry point of one module and asks it through the evaluator that ships.
 *
 * A case that fails is absent from what a table test gives in WebAssembly. So the cases that are there must be the very
 * ones that OPA ran.
 */
async function runInWasm(opa: Opa, folder: string, tests: readonly RegoTest[]): Promise<RegoResults> {
  const files = (await listRego(folder, "policies")).map(({ file }) => file);
  const entrypoints = tests.map((test) => `${test.package.replace("data.", "").replaceAll(".", "/")}/${test.name}`);
  const wasm = await compile(opa, join(folder, "tests.tar.gz"), files, entrypoints);
  if (!wasm.ok) throw new Error(wasm.error);
  const evaluate = createEvaluator(new WebAssembly.Module(wasm.value), Uint8Array.from(Buffer.from("{}")).buffer);
  const cases = tests.flatMap((test, at) => {
    const answer = evaluate(entrypoints[at] ?? "", {});
    const [{ result } = { result: undefined }] = answer.ok ? (answer.value as { result: unknown }[]) : [];
    const titles = Object.keys(test.sub_results ?? {});
    const extra = Object.keys(Object(result)).filter((title) => !titles.includes(title));
    return [
      ...casesOf(test).map(({ name }, index) => {
        const title = titles[index];
        return { name, passes: title === undefined ? result === true : Object(result)[title] === true };
      }),
      ...extra.map((title) => ({ name: `${test.name}: ${title}, which OPA did not run`, passes: false })),
    ];
  });
  return {
    passed: cases.filter(({ passes }) => passes).length,
    failed: cases.filter(({ passes }) => !passes).map(({ name }) => name),
  };
}
