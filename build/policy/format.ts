import type { Opa } from "../opa/run.ts";
import { listRego } from "../rego/files.ts";
import type { Assembly } from "./assembly.ts";
import type { Problem } from "./problem.ts";

/** Finds the files of a company, tests included, that `opa fmt` would write in another way. */
export async function checkFormatOfAll({ opa, folder }: Assembly): Promise<readonly Problem[]> {
  const files = (await listRego(folder, "policies")).map(({ file }) => file);
  return checkFormat(
    opa,
    files.filter((file) => file.startsWith("policies/access/")),
  );
}

/** Finds the files that `opa fmt` would write in another way. Their syntax must be right. */
export async function checkFormat(opa: Opa, files: readonly string[]): Promise<readonly Problem[]> {
  if (files.length === 0) return [];
  const { stdout } = await opa("fmt", "--list", ...files);
  const listed = new Set(stdout.split("\n"));
  return files
    .filter((file) => listed.has(file))
    .map((file): Problem => ({ code: "format.differs", file, line: 1, message: MESSAGE }));
}

const MESSAGE =
  "opa fmt would write this file in another way, and a review should show changes of meaning only; run `rego-authorizer opa fmt --write` with the folder of policies";
