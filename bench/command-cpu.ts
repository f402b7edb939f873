import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a command, drops what it prints, and tells the CPU time of its descendants and its exit code. */
const SCRIPT = '"$0" "$@" >/dev/null; code=$?; times; echo $code';

/**
 * Runs a command to its end.
 *
 * @returns The CPU time in seconds, user and system, of the process and of all that it started.
 * @throws If its exit code is not one of the expected. The message is what it wrote on standard error.
 */
export async function measureCommand(
  command: readonly [program: string, ...args: string[]],
  {
    expected = [0],
    env = {},
  }: { readonly expected?: readonly number[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<number> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
  const { stdout, stderr } = await promisify(execFile)("/bin/sh", ["-c", SCRIPT, ...command], options);
  const [, descendants = "", code = ""] = stdout.trim().split("\n");
  if (!expected.includes(Number(code))) throw new Error(`${command.join(" ")} ends with ${code}:\n${stderr}`);
  return descendants
    .split(" ")
    .map(toSeconds)
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Parses a time of the shell's `times`, such as `1m2.5s`. */
function toSeconds(text: string): number {
  const [minutes, seconds] = text.replace("s", "").split("m");
  return Number(minutes) * 60 + Number(seconds);
}
