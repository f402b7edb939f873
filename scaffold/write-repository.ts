import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createStaging, makeFolder } from "../build/staging.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { CompanyFiles } from "./company-files.ts";

/** Why a repository was not written. */
export type RepositoryError =
  | { readonly code: "folder.not_empty"; readonly names: readonly string[] }
  | { readonly code: "folder.not_writable"; readonly reason: string };

const PURPOSE = "initializing";

/** Matches the names that a folder may have in it: Git's own folder, and what a killed run has left. */
const MAY_BE_THERE = new RegExp(`^(\\.git|${PURPOSE}-\\d+-.*)$`);

/**
 * Writes a company's repository into a folder, which is made if it does not exist, and else must be empty; `.git` may be there.
 *
 * The files are written into a staging folder and moved from there. If anything fails, the folder is as it was before.
 */
export async function writeRepository(folder: string, files: CompanyFiles): Promise<Result<void, RepositoryError>> {
  const moved: string[] = [];
  let created: string | undefined;
  try {
    created = await makeFolder(folder);
    const names = (await readdir(folder)).filter((name) => !MAY_BE_THERE.test(name));
    if (names.length > 0) return err({ code: "folder.not_empty", names: names.sort() });
    await using staging = await createStaging(folder, PURPOSE);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(staging.path, file)), { recursive: true });
      await writeFile(join(staging.path, file), text);
    }
    for (const name of await readdir(staging.path)) {
      await rename(join(staging.path, name), join(folder, name));
      moved.push(join(folder, name));
    }
    return ok(undefined);
  } catch (error) {
    const made = created === undefined ? moved : [created];
    for (const path of made) await rm(path, { recursive: true, force: true }).catch(() => undefined);
    return err({ code: "folder.not_writable", reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Formats an error as a message that says what is wrong and what to do. */
export function formatRepositoryError(folder: string, error: RepositoryError): string {
  switch (error.code) {
    case "folder.not_empty": {
      const [shown, others] = [error.names.slice(0, 5), error.names.length - 5];
      const list = `${shown.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
      return `${folder} is not empty: it has ${list}; name a new folder, or an empty one. Nothing was written`;
    }
    case "folder.not_writable":
      return `${folder} can't be written: ${error.reason}; name another folder. Nothing was written`;
    default:
      return error satisfies never;
  }
}
