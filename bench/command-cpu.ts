import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** A run of `rego-authorizer`. */
export interface CommandRun {
  /** The CPU time of the command and of all processes that it started, in seconds. */
  readonly cpuS: number;
  readonly exit: number;
  /** What it wrote on standard error. */
  readonly said: string;
}

const BIN = join(import.meta.dirname, "..", "bin", "rego-authorizer.cjs");

/** Runs a command and drops what it prints. The shell knows the CPU time of all processes below it. */
const SCRIPT = '"$@" >/dev/null; echo $?; times';

/** Runs `rego-authorizer` to its end, as a user does. */
export async function runCommand(args: readonly string[], cwd: string): Promise<CommandRun> {
  const command = ["-c", SCRIPT, "sh", process.execPath, BIN, ...args];
  const { stdout, stderr } = await promisify(execFile)("/bin/sh", command, { cwd, maxBuffer: 2 ** 26 });
  const [exit = "", , ofChildren = ""] = stdout.trim().split("\n");
  const times = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuS = times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
  return { cpuS, exit: Number(exit), said: stderr };
}
