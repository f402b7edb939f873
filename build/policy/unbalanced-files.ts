import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findUnbalanced } from "../rego/brackets.ts";
import type { Problem } from "./problem.ts";

/**
 * Gives each file that OPA can't parse one problem. Where a bracket has no partner, it says so at the line where the partner
 * is missing; OPA reports the line on which it gave up, which can be the end of the file.
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
      return problems.filter((one) => one.code === "opa.parse" && one.file === file).slice(0, 1);
    }),
  );
  return [...first.flat(), ...problems.filter(({ code }) => code !== "opa.parse")];
}
