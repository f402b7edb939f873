import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findUnbalanced } from "../rego/brackets.ts";
import type { Problem } from "./problem.ts";

/**
 * Points to the bracket without a partner in each file that OPA can't parse, where there is one, at the line where the partner
 * is missing. OPA reports the line on which it gave up, which can be the end of the file. OPA often reports a line twice; the
 * first report says more.
 *
 * @param problems - OPA's errors.
 */
export async function pointToBrackets(folder: string, problems: readonly Problem[]): Promise<readonly Problem[]> {
  const files = new Set(problems.flatMap(({ code, file }) => (code === "opa.parse" ? [file] : [])));
  const first = await Promise.all(
    [...files].map(async (file): Promise<readonly Problem[]> => {
      const text = await readFile(join(folder, file), "utf8").catch(() => "");
      const unbalanced = findUnbalanced(text);
      if (unbalanced !== undefined) return [{ code: "opa.parse", file, ...unbalanced }];
      const own = problems.filter((one) => one.code === "opa.parse" && one.file === file);
      return own.filter((one, at) => own.findIndex(({ line }) => line === one.line) === at);
    }),
  );
  return [...first.flat(), ...problems.filter(({ code }) => code !== "opa.parse")];
}
