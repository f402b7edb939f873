import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { err, ok, type Result } from "../../contract/result.ts";
import { OPA_VERSION } from "./release.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Lists the executables of a name on the `PATH`, in its order, as absolute paths. */
export function listOnPath(name: string, environment: Environment): readonly string[] {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => resolve(folder, name)).filter((path) => findObstacle(path) === undefined);
}

/** Finds the reason why a path can't be executed, as the end of a sentence about it. */
function findObstacle(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return "does not exist";
  if (!stats.isFile())
    return stats.isDirectory() ? `is a folder; the executable may be ${join(path, "opa")}` : "is not a file";
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return "is not executable; chmod +x makes it so";
  }
}

/**
 * Runs an executable of OPA for its version.
 *
 * @returns The version, or the end of a sentence about the path.
 */
export async function readVersion(path: string): Promise<Result<string, string>> {
  try {
    const obstacle = findObstacle(path);
    if (obstacle !== undefined) return err(obstacle);
    const { stdout } = await promisify(execFile)(path, ["version"]);
    const [, version] = /^Version: (\S+)$/m.exec(stdout) ?? [];
    return version === undefined ? err("can be run, but is not OPA: it does not tell its version") : ok(version);
  } catch {
    return err("can't be run");
  }
}

/** Describes what {@link readVersion} gave, as the end of a sentence about the path. */
export function describeVersion(version: Result<string, string>): string {
  return version.ok ? `is version ${version.value}` : version.error;
}

/** Tells whether a version has the minor version of the one that is needed, as 1.22.9 has for 1.22.2. */
export function isClose(version: Result<string, string>): boolean {
  const toMinor = (text: string) => /^(\d+\.\d+)\.\d+$/.exec(text)?.[1];
  return version.ok && toMinor(version.value) === toMinor(OPA_VERSION);
}

/** Computes the SHA-256 of a file, in hex. */
export function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
