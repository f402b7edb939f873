import { once } from "node:events";
import { dirname, resolve, sep } from "node:path";
import { watch } from "chokidar";

/** The pause after the last change. Editors write a file in several steps. */
const SETTLED_MS = 100;

/** The watch on a folder and files. */
export interface Watch {
  /** Stops watching; resolves when the last call has ended. */
  readonly close: () => Promise<void>;
}

/**
 * Watches a folder and files, and calls back after changes, one call at a time.
 *
 * @param onChange - Called with the absolute paths that changed.
 * @returns When the watch is ready, so that no later change is missed.
 */
export async function watchFiles(
  folder: string,
  files: readonly string[],
  onChange: (paths: ReadonlySet<string>) => Promise<void>,
): Promise<Watch> {
  const wholes = [folder, ...files].map((path) => resolve(path));
  // An editor may remove a file and write it anew, which only a watch on its folder notices.
  const parents = files.map((file) => dirname(resolve(file)));
  const isWatched = (path: string) =>
    parents.includes(path) || wholes.some((whole) => path === whole || path.startsWith(`${whole}${sep}`));
  // Editors write backups, whose names end in `~`.
  const watcher = watch([...wholes, ...parents], {
    ignoreInitial: true,
    ignored: (path) => path.endsWith("~") || !isWatched(resolve(path)),
  });
  let changed = new Map<string, { readonly isNew: boolean }>();
  let settling: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  watcher.on("all", (event, name) => {
    const path = resolve(name);
    // Editors write a new file beside the old one, and then rename it. Such a file is not a change.
    if (event === "unlink" && changed.get(path)?.isNew === true) changed.delete(path);
    else changed.set(path, changed.get(path) ?? { isNew: event === "add" });
    clearTimeout(settling);
    settling = setTimeout(() => {
      const paths = new Set(changed.keys());
      changed = new Map();
      if (paths.size > 0) running = running.then(() => onChange(paths));
    }, SETTLED_MS);
  });
  await once(watcher, "ready");
  return {
    async close() {
      clearTimeout(settling);
      await watcher.close();
      await running;
    },
  };
}
