import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, type Result } from "../../../contract/result.ts";
import { judgeFiles } from "../../../gate/judge-files.ts";
import { ORDERS_FOLDER } from "../../support/orders-policies.ts";
import {
  CONFIGURATION_FOLDER,
  formatRecordedPlan,
  MODULE_FOLDER,
  RECORDED_PLAN_OPTIONS,
} from "../../support/recorded-plan.ts";
import { type Ministack, startMinistack } from "../aws/emulator/ministack.ts";
import { findMinistack } from "../aws/emulator/ministack-install.ts";
import { runCommand } from "../aws/emulator/run-command.ts";
import { findDisorder, readSteps } from "./steps.ts";

// `npm run e2e:terraform`: validates, plans and applies the module with Terraform, on the emulator, and applies it again under
// another contract. It needs `terraform` on the PATH, and the provider `hashicorp/aws` from wherever Terraform finds it.
// `-- --record` writes the plan that `npm test` gives to the gate.

const root = process.cwd();
const PUBLIC_RULE = `# METADATA
# title: Operations
package access.ops

# METADATA
# title: A load balancer asks whether the API answers
public["health"] := {"verbs": {"GET"}, "path": "/health"}
`;
const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => controller.abort());
const { signal } = controller;
const folder = await realpath(await mkdtemp(join(tmpdir(), "rego-authorizer-terraform-")));
const work = join(folder, "test", "fixtures", "terraform");
let ministack: Ministack | undefined;
let passed = 0;
try {
  const problem = await runAll();
  if (problem !== undefined) console.error(problem);
  console.log(`${passed} passed, ${problem === undefined ? 0 : 1} failed`);
  process.exitCode = problem === undefined ? 0 : 1;
} finally {
  await ministack?.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Runs all steps, each of which is a test. Stops at the first that fails. */
async function runAll(): Promise<string | undefined> {
  const started = await prepare();
  if (!started.ok) return started.error;
  const run = (command: string, ...args: readonly string[]) =>
    runCommand({ command, args: [`-chdir=${work}`, ...args], environment: started.value, deadlineMs: 300_000, signal });
  const plan = join(folder, "plan.json");
  let applied = "";
  const steps: readonly (readonly [name: string, step: () => Promise<Result<unknown, string>>])[] = [
    ["terraform formats nothing", () => run("terraform", "fmt", "-check", "-recursive", folder)],
    ["the module is initialized", () => run("terraform", "init", "-no-color")],
    ["the module is valid", () => run("terraform", "validate", "-no-color")],
    ["the module is planned", () => run("terraform", "plan", "-no-color", "-out=plan")],
    ["the gate finds nothing in the plan", async () => judge(await run("terraform", "show", "-json", "plan"), plan)],
    ["the first apply succeeds", () => run("terraform", "apply", "-no-color", "-auto-approve")],
    [
      "the authorizers that only report have no identity source",
      async () => findSources(await run("terraform", "show", "-json")),
    ],
    ["another contract is written", () => writeContract({ TOKEN_SOURCE: "query:token" })],
    [
      "it is applied",
      async () => {
        const result = await run("terraform", "apply", "-json", "-auto-approve");
        applied = result.ok ? result.value : "";
        return result;
      },
    ],
    ["each step waits for those that it needs", async () => findDisorder(readSteps(applied))],
    ["the caches of three stages are emptied", countFlushes],
  ];
  for (const [name, step] of steps) {
    const result = await step();
    if (!result.ok) return `${name}: failed\n${result.error}`;
    passed += 1;
    console.log(`ok  ${name}`);
  }
  return undefined;
}

/** Builds a policy, copies the module and starts the emulator. */
async function prepare(): Promise<Result<Readonly<Record<string, string | undefined>>, string>> {
  await cp(MODULE_FOLDER, join(folder, "infra", "terraform"), { recursive: true });
  await cp(CONFIGURATION_FOLDER, work, { recursive: true });
  await writePolicy();
  const bin = join(folder, "bin");
  await mkdir(bin);
  // The emulator deletes the stage of an HTTP API when its cache is emptied.
  await writeFile(join(bin, "aws"), `#!/bin/sh\necho "$@" >> ${join(folder, "flushes")}\n`, { mode: 0o755 });
  const built = await product("build", {});
  if (!built.ok) return built;
  const written = await writeContract({});
  if (!written.ok) return written;
  const python = await findMinistack(process.env, console.log, signal);
  if (!python.ok) return python;
  const started = await startMinistack(python.value, folder, signal);
  if (!started.ok) return started;
  ministack = started.value;
  return ok({
    ...process.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${ministack.port}`,
    AWS_ACCESS_KEY_ID: "000000000000",
    AWS_SECRET_ACCESS_KEY: "test",
    CHECKPOINT_DISABLE: "1",
  });
}

function product(command: string, environment: Readonly<Record<string, string>>, ...more: readonly string[]) {
  const dist = command === "build" ? ["--dist", join(work, "dist")] : [];
  const subject = ["--policies", join(folder, "policies"), "--openapi", join(folder, "openapi.yaml")];
  return runCommand({
    command: process.execPath,
    args: [join(root, "cli", "main.ts"), command, ...subject, ...dist, ...more],
    environment: { ...process.env, ...environment },
    deadlineMs: 60_000,
    signal,
  });
}

/** Writes the policy and the document of the sample API, with a public route. */
async function writePolicy(): Promise<void> {
  await cp(ORDERS_FOLDER, join(folder, "policies"), { recursive: true });
  await writeFile(join(folder, "policies", "access", "ops.rego"), PUBLIC_RULE);
  const document = await readFile(join(root, "infra", "example", "api", "openapi.yaml"), "utf8");
  const health = '  /health:\n    get:\n      responses: { "200": { description: The health } }\n';
  await writeFile(join(folder, "openapi.yaml"), document.replace("paths:\n", `paths:\n${health}`));
}

async function writeContract(environment: Readonly<Record<string, string>>): Promise<Result<undefined, string>> {
  const printed = await product("cache-contract", environment, "--format", "json");
  if (!printed.ok) return printed;
  await writeFile(join(work, "dist", "contract.json"), printed.value);
  return ok(undefined);
}

async function judge(shown: Result<string, string>, file: string): Promise<Result<undefined, string>> {
  if (!shown.ok) return shown;
  await writeFile(file, shown.value);
  if (process.argv.includes("--record"))
    await writeFile(join(CONFIGURATION_FOLDER, "plan.json"), formatRecordedPlan(JSON.parse(shown.value)));
  const { findings, seen } = judgeFiles([file], RECORDED_PLAN_OPTIONS, folder);
  if (findings.length > 0) return err(findings.map(({ code, cause }) => `${code}: ${cause}`).join("\n"));
  const counts = [seen.withPolicy, seen.reportOnly, seen.public];
  return counts.join() === "4,2,1" ? ok(undefined) : err(`the gate has seen ${counts.join(", ")} methods`);
}

/** Finds report-only authorizers with an identity source, which would refuse requests: among what the provider has read back. */
function findSources(shown: Result<string, string>): Result<undefined, string> {
  if (!shown.ok) return shown;
  const modules = Object(JSON.parse(shown.value)).values.root_module.child_modules;
  const all = [modules].flat().flatMap(({ resources }) => resources);
  const own = all.filter(({ type, name }) => type.endsWith("_authorizer") && name === "report_only");
  const sources = own.flatMap(({ values }) => [values.identity_source, values.identity_sources].flat());
  const found = sources.filter((one) => (one ?? "") !== "");
  return own.length === 2 && found.length === 0 ? ok(undefined) : err(`${own.length} have ${found.join(", ")}`);
}

/** Counts the calls of the second apply, and of the first. */
async function countFlushes(): Promise<Result<undefined, string>> {
  const calls = (await readFile(join(folder, "flushes"), "utf8")).trim().split("\n");
  const of = (name: string) => calls.filter((line) => line.includes(name)).length;
  const counts = [of("apigateway flush-stage-authorizers-cache"), of("apigatewayv2 reset-authorizers-cache")];
  return counts.join() === "4,2" ? ok(undefined) : err(`the calls were ${counts.join(" and ")}`);
}
