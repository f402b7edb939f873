import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { createStaging, type Staging } from "../staging.ts";
import { describeVersion, digestOf, readVersion } from "./executable.ts";
import { OPA_VERSION } from "./release.ts";
import type { Surroundings } from "./surroundings.ts";
import { obtain } from "./ways.ts";

/** Tells whether the OPA in a folder is still the one that was checked when it was installed. */
export function isIntact(folder: string): boolean {
  const path = join(folder, "opa");
  try {
    return readFileSync(`${path}.sha256`, "utf8") === digestOf(path);
  } catch {
    return false;
  }
}

/**
 * Installs OPA as `<folder>/opa`, with its digest beside it: the official release, or built by Go.
 *
 * It works in a folder of this process, with all caches, and moves the result into place as a whole. So two processes can
 * install at once, and an interrupted one leaves nothing that another could take for OPA, and no gigabyte of caches.
 *
 * @returns The path of the executable, or a text that says what to do.
 */
export async function installOpa(folder: string, surroundings: Surroundings): Promise<Result<string, string>> {
  const controller = new AbortController();
  const interrupted = () => {
    surroundings.progress.say("interrupted; removing what was made so far");
    controller.abort();
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    await using staging = await createStaging(dirname(folder), "installing");
    return await installInto(folder, staging, surroundings, controller.signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(
      `OPA ${OPA_VERSION} can't be installed in ${folder}: ${reason}. XDG_CACHE_HOME names another folder for it`,
    );
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    // By now the folder of this process is removed.
    if (controller.signal.aborted) process.exit(130);
  }
}

async function installInto(
  folder: string,
  staging: Staging,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const made = join(staging.path, "made");
  await mkdir(made);
  const path = join(made, "opa");
  const obtained = await obtain(path, join(staging.path, "work"), surroundings, signal);
  if (!obtained.ok) return obtained;
  const version = await readVersion(path);
  if (!version.ok || version.value !== OPA_VERSION) {
    return err(`the OPA that was installed ${describeVersion(version)}, not ${OPA_VERSION}; it was removed`);
  }
  await writeFile(`${path}.sha256`, digestOf(path));
  await rename(made, folder).catch(async () => {
    // Another process was faster, or the OPA in the folder is damaged.
    if (isIntact(folder)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  });
  surroundings.progress.say(`${OPA_VERSION} is ready in ${folder}`);
  return ok(join(folder, "opa"));
}
