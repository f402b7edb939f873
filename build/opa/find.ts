import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { PRODUCT_FOLDER } from "../product.ts";
import { cacheFolder } from "./cache-folder.ts";
import { describeVersion, isClose, listOnPath, readVersion } from "./executable.ts";
import { installOpa, isIntact } from "./install.ts";
import { findInPackage } from "./npm-package.ts";
import { createProgress } from "./progress.ts";
import { OPA_VERSION, RELEASES } from "./release.ts";
import type { Surroundings } from "./surroundings.ts";
import { tryOpa } from "./trial.ts";

const HERE: Surroundings = {
  environment: process.env,
  release: RELEASES[`${process.platform}-${process.arch}`],
  progress: createProgress(process.stderr, "opa: "),
  packageFolder: PRODUCT_FOLDER,
};

/**
 * Finds OPA in `$OPA`, the `PATH`, the npm package for this platform or the user's cache folder; else installs it.
 *
 * An OPA of the same minor version is used if somebody named it in `$OPA`, or if it is on the `PATH` and there is no exact
 * one, and only if the engine's tests pass in it.
 *
 * @returns The path of the executable, or a text that says what to do.
 */
export async function findOpa(surroundings = HERE): Promise<Result<string, string>> {
  const { environment, progress } = surroundings;
  const named = environment["OPA"];
  if (named !== undefined && named !== "") return useNamed(named, surroundings);

  const close: string[] = [];
  for (const path of listOnPath("opa", environment)) {
    const version = await readVersion(path);
    if (version.ok && version.value === OPA_VERSION) return ok(path);
    if (isClose(version)) close.push(path);
    else progress.say(`${path} ${describeVersion(version)}; looking for ${OPA_VERSION}`);
  }
  const packed = findInPackage(surroundings.packageFolder);
  if (packed !== undefined) {
    const version = await readVersion(packed);
    if (version.ok && version.value === OPA_VERSION) return ok(packed);
    progress.say(`${packed} ${describeVersion(version)}; looking for ${OPA_VERSION}`);
  }
  const folder = join(cacheFolder(environment), `opa-${OPA_VERSION}`);
  if (isIntact(folder)) return ok(join(folder, "opa"));
  for (const path of close) {
    const used = await useClose(path, surroundings);
    if (used.ok) return used;
    progress.say(used.error);
  }
  return installOpa(folder, surroundings);
}

async function useNamed(named: string, surroundings: Surroundings): Promise<Result<string, string>> {
  const { environment } = surroundings;
  // OPA runs in another folder. A bare name is looked for as a shell would do it.
  const [onPath] = existsSync(named) || named.includes("/") ? [] : listOnPath(named, environment);
  const path = onPath ?? resolve(named);
  const version = await readVersion(path);
  if (version.ok && version.value === OPA_VERSION) return ok(path);
  const remedy = `set OPA to the path of OPA ${OPA_VERSION}, or unset it`;
  if (!isClose(version)) return err(`OPA=${named} ${describeVersion(version)}; ${remedy}`);
  const used = await useClose(path, surroundings);
  return used.ok ? used : err(`OPA=${named}: ${used.error}; ${remedy}`);
}

/** Uses an OPA of a close version, with a warning, if the engine's tests pass in it. */
async function useClose(path: string, { environment, progress }: Surroundings): Promise<Result<string, string>> {
  const version = describeVersion(await readVersion(path));
  const tried = await tryOpa(path, environment, () =>
    progress.say(`${path} ${version}, not ${OPA_VERSION}; running the engine's tests in it, once`),
  );
  if (!tried.ok) return err(`${path} ${version}, not ${OPA_VERSION}, and ${tried.error}`);
  progress.say(
    `warning: ${path} ${version}, not ${OPA_VERSION}; the engine's tests pass in it, so it is used, but ` +
      `what it builds can differ in its bytes and its revision from what ${OPA_VERSION} builds`,
  );
  return ok(path);
}
