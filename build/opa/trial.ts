import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { PRODUCT_POLICIES } from "../product.ts";
import { makeFolder } from "../staging.ts";
import { cacheFolder } from "./cache-folder.ts";
import { digestOf, type Environment } from "./executable.ts";
import { createOpa } from "./run.ts";

/** The engine, with its tests. */
const ENGINE = join(PRODUCT_POLICIES, "engine");

/** A time limit for each test; see `build/rego-tests/opa-test.ts`. */
const TIMEOUT = "120s";

/**
 * Tries an OPA of a close version: runs the engine's own tests in it.
 *
 * They take some seconds, so the cache folder has an empty file for each executable that passed, named by the digests of the
 * executable and of the engine. A failure is not noted: it may be the machine's.
 *
 * @param onTrial - Is called if the tests have to run.
 * @returns The reason why the executable should not be used, if it should not.
 */
export async function tryOpa(
  path: string,
  environment: Environment,
  onTrial: () => void,
): Promise<Result<void, string>> {
  const note = join(cacheFolder(environment), "tried", `${digestOf(path)}-${await digestEngine()}`);
  if (existsSync(note)) return ok(undefined);
  onTrial();
  const tested = await runEngineTests(path);
  if (!tested.ok) return tested;
  try {
    await makeFolder(dirname(note));
    await writeFile(note, "");
  } catch {
    // On a read-only file system every command tries again.
  }
  return ok(undefined);
}

async function runEngineTests(path: string): Promise<Result<void, string>> {
  try {
    const opa = createOpa(path, PRODUCT_POLICIES);
    const { stdout, stderr } = await opa("test", "--format", "json", "--timeout", TIMEOUT, "engine");
    const tests = parseTests(stdout);
    if (tests === undefined) return err(`it can't run the engine's tests: ${stderr.trim().split("\n").at(-1)}`);
    const [failed] = tests.filter(({ fail, error }) => fail === true || error !== undefined);
    if (failed !== undefined) return err(`in it the engine's test ${failed.package}.${failed.name} fails`);
    // Without a test nothing is known about this version.
    return tests.length === 0 ? err(`there are no tests of the engine in ${ENGINE}`) : ok(undefined);
  } catch (error) {
    return err(`it can't run the engine's tests: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A test rule in the output of `opa test --format json`. */
interface EngineTest {
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly error?: unknown;
}

function parseTests(stdout: string): readonly EngineTest[] | undefined {
  try {
    const parsed: unknown = JSON.parse(stdout);
    // OPA prints null where it finds no test.
    if (parsed === null) return [];
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

async function digestEngine(): Promise<string> {
  const entries = await readdir(ENGINE, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(await readFile(file)).update("\0");
  return hash.digest("hex");
}
