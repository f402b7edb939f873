import { formatChoice } from "../../contract/nearest.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfDatum } from "./base-data.ts";
import type { DataFiles } from "./data-files.ts";
import { type Failure, failuresOfStatement } from "./never-true.ts";
import { compareProblems, type Problem } from "./problem.ts";
import { keysOf } from "./shapes.ts";
import { createContext } from "./term-shapes.ts";
import { readImports, type Vocabulary } from "./vocabulary.ts";

/**
 * Finds statements of conditions and helpers that are never true, whatever the request is: base data that isn't there or has
 * another type, and comparisons of values whose types differ. Such a condition allows nothing by mistake. But with it a grant
 * never applies, or no denial is lifted, and users would find that out by a 403.
 *
 * Parameters of paths depend on the rule, see `missing-parameters.ts`.
 */
export function checkStatements(
  readers: readonly ParsedFile[],
  vocabulary: Vocabulary,
  dataFiles: DataFiles,
): readonly Problem[] {
  const facts = { base: dataFiles.base, parameters: undefined };
  const problems = readers.flatMap((source) => {
    const imports = readImports(source);
    return (source.module.rules ?? []).flatMap((rule) => {
      const definition = { rule, package: `data.${source.package}`, imports };
      const context = createContext(definition, { scope: { vocabulary }, facts, depth: 0 });
      return rule.body.flatMap((expr) =>
        failuresOfStatement(expr, context).flatMap((failure): readonly Problem[] => {
          const line = failure.term.location?.row ?? expr.location?.row ?? rule.location.row;
          const problem = toProblem(failure, { file: source.file, line }, dataFiles);
          return problem === undefined ? [] : [problem];
        }),
      );
    });
  });
  const byText = new Map(problems.map((one) => [`${one.file}:${one.line}:${one.message}`, one]));
  return [...byText.values()].sort(compareProblems);
}

function toProblem(
  { reason, isElsewhere }: Failure,
  place: Pick<Problem, "file" | "line">,
  { locate }: DataFiles,
): Problem | undefined {
  // The rule that it is in is checked, too.
  if (isElsewhere) return undefined;
  switch (reason.kind) {
    case "parameter":
      return undefined;
    case "data": {
      const { name, key, above } = reason;
      const keys = keysOf(above);
      const remedy = keys.length === 0 ? "add it in data/, beside access/" : formatChoice(key, keys);
      const message = `${name} has no ${JSON.stringify(key)}, so this is never true; ${remedy}`;
      return { code: "data.unknown", ...place, message };
    }
    case "mismatch": {
      const { code, message, datum } = reason;
      if (datum === undefined) return { code, ...place, message };
      const where = `${place.file.replace(/^policies\//, "")}:${place.line}`;
      return {
        code: "data.type",
        ...locate(datum),
        message: `${nameOfDatum(datum)} does not fit ${where}: ${message}`,
      };
    }
    default:
      return reason satisfies never;
  }
}
