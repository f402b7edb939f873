import { isPolicy, listRego, parseSource, type Source } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import type { Assembly } from "./assembly.ts";
import { compareProblems, type Problem } from "./problem.ts";
import type { ProblemCode } from "./problem-codes.ts";

/** Checks the METADATA of a company's policies; see {@link checkTitles}. Tests need none. */
export async function checkMetadata({ opa, folder }: Assembly): Promise<readonly Problem[]> {
  const files = (await listRego(folder, "policies")).filter(isPolicy);
  return checkTitles(await Promise.all(files.map((file) => parseSource(opa, file))));
}

/**
 * Checks that every package and every public rule says what it is, by a line `# title: …` in the METADATA above it.
 *
 * A policy without titles decides as well as any. But people review grants and denials by their titles, so commands that
 * look at a policy report those that are missing.
 */
export function checkTitles(sources: readonly Source[]): readonly Problem[] {
  return [...checkPackages(sources), ...sources.flatMap(checkRules)].sort(compareProblems);
}

/** One file of a package says what it is, for all of them. */
function checkPackages(sources: readonly Source[]): readonly Problem[] {
  const byPackage = Map.groupBy(sources, (source) => source.package);
  return [...byPackage].flatMap(([name, files]) => {
    const titled = files.filter(hasTitle);
    const untitled = titled.length === 0 ? files.slice(0, 1) : [];
    return [
      ...untitled.map((source) =>
        problemAt("title.package", source, `package ${name} does not say what it is; ${REMEDY}`),
      ),
      ...titled
        .slice(1)
        .map((source) =>
          problemAt("title.repeated", source, `package ${name} has its title in ${titled[0]?.file} already`),
        ),
    ];
  });
}

/** One definition of a rule says what it does, for all of them. */
function checkRules({ file, module: { rules = [] } }: Source): readonly Problem[] {
  const byName = Map.groupBy(rules, nameOfRule);
  return [...byName].flatMap(([name, [first, ...others]]) => {
    const isTitled = [first, ...others].some((rule) => rule?.annotations?.some(({ title }) => title));
    if (first === undefined || isTitled || name.startsWith("_")) return [];
    return [
      { code: "title.rule", file, line: first.location.row, message: `${name} does not say what it does; ${REMEDY}` },
    ];
  });
}

function problemAt(code: ProblemCode, { file, module }: Source, message: string): Problem {
  return { code, file, line: module.package.location.row, message };
}

function hasTitle({ module }: Source): boolean {
  return module.annotations?.some(({ scope, title }) => scope === "package" && title) === true;
}

const REMEDY = "put the lines `# METADATA` and `# title: …` above it";
