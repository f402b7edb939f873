import { isObject, isText } from "../../contract/json.ts";
import { isProblemCode, type ProblemCode } from "../../contract/problem-codes.ts";
import type { Opa, Output } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import type { Rule } from "../rego/syntax-tree.ts";
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

/** Adds to each problem of the engine the file and line of its rule. */
export function locateProblems(problems: readonly EngineProblem[], sources: readonly ParsedFile[]): readonly Problem[] {
  return problems.map(({ code, where, message }) => ({
    ...locateRule(where, sources),
    code,
    message: `${where}: ${message}`,
  }));
}

/** Finds the file and line of a grant, denial or role by its name, such as `orders.refund` or `roles.admin`. */
export function locateRule(where: string, sources: readonly ParsedFile[]): Pick<Problem, "file" | "line"> {
  for (const { file, module, package: name } of sources.filter(({ part }) => part === "area" || part === "roles")) {
    const isMeant = ({ head }: Rule) => `${name.replace("access.", "")}.${head.ref.at(-1)?.value}` === where;
    const rule = module.rules?.find(isMeant);
    if (rule !== undefined) return { file, line: rule.location.row };
  }
  return { file: "policies", line: 1 };
}
