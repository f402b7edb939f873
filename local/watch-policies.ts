import { once } from "node:events";
import { watch } from "chokidar";

/** The pause after the last change. Editors write a file in several steps. */
const SETTLED_MS = 100;

/** The watch on a folder. */
export interface Watch {
  /** Stops watching; resolves when the last call has ended. */
  readonly close: () => Promise<void>;
}

/**
 * Watches a folder and calls back after changes, one call at a time.
 *
 * @returns When the watch is ready, so that no later change is missed.
 */
export async function watchPolicies(folder: string, onChange: () => Promise<void>): Promise<Watch> {
  // Editors write backups, whose names end in `~`.
  const watcher = watch(folder, { ignoreInitial: true, ignored: (path) => path.endsWith("~") });
  let settling: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  watcher.on("all", () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      running = running.then(onChange);
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
