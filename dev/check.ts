import { spawn } from "node:child_process";
import { findOpa } from "../build/opa/find.ts";
import { createOpa } from "../build/opa/run.ts";
import { checkMetadata } from "../build/policy/metadata.ts";
import { formatProblems, inFolder, type Problem } from "../build/policy/problem.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { PRODUCT_FOLDER } from "../build/product.ts";
import { findStale, generate } from "./generate.ts";
import { QUICK_PROCESSES } from "./quick-processes.ts";

// `npm run check` runs everything that CI runs. It continues after a step that fails, so that one run shows all failures.

Object.assign(process.env, QUICK_PROCESSES);
const root = PRODUCT_FOLDER;
const ORDERS_FOLDER = "test/fixtures/policies/orders";
const found = await findOpa();
if (!found.ok) {
  console.error(found.error);
  process.exit(1);
}
const opaPath = found.value;
const opa = createOpa(opaPath, root);

const steps: readonly (readonly [name: string, run: () => Promise<boolean>])[] = [
  ["format, lint, imports", () => run("biome", "ci", "--error-on-warnings", ".")],
  ["types", () => run("tsc", "--project", ".")],
  ["types of the package, with what Node 20 has", () => run("tsc", "--project", "dev/package", "--noEmit")],
  ["unused files, exports and dependencies", () => run("knip")],
  ["generated files", areCurrent],
  ["format of the policies", areFormatted],
  ["policies: opa check --strict, schemas, capabilities, problems", haveNoProblems],
  ["tests", () => run("node", "dev/test.ts")],
];

const failed: string[] = [];
for (const [name, step] of steps) {
  console.log(`\n== ${name}`);
  if (!(await step())) failed.push(name);
}
console.log(failed.length === 0 ? "\nall checks passed" : `\nfailed: ${failed.join("; ")}`);
if (failed.length > 0) process.exitCode = 1;

function run(command: string, ...args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.on("close", (code) => resolve(code === 0));
    child.on("error", () => resolve(false));
  });
}

async function areCurrent(): Promise<boolean> {
  const stale = await findStale(await generate(opa));
  for (const file of stale) console.error(`${file} is stale: it differs from its sources; run npm run generate`);
  return stale.length === 0;
}

async function areFormatted(): Promise<boolean> {
  const isFormatted = await run(opaPath, "fmt", "--list", "--fail", "policies", ORDERS_FOLDER);
  if (!isFormatted) console.error("these policies are not formatted; run npm run opa -- fmt --write <folder>");
  return isFormatted;
}

/** Checks the policy in `policies/`, and the policy that the product's tests use. */
async function haveNoProblems(): Promise<boolean> {
  const problems = [...(await findProblems("policies")), ...(await findProblems(ORDERS_FOLDER))];
  for (const line of formatProblems(problems)) console.error(line);
  return problems.length === 0;
}

async function findProblems(folder: string): Promise<readonly Problem[]> {
  const read = await readPolicy(opaPath, folder);
  if (!read.ok) return read.error;
  await using policy = read.value;
  return inFolder(folder, await checkMetadata(policy));
}
