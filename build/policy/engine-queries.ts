import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject, isText } from "../../contract/json.ts";
import { isProblemCode, type ProblemCode } from "../../contract/problem-codes.ts";
import type { Opa, Output } from "../opa/run.ts";
import type { ParsedFile, RegoFile } from "../rego/files.ts";
import type { Assembly } from "./assembly.ts";
import { CAPABILITIES_FILE } from "./builtins.ts";
import { writePackedAreas } from "./packed-areas.ts";
import type { Problem } from "./problem.ts";

/** The query for the data document of the package: the index, and the base data if there is any. */
export const DATA_DOCUMENT =
  'object.union({"engine": {"index": {"compiled": data.engine.index.compiled}}}, {"data": base | base := data.data})';

/** Evaluates a query on the policies, without their tests. */
export function evaluate(opa: Opa, query: string): Promise<Output> {
  return opa("eval", "--format", "raw", "--ignore", "*_test.rego", "--data", "policies", query);
}

/** The answers of OPA about a whole policy. */
export interface Answers {
  /** OPA's own checks: unused and unsafe variables, the schema of the input, the allowed functions. */
  readonly checked: Output;
  /** The value of `data.engine.problems`. */
  readonly problems: Output;
  /** The value of {@link DATA_DOCUMENT}. */
  readonly data: Output;
}

const PROBLEMS = "data.engine.problems";
const LIMITS = ["--strict", "--capabilities", CAPABILITIES_FILE, "--schema", "policies/schemas"];

/**
 * A policy up to this size is checked and evaluated as it is, while its files are parsed: OPA takes longer to start and to
 * compile the engine than for the rest. A larger one takes less time with packed areas.
 */
const MAX_UNPACKED_BYTES = 100_000;

/**
 * Checks and evaluates the policy in an assembly: in one process, unless something is wrong.
 *
 * @param parsed - The syntax trees of all policies; undefined for a file whose syntax is wrong.
 */
export async function askOpa(
  assembly: Assembly,
  files: readonly RegoFile[],
  parsed: Promise<readonly (ParsedFile | undefined)[]>,
): Promise<Answers> {
  const { opa } = assembly;
  // Only a process of its own leaves out tests, and a test in a wrong package could change an answer.
  const isUsual = files.every(({ part }) => part !== "unknown");
  const together = isUsual ? await askTogether(await choose(assembly, files, parsed)) : undefined;
  if (together !== undefined) return together;
  const [checked, problems, data] = await Promise.all([
    opa("check", "--format", "json", ...LIMITS, "policies"),
    evaluate(opa, PROBLEMS),
    evaluate(opa, DATA_DOCUMENT),
  ]);
  return { checked, problems, data };
}

/** Chooses how a policy is evaluated: as it is or, if it is large and well formed, with packed areas. */
async function choose(
  assembly: Assembly,
  files: readonly RegoFile[],
  parsed: Promise<readonly (ParsedFile | undefined)[]>,
): Promise<Opa> {
  if ((await sizeOf(assembly.folder, files)) <= MAX_UNPACKED_BYTES) return assembly.opa;
  const sources = (await parsed).filter((source) => source !== undefined);
  const isWhole = sources.length === (await parsed).length;
  return (isWhole ? await writePackedAreas(assembly, sources) : undefined) ?? assembly.opa;
}

/** Computes the size of the Rego files of a company. */
async function sizeOf(folder: string, files: readonly RegoFile[]): Promise<number> {
  const own = files.filter(({ part }) => part !== "engine");
  const stats = await Promise.all(own.map(({ file }) => stat(join(folder, file))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Evaluates a policy with the checks of `opa check` in one process: an evaluation compiles all files with the same compiler.
 *
 * @returns Undefined if anything fails. Then a process for each answer tells what.
 */
async function askTogether(opa: Opa): Promise<Answers | undefined> {
  // `json.marshal` gives the text that `--format raw` prints.
  const query = `[[json.marshal(value) | value := ${PROBLEMS}], [json.marshal(value) | value := ${DATA_DOCUMENT}]]`;
  const checked = await opa("eval", "--format", "raw", ...LIMITS, "--data", "policies", query);
  if (!checked.succeeded) return undefined;
  const parsed: unknown = JSON.parse(checked.stdout);
  const [problems, data] = Array.isArray(parsed) && parsed.every(Array.isArray) ? parsed.flat() : [];
  if (!isText(problems) || !isText(data)) return undefined;
  const toOutput = (text: string): Output => ({ ...checked, stdout: `${text}\n` });
  return { checked, problems: toOutput(problems), data: toOutput(data) };
}

/** A problem as `data.engine.problems` lists it. */
interface EngineProblem {
  readonly code: ProblemCode;
  /** `orders.refund`, `roles.admin` */
  readonly where: string;
  readonly message: string;
}

/**
 * Parses the value of `data.engine.problems`.
 *
 * @throws If a problem has another form or an unknown code: then the engine and the build disagree.
 */
export function parseEngineProblems(text: string): readonly EngineProblem[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || !parsed.every(isEngineProblem)) {
    throw new Error(`the engine reports a problem that the build does not know: ${text}`);
  }
  return parsed;
}

function isEngineProblem(value: unknown): value is EngineProblem {
  return isObject(value) && isProblemCode(value["code"]) && isText(value["where"]) && isText(value["message"]);
}

type Location = Pick<Problem, "file" | "line">;

/** Finds the file and line of each grant, denial, role and condition by its name, such as `orders.refund` or `roles.admin`. */
export function locateRules(sources: readonly ParsedFile[]): ReadonlyMap<string, Location> {
  const locations = new Map<string, Location>();
  for (const { file, module, package: name } of sources.filter(({ part }) => part !== "library")) {
    for (const { head, location } of module.rules ?? []) {
      const where = `${name.replace("access.", "")}.${head.ref.at(-1)?.value}`;
      if (!locations.has(where)) locations.set(where, { file, line: location.row });
    }
  }
  return locations;
}

/** Adds to each problem of the engine the file and line of its rule. */
export function locateProblems(problems: readonly EngineProblem[], sources: readonly ParsedFile[]): readonly Problem[] {
  const locations = locateRules(sources);
  return problems.map(({ code, where, message }) => ({
    ...(locations.get(where) ?? NOWHERE),
    code,
    message: `${where}: ${message}`,
  }));
}

/** Finds the file and line of a rule by its name, as {@link locateRules} does. */
export function locateRule(where: string, sources: readonly ParsedFile[]): Location {
  return locateRules(sources).get(where) ?? NOWHERE;
}

const NOWHERE: Location = { file: "policies", line: 1 };
