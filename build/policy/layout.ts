import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { LOCK_FILE } from "../../contract/access-lock.ts";
import { CLAIMS_FILE } from "./declared-claims.ts";
import type { Problem, ProblemText } from "./problem.ts";

const BASE_DATA = /\.(json|ya?ml)$/;
/** The users of `rego-authorizer start`, which are not part of a policy. */
const USERS = "policies/users.yaml";
/** Matches temporary files of editors, and notes beside policies. */
const BESIDE = /^(\..*|.*~|#.*#|4913|.*\.(md|swp|tmp))$/;

/** The files beside `access/` and `data/` that the product reads. */
const KNOWN_FILES: ReadonlySet<string> = new Set([CLAIMS_FILE, USERS, `policies/${LOCK_FILE}`]);

/**
 * Checks the layout of a folder of policies before the build reads it. It finds files that OPA would load and the build would
 * not, or the other way round.
 */
export async function checkLayout(policies: string): Promise<readonly Problem[]> {
  const problem = (file: string, text: ProblemText): Problem => ({ ...text, file, line: 1 });
  for (const folder of ["policies", "policies/access"]) {
    const found = await lstat(join(policies, folder.replace(/^policies/, "."))).catch(() => undefined);
    if (found === undefined) return [problem(folder, MISSING)];
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
      if (file.startsWith("policies/schemas/") || KNOWN_FILES.has(file)) return [];
      if (!file.startsWith("policies/data/")) return [problem(file, BASE_DATA.test(file) ? ELSEWHERE : NEITHER)];
      return BASE_DATA.test(file) ? [] : [problem(file, FORMAT)];
    });
}

function toName(path: string): string {
  return `policies/${path.replaceAll("\\", "/")}`;
}

const MISSING: ProblemText = {
  code: "layout.missing_folder",
  message: "this folder does not exist, and the build reads the policies from it; create it, or name another folder",
};
const LINKED: ProblemText = {
  code: "layout.symbolic_link",
  message: "this is a symbolic link, which the build does not follow; put the file itself here",
};
const FOLDER: ProblemText = {
  code: "layout.folder_name",
  message:
    "this is a folder with the name of a policy, and OPA ignores its files if the name ends in _test.rego; rename it",
};
const ELSEWHERE: ProblemText = {
  code: "layout.data_elsewhere",
  message:
    "grants, denials and roles are Rego, not data; base data that conditions read belongs in data/, beside access/, so move the file",
};
const NEITHER: ProblemText = {
  code: "layout.unread_file",
  message: "the build does not read this file: the name of a policy ends in .rego, in lower case; rename or remove it",
};
const FORMAT: ProblemText = {
  code: "layout.data_format",
  message:
    "the build does not read this file: base data is in files that end in .json, .yaml or .yml; rename or remove it",
};
