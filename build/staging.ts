import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** A folder of this process alone. Files are made in it and then moved into place as a whole. */
export interface Staging extends AsyncDisposable {
  readonly path: string;
}

/** A program that was interrupted may still write into the folder for a moment. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5 };

/**
 * Creates a staging folder in `parent`, and removes those of killed processes. Disposing of it removes it.
 *
 * @param purpose - The start of the folder's name, such as `building`.
 */
export async function createStaging(parent: string, purpose: string): Promise<Staging> {
  await makeFolder(parent);
  for (const name of await readdir(parent)) {
    const [, prefix, pid] = /^([a-z-]+)-(\d+)-/.exec(name) ?? [];
    if (prefix !== purpose || isAlive(Number(pid))) continue;
    // In a folder for everybody's temporary files, it may be another user's.
    await rm(join(parent, name), REMOVAL).catch(() => undefined);
  }
  const path = await mkdtemp(join(parent, `${purpose}-${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, REMOVAL) };
}

/**
 * Makes a folder, and those above it that do not exist. `mkdir` with `recursive` never returns for a folder below one in which
 * nobody can make any, such as `/proc`.
 *
 * @returns The topmost folder that was made; undefined if the folder existed.
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const isThere = await stat(folder).then(
    () => true,
    (error: unknown) => !(error instanceof Error && "code" in error && error.code === "ENOENT"),
  );
  if (isThere) return undefined;
  const above = await makeFolder(dirname(resolve(folder)));
  await mkdir(folder).catch((error: unknown) => {
    // Another process was faster.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  });
  return above ?? folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
