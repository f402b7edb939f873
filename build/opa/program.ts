import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Environment } from "./executable.ts";

/** The settings of a run. */
interface ProgramOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Gets each line of standard error. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end. If it is aborted, it gets SIGINT, so that it can clean up, and the run ends when it has.
 *
 * @returns The lines of its standard error if it fails.
 */
export function runProgram(
  path: string,
  args: readonly string[],
  { environment, signal, onLine }: ProgramOptions,
): Promise<Result<void, readonly string[]>> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(path, args, {
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
      signal,
      killSignal: "SIGINT",
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.trim() === "") return;
      lines.push(line.trim());
      onLine?.(line.trim());
    });
    child.on("error", (error) => {
      // An aborted child emits "close" when it has ended.
      if (error.name !== "AbortError") resolve(err([`${path} can't be run`]));
    });
    child.on("close", (code) => resolve(code === 0 ? ok(undefined) : err(lines)));
  });
}
