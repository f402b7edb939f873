import type { ParsedFile, RegoFile } from "../rego/files.ts";
import { variablesIn } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";

/** Finds a file with a package that the engine does not read. */
export function checkPackage({ file, package: name, part }: RegoFile): readonly Problem[] {
  if (part !== "unknown") return [];
  const remedy = file.endsWith("_test.rego")
    ? "a test is in package access_test.<area> or engine_test"
    : "a policy is in package access.<area>, access.roles, access.conditions or access_lib";
  return [{ code: "package.unknown", file, line: 1, message: `the engine does not read package ${name}: ${remedy}` }];
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
