import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Opa } from "../opa/run.ts";
import { findRuleRows } from "./rule-rows.ts";
import { type Module, nameOfRule, type Rule } from "./syntax-tree.ts";

/** The part of a policy that a file belongs to, by its package. */
export type Part = "area" | "roles" | "conditions" | "invariants" | "library" | "engine" | "test" | "unknown";

/** A Rego file. */
export interface RegoFile {
  /** From the repository's root, with forward slashes. */
  readonly file: string;
  /** `access.orders` */
  readonly package: string;
  readonly part: Part;
}

/** A Rego file of the security team, with its syntax tree. */
export interface ParsedFile extends RegoFile {
  readonly module: Module;
}

/** Lists all Rego files below a folder, tests included, sorted. */
export async function listRego(root: string, folder: string): Promise<readonly RegoFile[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".rego"))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
  return Promise.all(
    files.map(async (file) => {
      const name = /^package\s+([^\s#;]+)/m.exec(await readFile(join(root, file), "utf8"))?.[1] ?? "";
      return { file, package: name, part: partOf(file, name) };
    }),
  );
}

/** Tells whether the security team writes a file. Tests don't count. */
export function isPolicy({ part }: RegoFile): boolean {
  return part !== "engine" && part !== "test" && part !== "unknown";
}

/**
 * Parses a Rego file.
 *
 * @throws If its syntax is wrong. `opa check` runs first and reports that.
 */
export async function parseFile(opa: Opa, file: RegoFile): Promise<ParsedFile> {
  const { succeeded, stdout, stderr } = await runParse(opa, file);
  if (!succeeded) throw new Error(`${file.file}: ${stderr || stdout}`);
  return { ...file, module: JSON.parse(stdout) as Module };
}

/** Parses a Rego file; gives undefined if its syntax is wrong. */
export async function tryParseFile(opa: Opa, file: RegoFile): Promise<ParsedFile | undefined> {
  const { succeeded, stdout } = await runParse(opa, file);
  return succeeded ? { ...file, module: JSON.parse(stdout) as Module } : undefined;
}

function runParse(opa: Opa, { file }: RegoFile, locations = "locations") {
  return opa("parse", "--format", "json", "--json-include", `${locations},-comments`, file);
}

/**
 * Parses a Rego file of a policy; gives undefined if its syntax is wrong. A tree with the place and source of every term is three
 * times as large and takes OPA twice as long, and most of a policy are areas, of which hardly anybody asks for more than the lines of
 * rules. So the terms of an area have no locations, if its lines can be found without OPA; {@link parseFile} gives all of them.
 *
 * @param root - The folder that OPA runs in.
 */
export async function parsePolicyFile(opa: Opa, root: string, file: RegoFile): Promise<ParsedFile | undefined> {
  if (file.part !== "area") return tryParseFile(opa, file);
  const rows = findRuleRows(await readFile(join(root, file.file), "utf8"));
  if (rows === undefined) return tryParseFile(opa, file);
  const { succeeded, stdout } = await runParse(opa, file, "-locations");
  if (!succeeded) return undefined;
  const module = JSON.parse(stdout) as Unlocated;
  const rules = (module.rules ?? []).map((rule, at) => ({ ...rule, location: { row: rows.rules[at]?.row ?? 1 } }));
  const isSame =
    rules.length === rows.rules.length && rules.every((rule, at) => nameOfRule(rule) === rows.rules[at]?.name);
  if (!isSame) return tryParseFile(opa, file);
  return { ...file, module: { ...module, package: { ...module.package, location: { row: rows.package } }, rules } };
}

/** A syntax tree without locations. */
interface Unlocated extends Omit<Module, "package" | "rules"> {
  readonly package: Omit<Module["package"], "location">;
  readonly rules?: readonly Omit<Rule, "location">[];
}

function partOf(file: string, name: string): Part {
  if (file.endsWith("_test.rego")) return /^\w+_test(\.|$)/.test(name) ? "test" : "unknown";
  if (file.startsWith("policies/engine/")) return /^engine(\.|$)/.test(name) ? "engine" : "unknown";
  if (name === "access.roles") return "roles";
  if (name === "access.conditions") return "conditions";
  if (name === "access.invariants") return "invariants";
  if (name === "access_lib") return "library";
  return /^access\.\w+$/.test(name) ? "area" : "unknown";
}
