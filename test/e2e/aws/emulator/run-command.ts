import { type ChildProcess, spawn } from "node:child_process";
import { err, ok, type Result } from "../../../../contract/result.ts";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs: number;
  /** Ends the command. */
  readonly signal: AbortSignal;
  /** Prints the output of the command, rather than collecting it for the error. */
  readonly shows?: boolean;
}

/** The number of output lines in the error of a command. */
const TAIL_LINES = 40;

/**
 * Runs a command in a process group of its own, so that it can be ended with all processes that it started.
 *
 * @returns Its output, or an error that ends with the last lines of it.
 */
export function runCommand(asked: Command): Promise<Result<string, string>> {
  const { command, args, environment, deadlineMs, signal, shows = false } = asked;
  const name = [command, ...args].slice(0, 3).join(" ");
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(err(`${name} was interrupted`));
    const output = shows ? "inherit" : "pipe";
    const child = spawn(command, args, { env: environment, stdio: ["ignore", output, output], detached: true });
    let text = "";
    let reason = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
    }
    const end = (why: string) => {
      reason = why;
      signalGroup(child, "SIGKILL");
    };
    const interrupted = () => end("was interrupted");
    const timer = setTimeout(() => end(`did not end in ${deadlineMs / 1000} s`), deadlineMs);
    signal.addEventListener("abort", interrupted);
    const finish = (code: number | null, problem?: string) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupted);
      if (code === 0 && reason === "") return resolve(ok(text));
      const what = problem ?? (reason || `ended with ${code}`);
      resolve(err([`${name} ${what}`, ...tailOf(text, TAIL_LINES)].join("\n  ")));
    };
    child.on("error", (error) => finish(null, `can't be run: ${error.message}`));
    child.on("close", (code) => finish(code));
  });
}

/** Signals a process that leads a group, and the group; tells whether any process of it still exists. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return child.pid !== undefined && process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

export function tailOf(text: string, lines: number): readonly string[] {
  return text.trimEnd().split("\n").slice(-lines);
}
