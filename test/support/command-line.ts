import { execFile } from "node:child_process";
import { join } from "node:path";

/** The output of a command that a user runs. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a folder. */
export function run(
  program: string,
  args: readonly string[],
  folder: string,
  path = process.env["PATH"],
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: folder, env: { ...process.env, PATH: path } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ code: typeof code === "number" ? code : -1, stdout, stderr });
    });
  });
}

/** Runs `rego-authorizer` in a folder, as a user does. */
export function runAuthorizer(folder: string, ...args: readonly string[]): Promise<Ran> {
  return run(process.execPath, [join(import.meta.dirname, "../../cli/main.ts"), ...args], folder);
}
