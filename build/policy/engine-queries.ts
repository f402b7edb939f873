import { isObject, isText } from "../../contract/json.ts";
import { isProblemCode, type ProblemCode } from "../../contract/problem-codes.ts";
import type { Opa, Output } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import type { Problem } from "./problem.ts";

/** The query for the data document of the package: the index, and the base data if there is any. */
export const DATA_DOCUMENT =
  'object.union({"engine": {"index": {"compiled": data.engine.index.compiled}}}, {"data": base | base := data.data})';

/** Evaluates a query on the policies, without their tests. */
export function evaluate(opa: Opa, query: string): Promise<Output> {
  return opa("eval", "--format", "raw", "--ignore", "*_test.rego", "--data", "policies", query);
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
