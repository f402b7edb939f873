import { groupBy } from "../../contract/group-by.ts";
import { isPolicy, listRego, type ParsedFile, parseFile } from "../rego/files.ts";
import { nameOfRule } from "../rego/syntax-tree.ts";
import type { Assembly } from "./assembly.ts";
import { compareProblems, type Problem } from "./problem.ts";

/** Checks the METADATA of a company's policies with {@link checkTitles}. Tests need no METADATA. */
export async function checkMetadata(assembly: Assembly): Promise<readonly Problem[]> {
  return checkTitles(await readSources(assembly));
}

/** Parses a company's policies, without their tests. */
export async function readSources({ opa, folder }: Assembly): Promise<readonly ParsedFile[]> {
  const files = (await listRego(folder, "policies")).filter(isPolicy);
  return Promise.all(files.map((file) => parseFile(opa, file)));
}

/**
 * Checks that every package and every public rule has a line `# title: …` in the METADATA above it.
 *
 * A policy without titles still builds. But people review grants and denials by their titles, so the commands for reviewers
 * report missing ones.
 */
export function checkTitles(sources: readonly ParsedFile[]): readonly Problem[] {
  return [...checkPackages(sources), ...sources.flatMap(checkRules)].sort(compareProblems);
}

/** Finds packages without a title. One file of a package has the title; OPA refuses a second one. */
function checkPackages(sources: readonly ParsedFile[]): readonly Problem[] {
  const byPackage = groupBy(sources, (source) => source.package);
  return [...byPackage].flatMap(([name, files]) => {
    const [first] = files;
    if (first === undefined || files.some(hasTitle)) return [];
    const message = `package ${name} has no title; ${REMEDY}`;
    return [{ code: "title.package", file: first.file, line: first.module.package.location.row, message }];
  });
}

/** Finds public rules without a title. One title is enough for all definitions of a rule. */
function checkRules({ file, module: { rules = [] } }: ParsedFile): readonly Problem[] {
  const byName = groupBy(rules, nameOfRule);
  return [...byName].flatMap(([name, [first, ...others]]) => {
    const isTitled = [first, ...others].some((rule) => rule?.annotations?.some(({ title }) => title));
    if (first === undefined || isTitled || name.startsWith("_")) return [];
    return [{ code: "title.rule", file, line: first.location.row, message: `${name} has no title; ${REMEDY}` }];
  });
}

function hasTitle({ module }: ParsedFile): boolean {
  return module.annotations?.some(({ scope, title }) => scope === "package" && title) === true;
}

const REMEDY = "reviewers read titles, so put the lines `# METADATA` and `# title: …` above it";
