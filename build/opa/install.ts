import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { err, ok, type Result } from "../../contract/result.ts";
import { createStaging } from "../staging.ts";
import { fetchRelease, OPA_VERSION, type Release } from "./release.ts";

/** The surroundings that OPA is looked for and installed in. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The official release; undefined if this platform has none. */
  readonly release: Release | undefined;
  /** Prints a line about the progress. */
  readonly say: (line: string) => void;
}

/** The time between two lines of a long installation. */
const PROGRESS_MS = 10_000;

const REMEDY = `Put OPA ${OPA_VERSION} on the PATH, name its path in the variable OPA, or install Go (https://go.dev/dl)`;

/** Runs an executable for its version; undefined if it can't be run or is not OPA. */
export async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ["version"]);
    return /^Version: (\S+)$/m.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Describes what {@link versionOf} gave, as the end of a sentence. */
export function describeVersion(version: string | undefined): string {
  return version === undefined ? "can't be run" : `is version ${version}`;
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
 * Installs OPA as `<folder>/opa`, with its digest beside it.
 *
 * It works in a folder of this process and moves the result into place as a whole. So two processes can install at once,
 * and an interrupted one leaves nothing that another could take for OPA.
 *
 * @returns The path of the executable, or a line that says what to do.
 */
export async function installOpa(folder: string, surroundings: Surroundings): Promise<Result<string, string>> {
  await using staging = await createStaging(dirname(folder), "installing");
  const controller = new AbortController();
  const interrupted = () => {
    controller.abort();
    rmSync(staging.path, { recursive: true, force: true });
    process.exit(130);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const path = join(staging.path, "opa");
    const fetched = await downloadOrBuild(path, surroundings, controller.signal);
    if (!fetched.ok) return fetched;
    const version = await versionOf(path);
    if (version !== OPA_VERSION) {
      return err(`the OPA that was installed ${describeVersion(version)}, not ${OPA_VERSION}. ${REMEDY}`);
    }
    await writeFile(`${path}.sha256`, digestOf(path));
    await rename(staging.path, folder).catch(async () => {
      // Another process was faster, or the OPA in the folder is damaged.
      if (isIntact(folder)) return;
      await rm(folder, { recursive: true, force: true });
      await rename(staging.path, folder);
    });
    surroundings.say(`${OPA_VERSION} is ready in ${folder}`);
    return ok(join(folder, "opa"));
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

async function downloadOrBuild(
  path: string,
  { environment, release, say }: Surroundings,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  let saidMs = Date.now();
  const saySometimes = (line: string) => {
    if (Date.now() - saidMs < PROGRESS_MS) return;
    saidMs = Date.now();
    say(line);
  };
  if (release?.sha256 !== undefined) say(`${OPA_VERSION} is not on this machine; downloading ${release.url}`);
  const fetched =
    release === undefined
      ? err("no release for this platform")
      : await fetchRelease(release, path, (bytes) => saySometimes(`${(bytes / 1e6).toFixed(0)} MB so far`));
  if (fetched.ok) return fetched;

  say(`not using the official release ${OPA_VERSION}: ${fetched.error}`);
  const hasGo = (environment["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, "go")));
  if (hasGo) say("building it with go install instead, which takes some minutes the first time");
  const built = hasGo
    ? await goInstall(dirname(path), environment, saySometimes, signal)
    : err("go is not on the PATH");
  if (built.ok) return built;
  return err(`OPA ${OPA_VERSION} not found. Official release: ${fetched.error}. go install: ${built.error}. ${REMEDY}`);
}

function goInstall(
  folder: string,
  environment: Surroundings["environment"],
  saySometimes: (line: string) => void,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  const startMs = Date.now();
  return new Promise((resolve) => {
    const child = spawn("go", ["install", "-trimpath", `github.com/open-policy-agent/opa@v${OPA_VERSION}`], {
      env: { ...environment, GOBIN: folder, CGO_ENABLED: "0" },
      stdio: ["ignore", "ignore", "pipe"],
      signal,
    });
    let last = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      last = text.trim().split("\n").at(-1) ?? last;
    });
    const timer = setInterval(() => {
      const elapsed = ((Date.now() - startMs) / 1000).toFixed(0);
      saySometimes(`${elapsed} s: ${last.includes("downloading") ? last : "compiling"}`);
    }, 1000);
    const end = (result: Result<void, string>) => {
      clearInterval(timer);
      resolve(result);
    };
    child.on("error", () => end(err("go can't be run")));
    child.on("close", (code) => end(code === 0 ? ok(undefined) : err(last === "" ? "it failed" : last)));
  });
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
