import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { findOpa } from "../build/opa/find.ts";
import { assemble } from "../build/policy/assembly.ts";
import { PRODUCT_FOLDER } from "../build/product.ts";
import { findUncovered, type RegoResults, runRegoTests } from "../build/rego-tests/run.ts";
import { buildIn } from "./workspace.ts";

// `npm test`: builds, then runs the Rego tests in OPA and in WebAssembly, then vitest. `--coverage` measures all three.

const root = PRODUCT_FOLDER;
const withCoverage = process.argv.includes("--coverage");
const opaPath = await findOpa();
if (!opaPath.ok) quit([opaPath.error]);

const built = await buildIn(root);
if (!built.ok) quit(built.error);
await using assembly = await assemble(opaPath.value, join(root, "policies"), true);
const rego = await runRegoTests(assembly);
const uncovered = await findUncovered(assembly);
const vitest = await runVitest();

const runs: readonly (readonly [string, RegoResults | VitestResults])[] = [
  ["OPA", rego.opa],
  ["WebAssembly", rego.wasm],
  ["vitest", vitest],
];
for (const name of [...rego.opa.failed, ...rego.wasm.failed.map((name) => `${name} (in WebAssembly)`)])
  console.log(`FAILED ${name}`);
for (const line of uncovered) console.log(`${line}: no Rego test runs this; every line of a policy needs one`);
const hasFailed = rego.opa.failed.length > 0;
console.log(
  `Rego coverage ${hasFailed ? "is not known of tests that fail" : uncovered.length === 0 ? "100 %" : "below 100 %, which fails"}`,
);
for (const [name, { passed, failed }] of runs)
  console.log(`${name.padEnd(12)} ${passed} passed, ${countOf(failed)} failed`);
const passed = runs.reduce((sum, [, run]) => sum + run.passed, 0);
const failed = runs.reduce((sum, [, run]) => sum + countOf(run.failed), 0);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || uncovered.length > 0 || vitest.exitCode !== 0) process.exitCode = 1;

interface VitestResults {
  readonly passed: number;
  readonly failed: number;
  readonly exitCode: number;
}

async function runVitest(): Promise<VitestResults> {
  const report = join(root, "dist", "vitest.json");
  await mkdir(join(root, "dist"), { recursive: true });
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = spawn("vitest", withCoverage ? [...args, "--coverage"] : args, { stdio: "inherit" });
  const exitCode = await new Promise<number>((resolve) => {
    child.on("close", (code) => resolve(code ?? 1));
    child.on("error", () => resolve(1));
  });
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(await readFile(report, "utf8").catch(() => "{}"));
  await rm(report, { force: true });
  return { passed: numPassedTests, failed: numFailedTests, exitCode };
}

function countOf(failed: number | readonly string[]): number {
  return typeof failed === "number" ? failed : failed.length;
}

function quit(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(1);
}
