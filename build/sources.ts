import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Module } from "./ast.ts";
import type { Opa } from "./opa-run.ts";

/** One Rego file, read. */
export interface Source {
  /** From the repository's root, with forward slashes. */
  readonly file: string;
  /** `["access", "orders"]` */
  readonly package: readonly string[];
  readonly module: Module;
}

/** What a file is to the build, by its package. */
export type Part = "area" | "roles" | "conditions" | "library" | "engine" | "test" | "unknown";

/** Rego files below a folder, sorted; tests among them. */
export async function listRego(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".rego"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1).replaceAll("\\", "/"))
    .sort();
}

/**
 * Parses a Rego file.
 *
 * @throws If it has a mistake in its syntax; `opa check` has reported it by then.
 */
export async function parseSource(opa: Opa, file: string): Promise<Source> {
  const { succeeded, stdout, stderr } = await opa("parse", "--format", "json", "--json-include", "locations,-comments", file);
  if (!succeeded) throw new Error(`${file}: ${stderr || stdout}`);
  const module = JSON.parse(stdout) as Module;
  const names = module.package.path.slice(1).map((term) => String(term.value));
  return { file, package: names, module };
}

/** What the file is to the build. */
export function partOf({ file, package: [root, name, ...rest] }: Source): Part {
  if (file.endsWith("_test.rego")) return root?.endsWith("_test") ? "test" : "unknown";
  if (root === "engine" && file.startsWith("policies/engine/")) return "engine";
  if (root === "access_lib" && name === undefined) return "library";
  if (root !== "access" || name === undefined || rest.length > 0) return "unknown";
  return name === "roles" || name === "conditions" ? name : "area";
}
