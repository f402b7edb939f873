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

/** The time limit of a test rule, at least. OPA's default is 5 s of wall-clock time, which a busy machine exceeds. */
const TIMEOUT_S = 120;

/**
 * The cases that a test rule may have within its time limit if it makes the index for each. Rego always ends, so the limit
 * only stops a test that takes far too long.
 */
const MAX_INDEXES = 500;

/** Formats the time limit of test rules that make the index for each case: it fits this machine and this policy. */
export function formatTimeLimit(indexMs = 0): readonly string[] {
  return ["--timeout", `${Math.max(TIMEOUT_S, Math.ceil((indexMs * MAX_INDEXES) / 1000))}s`];
}

/** More names would not fit into the arguments of a program. */
const MAX_NAMES = 200;

/**
 * Runs Rego tests in OPA.
 *
 * @param names - The tests to run, such as `data.access_test.orders.test_decision`.
 * @param limit - The flags of the time limit.
 * @throws If the tests can't be run, with OPA's error message.
 */
export async function runOpaTest(
  opa: Opa,
  names: readonly string[],
  limit: readonly string[],
): Promise<readonly RegoTest[]> {
  if (names.length === 0) return [];
  const pattern = names.map(toPattern).join("|");
  const chosen = names.length > MAX_NAMES ? [] : ["--run", `^(${pattern})$`];
  // The full trace of a decision that fails has some megabytes.
  const flags = ["--format", "json", "--explain", "notes", ...limit, ...chosen];
  const { stdout, stderr } = await opa("test", ...flags, "policies");
  const wanted = new Set(names);
  const found = new Map<string, RegoTest>();
  for (const test of parse<readonly RegoTest[]>(stdout, stderr)) {
    const name = test.name.replace(/#\d+$/, "");
    const id = `${test.package}.${name}`;
    if (test.skip === true || !wanted.has(id)) continue;
    const known = found.get(id);
    found.set(id, known === undefined ? { ...test, name } : merge(known, test));
  }
  return [...found.values()];
}

/**
 * Formats the pattern of a test rule. OPA runs each definition of a rule apart, and numbers the second and later ones:
 * `data.access_test.orders["test_decision#01"]`.
 */
function toPattern(id: string): string {
  const at = id.lastIndexOf(".");
  const [folder, name] = [id.slice(0, at), id.slice(at + 1)].map((text) => text.replaceAll(/[^\w]/g, "\\$&"));
  return `${folder}(\\.${name}|\\["${name}#[0-9]+"\\])`;
}

/** Merges the results of two definitions of one test rule: a case passes if it passes in each definition that has it. */
function merge(one: RegoTest, other: RegoTest): RegoTest {
  const [first, second] = [one.sub_results ?? {}, other.sub_results ?? {}];
  const titles = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  const results = titles.map((title) => {
    const isFailed = first[title]?.fail === true || second[title]?.fail === true;
    return [title, isFailed ? { fail: true } : {}] as const;
  });
  const error = one.error ?? other.error;
  return {
    ...one,
    ...((one.fail === true || other.fail === true) && { fail: true }),
    ...(error !== undefined && { error }),
    ...(titles.length > 0 && { sub_results: Object.fromEntries(results) }),
  };
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
  const { succeeded, stdout, stderr } = await opa(
    "test",
    "--coverage",
    "--format",
    "json",
    ...formatTimeLimit(),
    "policies",
  );
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
