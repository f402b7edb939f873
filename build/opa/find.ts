import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { cacheFolder } from "./cache-folder.ts";
import { describeVersion, installOpa, isIntact, type Surroundings, versionOf } from "./install.ts";
import { OPA_VERSION, RELEASES } from "./release.ts";

const HERE: Surroundings = {
  environment: process.env,
  release: RELEASES[`${process.platform}-${process.arch}`],
  say: (line) => process.stderr.write(`opa: ${line}\n`),
};

/**
 * Finds OPA in `$OPA`, the `PATH` or the user's cache folder; else downloads the official release, or runs `go install`.
 *
 * @returns The path of the executable, or a line that says what to do.
 */
export async function findOpa(surroundings = HERE): Promise<Result<string, string>> {
  const { environment, say } = surroundings;
  const named = environment["OPA"];
  if (named !== undefined && named !== "") {
    const version = await versionOf(named);
    return version === OPA_VERSION
      ? ok(named)
      : err(`OPA=${named} ${describeVersion(version)}; set OPA to OPA ${OPA_VERSION}, or unset it`);
  }
  for (const folder of (environment["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "opa");
    if (folder === "" || !existsSync(path)) continue;
    const version = await versionOf(path);
    if (version === OPA_VERSION) return ok(path);
    say(`${path} ${describeVersion(version)}; looking for ${OPA_VERSION}`);
  }
  const folder = join(cacheFolder(environment), `opa-${OPA_VERSION}`);
  return isIntact(folder) ? ok(join(folder, "opa")) : installOpa(folder, surroundings);
}
