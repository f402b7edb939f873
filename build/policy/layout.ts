import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Problem } from "./problem.ts";

const BASE_DATA = /\.(json|ya?ml)$/;
/** What editors leave while a file is open, and what people write beside policies. */
const BESIDE = /^(\..*|.*~|#.*#|4913|.*\.(md|swp|tmp))$/;

/**
 * Looks at what is in a folder of policies before anything is read: what OPA would load and the build would not, or the
 * other way round, is a rule that is in force for one of them only.
 */
export async function checkLayout(policies: string): Promise<readonly Problem[]> {
  const problem = (file: string, message: string): Problem => ({ file, line: 1, message });
  for (const folder of ["policies", "policies/access"]) {
    const found = await lstat(join(policies, folder.replace(/^policies/, "."))).catch(() => undefined);
    if (found === undefined) return [problem(folder, "there is no such folder; it is where the policies are")];
    if (found.isSymbolicLink()) return [problem(folder, LINKED)];
  }
  const entries = await readdir(policies, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => ({ entry, file: toName(relative(policies, join(entry.parentPath, entry.name))) }))
    .sort((one, other) => (one.file < other.file ? -1 : 1))
    .flatMap(({ entry, file }) => {
      if (entry.isSymbolicLink()) return [problem(file, LINKED)];
      if (entry.isDirectory()) return /\.rego$/i.test(entry.name) ? [problem(file, FOLDER)] : [];
      if (entry.name.endsWith(".rego") || BESIDE.test(entry.name)) return [];
      if (file.startsWith("policies/schemas/")) return [];
      if (!file.startsWith("policies/data/")) return [problem(file, BASE_DATA.test(file) ? ELSEWHERE : NEITHER)];
      return BASE_DATA.test(file) ? [] : [problem(file, "base data is in files that end in .json, .yaml or .yml")];
    });
}

function toName(path: string): string {
  return `policies/${path.replaceAll("\\", "/")}`;
}

const LINKED = "is a symbolic link, which is not followed; put the file itself here";
const FOLDER = "is a folder with the name of a policy; OPA leaves out what is in it if it ends in _test.rego";
const ELSEWHERE = "grants, denials and roles are Rego, not data; base data that conditions read is in policies/data/";
const NEITHER = "is not read: the name of a policy ends in .rego, in small letters";
