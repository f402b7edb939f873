import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { findGitRoot } from "../analysis/compare/git-files.ts";
import type { PatchPlace } from "../tighten/report.ts";

/**
 * Finds the place where patches of policies apply: the root of their Git repository, which need not be the one of the current
 * folder; without a repository, the folder of policies.
 */
export async function findPatchPlace(policies: string): Promise<PatchPlace> {
  const folder = await realpath(policies);
  const root = await findGitRoot(folder);
  const top = root.ok ? root.value : folder;
  const toPosix = (path: string) => path.replaceAll("\\", "/");
  return {
    folder: toPosix(relative(await realpath(process.cwd()), top)) || ".",
    isRepository: root.ok,
    nameOf: (file) => toPosix(relative(top, join(folder, relative(policies, file)))),
  };
}
