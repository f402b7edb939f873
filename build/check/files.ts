import { variablesIn } from "../ast.ts";
import type { Problem } from "../problem.ts";
import { partOf, type Source } from "../sources.ts";

const ANNOTATION = "# METADATA\\n# schemas:\\n# - input: schema.input";

/** The packages whose references to input are checked against its schema; one file of a package says so for all. */
export function packagesWithSchema(sources: readonly Source[]): ReadonlySet<string> {
  return new Set(sources.filter(hasSchema).map((source) => source.package.join(".")));
}

/**
 * What can be said of a file as a whole: its package, and whether its references to input are checked.
 *
 * @param withSchema - See {@link packagesWithSchema}.
 */
export function checkFile(source: Source, withSchema: ReadonlySet<string>): readonly Problem[] {
  const { file, module } = source;
  const { row: line } = module.package.location;
  const name = source.package.join(".");
  const part = partOf(source);
  if (part === "unknown") {
    const rule = file.endsWith("_test.rego")
      ? "a test is in package access_test.<area> or engine_test, since access.<area> holds grants and denials only"
      : "a policy is in package access.<area>, access.roles, access.conditions or access_lib";
    return [{ file, line, message: `package ${name} is none of ours: ${rule}` }];
  }
  if (part === "area" || part === "roles" || part === "test") return [];
  if (!variablesIn(module.rules).includes("input") || withSchema.has(name)) return [];
  return [
    {
      file,
      line,
      message: `package ${name} reads input without a schema, so that a misspelt field would go unnoticed; put ${ANNOTATION} above it`,
    },
  ];
}

function hasSchema({ module }: Source): boolean {
  return (module.annotations ?? []).some(
    ({ scope, schemas }) =>
      scope === "package" &&
      schemas?.some(({ path, schema }) => path[0]?.value === "input" && schema?.map(({ value }) => value).join(".") === "schema.input"),
  );
}
