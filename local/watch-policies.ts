import { once } from "node:events";
import { watch } from "chokidar";

/** Editors write a file in several steps, of which the last one counts. */
const SETTLED_MS = 100;

/** A folder that is being watched. */
export interface Watch {
  /** Resolves once the last call is through. */
  readonly close: () => Promise<void>;
}

/**
 * Calls back after changes in a folder, one call at a time.
 *
 * @returns Once every change from now on will be seen.
 */
export async function watchPolicies(folder: string, onChange: () => Promise<void>): Promise<Watch> {
  // Backups of editors are no policies.
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
