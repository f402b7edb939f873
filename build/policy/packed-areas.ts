import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { groupBy } from "../../contract/group-by.ts";
import { copyTree } from "../copy-tree.ts";
import { createOpa, type Opa } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import type { Annotation, Rule, Term } from "../rego/syntax-tree.ts";
import type { Assembly } from "./assembly.ts";
import { checkArea, checkDuplicates } from "./rules.ts";

/**
 * Writes a copy of an assembly in which each area has one rule for all of its grants, one for its denials and one for its
 * public rules. OPA gives the same answers about it, in a third of the time: it compiles each rule by itself, and compares
 * each key of `grants` with those before it.
 *
 * An area with anything that OPA could complain about stays as it is, since problems are named by file and line.
 *
 * @param sources - The syntax trees of the policies, without test files.
 * @returns OPA in the folder of the copy; undefined if no area can be packed.
 */
export async function writePackedAreas(
  { folder, opaPath }: Pick<Assembly, "folder" | "opaPath">,
  sources: readonly ParsedFile[],
): Promise<Opa | undefined> {
  const packed = packAreas(sources);
  if (packed.size === 0) return undefined;
  const copy = join(folder, "packed");
  const isKept = (file: string) => !packed.has(relative(folder, file).replaceAll("\\", "/"));
  await copyTree(join(folder, "policies"), join(copy, "policies"), isKept);
  await Promise.all([...packed].map(([file, text]) => writeFile(join(copy, file), text)));
  return createOpa(opaPath, copy);
}

/** Makes the packed text of each file of an area that can be packed. The first file of an area has all of its rules. */
export function packAreas(sources: readonly ParsedFile[]): ReadonlyMap<string, string> {
  const areas = groupBy(
    sources.filter(({ part }) => part === "area"),
    (source) => source.package,
  );
  return new Map(
    [...areas].flatMap(([name, files]) => {
      const rules = isPlain(files) ? formatRules(files) : undefined;
      if (rules === undefined) return [];
      return files.map(({ file }, at) => [file, `package ${name}\n${at === 0 ? rules : ""}`] as const);
    }),
  );
}

/** Tells whether the files of an area have nothing but rules of the right form and descriptions of them. */
function isPlain(files: readonly ParsedFile[]): boolean {
  const modules = files.map(({ module }) => module);
  const annotations = modules.flatMap((module) => [
    ...(module.annotations ?? []),
    ...(module.rules ?? []).flatMap((rule) => rule.annotations ?? []),
  ]);
  const ofPackage = modules.flatMap((module) => module.annotations ?? []).filter(({ scope }) => scope === "package");
  return (
    modules.every(({ imports = [] }) => imports.length === 0) &&
    annotations.every(isDescription) &&
    ofPackage.length <= 1 &&
    files.flatMap(checkArea).length === 0 &&
    checkDuplicates(files).length === 0
  );
}

/** The keys of METADATA that OPA compares with nothing. */
const DESCRIBING = [
  "scope",
  "title",
  "description",
  "custom",
  "authors",
  "organizations",
  "related_resources",
  "location",
];

function isDescription(annotation: Annotation): boolean {
  const isOfOne = annotation.scope === "package" || annotation.scope === "rule";
  return isOfOne && Object.keys(annotation).every((key) => DESCRIBING.includes(key));
}

/** Formats the rules of an area; gives undefined if a value is not of strings, sets and objects alone. */
function formatRules(files: readonly ParsedFile[]): string | undefined {
  const rules = files.flatMap(({ module }) => module.rules ?? []);
  const lines = [...groupBy(rules, kindOf)].map(([kind, list]) => {
    const entries = list.map(({ head }) => {
      const value = head.value && formatTerm(head.value);
      return value && `${JSON.stringify(head.ref[1]?.value)}: ${value}`;
    });
    return entries.includes(undefined) ? undefined : `\n${kind} := {${entries.join(",\n")}}\n`;
  });
  return lines.includes(undefined) ? undefined : lines.join("");
}

function kindOf({ head }: Rule): string {
  return String(head.ref[0]?.value);
}

/** Formats a literal of strings, sets and objects as Rego; gives undefined for others, which no rule has in its right form. */
function formatTerm(term: Term): string | undefined {
  switch (term.type) {
    case "string":
      return JSON.stringify(term.value);
    case "set": {
      const items = term.value.map(formatTerm);
      if (items.includes(undefined)) return undefined;
      return items.length === 0 ? "set()" : `{${items.join(",")}}`;
    }
    case "object": {
      const items = term.value.map((pair) => pair.map(formatTerm));
      return items.flat().includes(undefined) ? undefined : `{${items.map((pair) => pair.join(":")).join(",")}}`;
    }
    default:
      return undefined;
  }
}
