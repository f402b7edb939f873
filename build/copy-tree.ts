import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Copies the files of a folder, and of those below it, into a new folder.
 *
 * The folders of the copy can be written, whatever the modes of the original are. With Node's `cp` they would keep the modes, so
 * that a copy of a read-only folder could be neither used nor removed.
 *
 * @param isWanted - Whether a file is copied; default: all files.
 */
export async function copyTree(
  from: string,
  to: string,
  isWanted: (file: string) => boolean = () => true,
): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target, isWanted);
    else if (isWanted(source)) await copyFile(source, target);
  }
}
