import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A folder of this process alone, in which something is made before it is moved into place as a whole. */
export interface Staging extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes one in `parent`, and removes those that processes left there which were killed. Disposing of it removes it.
 *
 * @param purpose - The start of its name, such as `building`.
 */
export async function createStaging(parent: string, purpose: string): Promise<Staging> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const [, of, pid] = /^([a-z]+)-(\d+)-/.exec(name) ?? [];
    if (of === purpose && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
  const path = await mkdtemp(join(parent, `${purpose}-${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
