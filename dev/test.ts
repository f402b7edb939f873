import { join } from "node:path";
import { findOpa } from "../build/opa/find.ts";
import { assemble } from "../build/policy/assembly.ts";
import { PRODUCT_FOLDER, PRODUCT_POLICIES } from "../build/product.ts";
import { findUncovered, formatUncovered, type Line } from "../build/rego-tests/opa-test.ts";
import { formatCounts, formatFailures, type RegoRun, runRegoTests } from "../build/rego-tests/run.ts";
import { runVitest } from "./run-vitest.ts";
import { buildIn } from "./workspace.ts";

// `npm test` builds, runs the Rego tests in OPA and in WebAssembly, and then vitest. The Rego tests are those of the engine,
// of the policy that the product's tests use, and of the policy in `policies/`. `npm test -- --coverage` measures vitest, too.

const root = PRODUCT_FOLDER;
const ORDERS_FOLDER = join(root, "test", "fixtures", "policies", "orders");
const withCoverage = process.argv.includes("--coverage");
const opaPath = await findOpa();
if (!opaPath.ok) quit([opaPath.error]);

// For the routes of the sample app: a build without them would leave a dist/ that can't be synthesized.
const built = await buildIn(root, { openApiFile: join(root, "infra", "example", "api", "openapi.yaml") });
if (!built.ok) quit(built.error);

const product = await runRego("engine and example", ORDERS_FOLDER, true);
const own = await runRego("policies/", PRODUCT_POLICIES, false);
const rego = [...product.lines, ...own.lines];
// Vitest's output is long, so the Rego results are printed before and after it.
for (const line of rego) console.log(line);
const vitest = await runVitest(withCoverage ? ["--coverage"] : []);

console.log();
for (const line of rego) console.log(line);
console.log(`vitest: ${vitest.passed} passed, ${vitest.failed} failed`);
const runs = [product.run.opa, product.run.wasm, own.run.opa, own.run.wasm];
const passed = runs.reduce((sum, run) => sum + run.passed, vitest.passed);
const failed = runs.reduce((sum, run) => sum + run.failed.length, vitest.failed);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || !product.isCovered || vitest.exitCode !== 0) process.exitCode = 1;

/** The results of the Rego tests of one folder. */
interface RegoPart {
  readonly run: RegoRun;
  readonly isCovered: boolean;
  readonly lines: readonly string[];
}

/**
 * Runs the Rego tests of a folder of policies.
 *
 * @param isProduct - Runs the engine's tests, too, and requires that tests run every line. A company decides that for its
 *   own policy.
 */
async function runRego(title: string, policies: string, isProduct: boolean): Promise<RegoPart> {
  if (!opaPath.ok) quit([opaPath.error]);
  await using assembly = await assemble(opaPath.value, policies, isProduct);
  const run = await runRegoTests(assembly);
  const failures = formatFailures(run);
  // Invariants are judged by `check`, and no test runs them.
  const isJudged = (file: string) => file === "policies/access/invariants.rego";
  const isMeant = ({ file }: Line) => (isProduct || file.startsWith("policies/access/")) && !isJudged(file);
  // In the assembly the fixture's files have other paths than in the repository.
  const withOwnPath = (line: string) =>
    isProduct ? line.replaceAll("policies/access/", "test/fixtures/policies/orders/access/") : line;
  const uncovered = failures.length > 0 ? undefined : (await findUncovered(assembly.opa))?.filter(isMeant);
  return {
    run,
    isCovered: uncovered?.length === 0,
    lines: [
      ...failures.map(withOwnPath),
      ...(uncovered ?? []).map((line) =>
        withOwnPath(`${formatUncovered(line)}${isProduct ? "; add a test, since every line needs one" : ""}`),
      ),
      ...formatCounts(run).map((line) => `${title}: ${line}`),
      `${title}: Rego coverage ${describeCoverage(uncovered, isProduct)}`,
    ],
  };
}

function describeCoverage(uncovered: readonly Line[] | undefined, isGate: boolean): string {
  if (uncovered === undefined) return "is unknown, since tests failed";
  if (uncovered.length === 0) return "100 %";
  return isGate ? "below 100 %, which fails" : "below 100 %";
}

function quit(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(1);
}
