import type { Opa } from "../opa/run.ts";

/** A test rule, as `opa test --format json` lists it. */
export interface RegoTest {
  readonly package: string;
  readonly name: string;
  readonly location: { readonly file: string; readonly row: number };
  readonly fail?: boolean;
  readonly skip?: boolean;
  /** Set if OPA could not finish the test. */
  readonly error?: { readonly code: string; readonly message: string };
  /** The cases of a table test, by their titles. */
  readonly sub_results?: Readonly<Record<string, { readonly fail?: boolean }>>;
}

/**
 * The time limit of a test rule. OPA's default is 5 s of wall-clock time. A table of fifteen decisions takes more than 1 s of
 * CPU time, since OPA makes the index again for each, so the default is too short when several processes share a core. Rego
 * always ends, so the limit only stops a test that takes far too long. The other tests have the same limit.
 */
const TIMEOUT_S = 120;

const LIMIT = ["--timeout", `${TIMEOUT_S}s`];

/**
 * Runs all Rego tests in OPA.
 *
 * @param limit - Flags to use instead of the time limit.
 * @throws If the tests can't be run, with OPA's error message.
 */
export async function runOpaTest(opa: Opa, limit: readonly string[] = LIMIT): Promise<readonly RegoTest[]> {
  // The full trace of a decision that fails has some megabytes.
  const { stdout, stderr } = await opa("test", "--format", "json", "--explain", "notes", ...limit, "policies");
  const tests = parse<readonly RegoTest[]>(stdout, stderr);
  return tests.filter(({ skip }) => skip !== true);
}

/** A line of a file. */
export interface Line {
  readonly file: string;
  readonly line: number;
}

/**
 * Lists the lines of policies that no Rego test runs, each once.
 *
 * @returns Undefined if a test fails, since OPA gives no coverage then.
 */
export async function findUncovered(opa: Opa): Promise<readonly Line[] | undefined> {
  const { succeeded, stdout, stderr } = await opa("test", "--coverage", "--format", "json", ...LIMIT, "policies");
  if (!succeeded) return undefined;
  const { files } = parse<{
    files: Readonly<Record<string, { readonly not_covered?: readonly { readonly start: { readonly row: number } }[] }>>;
  }>(stdout, stderr);
  return Object.entries(files).flatMap(([file, { not_covered = [] }]) =>
    [...new Set(not_covered.map(({ start }) => start.row))].map((line) => ({ file, line })),
  );
}

/** Formats the finding that no Rego test runs a line. */
export function formatUncovered({ file, line }: Line): string {
  return `${file}:${line}: no Rego test runs this line`;
}

function parse<Answer>(stdout: string, stderr: string): Answer {
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    throw new Error(`opa test: ${stderr || stdout}`);
  }
}
