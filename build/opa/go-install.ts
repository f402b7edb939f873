import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Environment } from "./executable.ts";
import { createGoReport, kindOf } from "./go-report.ts";
import { runProgram } from "./program.ts";
import type { Progress } from "./progress.ts";
import { OPA_VERSION } from "./release.ts";

/** The module of OPA, whose source Go's checksum database vouches for. */
export const OPA_MODULE = "github.com/open-policy-agent/opa";

/** The surroundings of `go install`. */
interface GoOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** A folder for Go's caches, which take 1 GB. The caller removes it. */
  readonly work: string;
}

/**
 * Builds OPA with `go install`. The user's own settings for Go stay in force.
 *
 * @param go - The path of `go`.
 * @param folder - The folder for the executable `opa`.
 * @returns The lines that go printed, if it fails.
 */
export async function goInstall(
  go: string,
  folder: string,
  { environment, signal, progress, work }: GoOptions,
): Promise<Result<void, readonly string[]>> {
  const temporary = join(work, "tmp");
  await mkdir(temporary, { recursive: true });
  const caches = toCaches(environment, work);
  const report = createGoReport(progress, caches["GOCACHE"] !== undefined);
  const timer = setInterval(report.tick, 1000);
  const built = await runProgram(
    go,
    [
      // -v names each package when it is compiled. Without -modcacherw the folders of modules could not be removed.
      ...["install", "-v", "-trimpath", "-ldflags", "-s -w"],
      ...(caches["GOMODCACHE"] === undefined ? [] : ["-modcacherw"]),
      `${OPA_MODULE}@v${OPA_VERSION}`,
    ],
    {
      // With GOOS or GOARCH, which are for the user's own programs, go would refuse GOBIN.
      environment: {
        ...environment,
        ...caches,
        ...{ GOBIN: folder, CGO_ENABLED: "0", GOTMPDIR: temporary, GOOS: undefined, GOARCH: undefined },
      },
      signal,
      onLine: report.read,
    },
  );
  clearInterval(timer);
  if (built.ok) return ok(undefined);
  const messages = built.error.filter((line) => kindOf(line) === "message");
  return err(messages.length > 0 ? messages : ["it failed"]);
}

/**
 * Puts Go's caches into a folder that is removed afterwards, unless the user has set where they are. A module cache that
 * has OPA already is used as it is: it may be all that a machine without a network has.
 */
function toCaches(environment: Environment, work: string): Readonly<Record<string, string>> {
  const isSet = (name: string) => (environment[name] ?? "") !== "";
  const [goPath = ""] = (environment["GOPATH"] || join(environment["HOME"] ?? "", "go")).split(delimiter);
  const cached = join(goPath, "pkg", "mod", "cache", "download", OPA_MODULE, "@v", `v${OPA_VERSION}.zip`);
  const keepsModules = isSet("GOMODCACHE") || isSet("GOPATH") || existsSync(cached);
  return {
    ...(!keepsModules && { GOPATH: join(work, "go"), GOMODCACHE: join(work, "go", "pkg", "mod") }),
    ...(!isSet("GOCACHE") && { GOCACHE: join(work, "build") }),
  };
}
