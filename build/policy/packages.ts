import type { ParsedFile, RegoFile } from "../rego/files.ts";
import { variablesIn } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";

/** Finds a file with a package that the engine does not read, and an area whose file has the name of another. */
export function checkPackage({ file, package: name, part }: RegoFile): readonly Problem[] {
  if (part === "area" || part === "invariants") return checkAreaName(file, name);
  if (part !== "unknown") return [];
  const remedy = file.endsWith("_test.rego")
    ? "a test is in package access_test.<area> or engine_test"
    : "a policy is in package access.<area>, access.roles, access.conditions, access.invariants or access_lib";
  return [{ code: "package.unknown", file, line: 1, message: `the engine does not read package ${name}: ${remedy}` }];
}

/**
 * Finds an area whose file has another name. Reasons, tests and reviews name the area by its package, and people look for it
 * by its file. An area of several files may have them in a folder of its name, or with its name in front.
 */
function checkAreaName(file: string, name: string): readonly Problem[] {
  const area = name.replace(/^access\./, "");
  const [own = "", ...folders] = file
    .replace(/\.rego$/, "")
    .replaceAll("-", "_")
    .split("/")
    .reverse();
  if (own === area || own.startsWith(`${area}_`) || folders.includes(area)) return [];
  const message = `this file is named ${own}, and its package is ${name}: one of the two is misspelt; name the file ${area}.rego, or write \`package access.${toAreaName(own)}\``;
  return [{ code: "package.other_name", file, line: 1, message }];
}

function toAreaName(file: string): string {
  return file.replace(/\W/g, "_");
}

/**
 * Finds packages that read input without naming its schema. One file of a package names it for all. Areas must not read
 * input, so they need no schema.
 */
export function checkSchemas(sources: readonly ParsedFile[]): readonly Problem[] {
  const withSchema = new Set(sources.filter(hasSchema).map((source) => source.package));
  return sources
    .filter(
      (source) =>
        source.part !== "area" && !withSchema.has(source.package) && variablesIn(source.module.rules).includes("input"),
    )
    .map(
      ({ file, package: name, module }): Problem => ({
        code: "package.missing_schema",
        file,
        line: module.package.location.row,
        message:
          `package ${name} reads input without naming its schema, so OPA would not find a misspelt field; ` +
          "put the lines `# METADATA`, `# schemas:` and `# - input: schema.input` above it",
      }),
    );
}

function hasSchema({ module }: ParsedFile): boolean {
  return (module.annotations ?? []).some(
    ({ scope, schemas }) =>
      scope === "package" &&
      schemas?.some(
        ({ path, schema }) =>
          path[0]?.value === "input" && schema?.map(({ value }) => value).join(".") === "schema.input",
      ),
  );
}
