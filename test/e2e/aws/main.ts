import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, type Result } from "../../../contract/result.ts";
import { createDeployment } from "./emulator/deployment.ts";
import { type Ministack, REGION, startMinistack } from "./emulator/ministack.ts";
import { findMinistack } from "./emulator/ministack-install.ts";
import { runCommand } from "./emulator/run-command.ts";
import { deployProbes } from "./probes/probes.ts";
import type { Recorded } from "./support/client.ts";
import { measureFirstCalls } from "./support/first-calls.ts";
import { readLog } from "./support/logs.ts";
import { type Emulator, type Pool, parseOutputs, type Run, type UserName } from "./support/run.ts";
import { createUsers, signIn } from "./support/users.ts";

// `npm run e2e`: deploys the example app on an emulator of AWS, and calls it as its users do. README.md says what that
// proves, and what it does not.

const root = process.cwd();
const startMs = Date.now();
const figures: (readonly [name: string, figure: string])[] = [];
const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());

const folder = await realpath(await mkdtemp(join(tmpdir(), "rego-authorizer-e2e-")));
let ministack: Ministack | undefined;
let authorizerName: string | undefined;
let counts = { passed: 0, failed: 1 };
try {
  const result = await runAll();
  if (result.ok) counts = result.value;
  else console.error(`\n${result.error}`);
} catch (error) {
  console.error(error);
} finally {
  if (counts.failed > 0 && !controller.signal.aborted) await showLogs();
  await timed("stop", async () => ministack?.stop());
  await rm(folder, { recursive: true, force: true });
}
figures.push(["whole", secondsSince(startMs)]);
console.log();
for (const [name, figure] of figures) console.log(`${name.padEnd(30)}${figure}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
if (controller.signal.aborted) process.exitCode = 130;

async function runAll(): Promise<Result<typeof counts, string>> {
  const { signal } = controller;
  const python = await timed("virtual environment", () => findMinistack(process.env, say, signal));
  if (!python.ok) return python;
  const started = await timed("start", () => startMinistack(python.value, folder, signal));
  if (!started.ok) return started;
  ministack = started.value;
  const { port } = ministack;
  say(`ministack answers at 127.0.0.1:${port}`);

  const deployment = createDeployment({ folder, port, signal });
  for (const [name, step] of Object.entries(deployment)) {
    say(name);
    const done = await timed(name, step);
    if (!done.ok) return done;
  }
  const at = { port, region: REGION, ...parseOutputs(await readFile(join(folder, "outputs.json"), "utf8")) };
  authorizerName = at.orders.AuthorizerFunctionName;
  const prepared = await timed("users and probes", async () => {
    const tokens = await signInAll(at, at.orders);
    const identityTokens = await signInAll(at, at.identityPool);
    return { tokens, identityTokens, probes: await deployProbes(at) };
  });
  const run: Run = { ...at, folder, ...prepared };
  const file = join(folder, "run.json");
  await writeFile(file, JSON.stringify(run), { mode: 0o600 });
  const { coldMs, warmMs, cachedMs } = await measureFirstCalls(run);
  const tested = await timed("tests", () => runTests(file));
  await countRequests();
  await addLife();
  figures.push(["first call, all cold", `${coldMs.toFixed(0)} ms`]);
  figures.push(["a warm call", `${warmMs.toFixed(0)} ms; with a cached response ${cachedMs.toFixed(0)} ms (medians)`]);
  return tested;
}

async function signInAll(at: Emulator, pool: Pool): Promise<Record<UserName, string>> {
  await createUsers(at, pool);
  const tokens = { admin: "", support: "", customer: "", auditor: "", nobody: "" };
  for (const name of Object.keys(tokens) as UserName[]) tokens[name] = (await signIn(at, pool, name)).id;
  return tokens;
}

async function runTests(file: string): Promise<Result<typeof counts, string>> {
  const report = join(folder, "vitest.json");
  const config = join(import.meta.dirname, "vitest.config.ts");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const ran = await runCommand({
    command: "vitest",
    // `npm run e2e -- life` runs the tests in files whose names have "life" in them.
    args: ["run", ...process.argv.slice(2), "--config", config, "--root", root, ...reporters],
    environment: { ...process.env, E2E_RUN: file },
    deadlineMs: 600_000,
    signal: controller.signal,
    shows: true,
  });
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(await readFile(report, "utf8").catch(() => "{}"));
  if (numPassedTests + numFailedTests === 0) return ran.ok ? err("there are no tests") : ran;
  // A file that can't be loaded fails, and reports no tests.
  return ok({ passed: numPassedTests, failed: ran.ok ? numFailedTests : Math.max(numFailedTests, 1) });
}

async function countRequests(): Promise<void> {
  const lines = await readFile(join(folder, "requests.jsonl"), "utf8");
  const requests = lines
    .trimEnd()
    .split("\n")
    .map((line): Recorded => JSON.parse(line));
  const by = Map.groupBy(requests, ({ api }) => api);
  const parts = [...by].map(([api, { length }]) => `${api} ${length}`).join(", ");
  figures.push(["requests", `${requests.length} (${parts})`]);
  const controls = requests.filter(({ purpose }) => purpose === "control").length;
  figures.push(["negative controls", `${controls} of these`]);
}

/** Adds how long the steps of `life.e2e.ts` took. */
async function addLife(): Promise<void> {
  const lines = (await readFile(join(folder, "life.jsonl"), "utf8").catch(() => "")).trimEnd().split("\n");
  for (const line of lines.filter((text) => text !== "")) {
    const { name, elapsedMs } = JSON.parse(line);
    figures.push([name, `${(elapsedMs / 1000).toFixed(1)} s`]);
  }
}

async function timed<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  const fromMs = Date.now();
  try {
    return await work();
  } finally {
    figures.push([name, secondsSince(fromMs)]);
  }
}

/** Prints the last output of the emulator and the authorizer, since a failed test shows no more than a status. */
async function showLogs(): Promise<void> {
  if (ministack === undefined) return;
  const at = { port: ministack.port, region: REGION };
  const lines = authorizerName === undefined ? [] : await readLog(at, authorizerName).catch((error) => [String(error)]);
  const shown = lines.filter((line) => !/^(START|END|REPORT) /.test(line) && !line.includes('"effect":"allow"'));
  if (shown.length > 0) showList(`the authorizer, ${authorizerName}, last denied or printed`, shown.slice(-10));
  const printed = (await ministack.tail(200)).filter((line) => !line.includes("Lambda worker spawned"));
  const sinceStart = printed.slice(printed.findLastIndex((line) => line.includes("Running on http")) + 1);
  if (sinceStart.length > 0) showList("ministack last printed", sinceStart.slice(-20));
}

function showList(title: string, lines: readonly string[]): void {
  console.error([`\n${title}`, ...lines].join("\n  "));
}

function secondsSince(ms: number): string {
  return `${((Date.now() - ms) / 1000).toFixed(1)} s`;
}

function say(line: string): void {
  console.log(`e2e: ${line}`);
}
