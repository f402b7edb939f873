import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { cacheFolder } from "./cache-folder.ts";
import { installOpa, isIntact, type Surroundings, versionOf } from "./install.ts";
import { OPA_VERSION, RELEASES } from "./release.ts";

const HERE: Surroundings = {
  environment: process.env,
  release: RELEASES[`${process.platform}-${process.arch}`],
  say: (line) => process.stderr.write(`opa: ${line}\n`),
};

/**
 * Finds OPA, or gets it: `$OPA`, `PATH`, the user's cache folder; then the official release, then `go install`.
 *
 * @returns The path of the executable, or one line that says what to do.
 */
export async function findOpa(surroundings = HERE): Promise<Result<string, string>> {
  const { environment, say } = surroundings;
  const named = environment["OPA"];
  if (named !== undefined && named !== "") {
    const version = await versionOf(named);
    return version === OPA_VERSION ? ok(named) : err(`OPA=${named} ${described(version)}; ${OPA_VERSION} is needed`);
  }
  for (const folder of (environment["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "opa");
    if (folder === "" || !existsSync(path)) continue;
    const version = await versionOf(path);
    if (version === OPA_VERSION) return ok(path);
    say(`${path} ${described(version)}; looking for ${OPA_VERSION}`);
  }
  const folder = join(cacheFolder(environment), `opa-${OPA_VERSION}`);
  return isIntact(folder) ? ok(join(folder, "opa")) : installOpa(folder, surroundings);
}

function described(version: string | undefined): string {
  return version === undefined ? "can't be run" : `is version ${version}`;
}
