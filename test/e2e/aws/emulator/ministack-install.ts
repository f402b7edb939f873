import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../../../build/opa/cache-folder.ts";
import { createStaging } from "../../../../build/staging.ts";
import { err, ok, type Result } from "../../../../contract/result.ts";
import { runCommand } from "./run-command.ts";

/** The version in `requirements.txt`, too. */
const MINISTACK_VERSION = "1.5.33";

const REQUIREMENTS = join(import.meta.dirname, "..", "requirements.txt");

/** The first Python for which the pinned packages suffice; 3.10 needs more packages. */
const LEAST_PYTHON = [3, 11] as const;

const PROGRESS_MS = 10_000;

/**
 * Finds the emulator in the user's cache folder, or installs it there, as a virtual environment.
 *
 * It is made in a folder of this process and moved into place as a whole, so that two processes can do it at once, and
 * an interrupted one leaves nothing that another could take for it.
 *
 * @returns The environment's Python, or what to do.
 */
export async function findMinistack(
  environment: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const folder = join(cacheFolder(environment), `ministack-${MINISTACK_VERSION}`);
  if (await isIntact(folder)) return ok(pythonOf(folder));
  const python = environment["PYTHON"] || "python3";
  const checked = await checkPython(python);
  if (!checked.ok) return checked;

  await using staging = await createStaging(dirname(folder), "emulator");
  say(`ministack ${MINISTACK_VERSION} is not on this machine; installing it with pip`);
  const startMs = Date.now();
  const timer = setInterval(() => say(`${((Date.now() - startMs) / 1000).toFixed(0)} s: installing`), PROGRESS_MS);
  try {
    const made = await runCommand({
      ...during(signal, environment),
      command: python,
      args: ["-m", "venv", staging.path],
    });
    if (!made.ok) return err(`${made.error}\n${adviceOf(made.error)}`);
    const installed = await runCommand({
      ...during(signal, environment),
      command: pythonOf(staging.path),
      args: [
        ...["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"],
        ...["--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS],
      ],
    });
    if (!installed.ok) return installed;
  } finally {
    clearInterval(timer);
  }
  await copyFile(REQUIREMENTS, join(staging.path, "requirements.txt"));
  await rename(staging.path, folder).catch(async () => {
    // Another process was faster, or the folder is damaged.
    if (await isIntact(folder)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(staging.path, folder);
  });
  say(`ministack ${MINISTACK_VERSION} is ready in ${folder}`);
  return ok(pythonOf(folder));
}

function pythonOf(folder: string): string {
  return join(folder, "bin", "python");
}

/** Tells whether the environment was installed from these requirements, and its Python still exists. */
async function isIntact(folder: string): Promise<boolean> {
  if (!existsSync(pythonOf(folder))) return false;
  try {
    const [installed, wanted] = await Promise.all([
      readFile(join(folder, "requirements.txt"), "utf8"),
      readFile(REQUIREMENTS, "utf8"),
      promisify(execFile)(pythonOf(folder), [
        "-c",
        "import cryptography.hazmat.primitives.asymmetric.rsa, ministack, samtranslator",
      ]),
    ]);
    return installed === wanted;
  } catch {
    return false;
  }
}

async function checkPython(python: string): Promise<Result<void, string>> {
  const [major, minor] = LEAST_PYTHON;
  const advice = `the emulator needs Python ${major}.${minor} or later: put it on the PATH as python3, or name it in PYTHON`;
  try {
    const { stdout } = await promisify(execFile)(python, ["-c", "import sys; print(*sys.version_info[:2])"]);
    const [is = 0, of = 0] = stdout.trim().split(" ").map(Number);
    return is > major || (is === major && of >= minor) ? ok(undefined) : err(`${python} is ${is}.${of}; ${advice}`);
  } catch {
    return err(`${python} can't be run; ${advice}`);
  }
}

function adviceOf(error: string): string {
  return error.includes("ensurepip")
    ? "this Python makes no environments: install python3-venv (Debian, Ubuntu), or name another in PYTHON"
    : "the emulator needs python3 -m venv";
}

function during(signal: AbortSignal, environment: Readonly<Record<string, string | undefined>>) {
  return { signal, environment, deadlineMs: 300_000 };
}
