import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The number of tests that passed and failed, and vitest's exit code. */
export interface VitestResults {
  readonly passed: number;
  readonly failed: number;
  readonly exitCode: number;
}

/** Runs vitest, and shows what it prints. */
export async function runVitest(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<VitestResults> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-vitest-"));
  const report = join(folder, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = spawn("vitest", ["run", ...reporters, ...args], { stdio: "inherit", env: environment });
  const exitCode = await new Promise<number>((resolve) => {
    child.on("close", (code) => resolve(code ?? 1));
    child.on("error", () => resolve(1));
  });
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(await readFile(report, "utf8").catch(() => "{}"));
  await rm(folder, { recursive: true, force: true });
  return { passed: numPassedTests, failed: numFailedTests, exitCode };
}
