import { isPolicy, listRego, type ParsedFile, parseFile } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import type { Assembly } from "./assembly.ts";
import { compareProblems, type Problem } from "./problem.ts";

/** Checks the METADATA of a company's policies; see {@link checkTitles}. Tests need none. */
export async function checkMetadata({ opa, folder }: Assembly): Promise<readonly Problem[]> {
  const files = (await listRego(folder, "policies")).filter(isPolicy);
  return checkTitles(await Promise.all(files.map((file) => parseFile(opa, file))));
}

/**
 * Checks that every package and every public rule says what it is, by a line `# title: …` in the METADATA above it.
 *
 * A policy without titles decides as well as any. But people review grants and denials by their titles, so commands that
 * look at a policy report those that are missing.
 */
export function checkTitles(sources: readonly ParsedFile[]): readonly Problem[] {
  return [...checkPackages(sources), ...sources.flatMap(checkRules)].sort(compareProblems);
}

/** Finds packages without a title. One file of a package has it, for all of them; OPA refuses a second one. */
function checkPackages(sources: readonly ParsedFile[]): readonly Problem[] {
  const byPackage = Map.groupBy(sources, (source) => source.package);
  return [...byPackage].flatMap(([name, files]) => {
    const [first] = files;
    if (first === undefined || files.some(hasTitle)) return [];
    const message = `package ${name} does not say what it is; ${REMEDY}`;
    return [{ code: "title.package", file: first.file, line: first.module.package.location.row, message }];
  });
}

/** Finds public rules without a title. One definition of a rule has it, for all of them. */
function checkRules({ file, module: { rules = [] } }: ParsedFile): readonly Problem[] {
  const byName = Map.groupBy(rules, nameOfRule);
  return [...byName].flatMap(([name, [first, ...others]]) => {
    const isTitled = [first, ...others].some((rule) => rule?.annotations?.some(({ title }) => title));
    if (first === undefined || isTitled || name.startsWith("_")) return [];
    return [
      { code: "title.rule", file, line: first.location.row, message: `${name} does not say what it does; ${REMEDY}` },
    ];
  });
}

function hasTitle({ module }: ParsedFile): boolean {
  return module.annotations?.some(({ scope, title }) => scope === "package" && title) === true;
}

const REMEDY = "put the lines `# METADATA` and `# title: …` above it";
