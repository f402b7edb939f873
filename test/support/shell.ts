import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs lines in a shell, as a user who pastes them, and gives their output. */
export async function runShell(lines: string): Promise<string> {
  return (await promisify(execFile)("bash", ["-c", lines])).stdout;
}
