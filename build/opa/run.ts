import { execFile } from "node:child_process";

/** The output of a run of OPA. */
export interface Output {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs OPA with some arguments, in the folder that all paths start from. */
export type Opa = (...args: readonly string[]) => Promise<Output>;

/**
 * Creates the function that runs OPA.
 *
 * @param path - The path of the executable.
 * @param folder - The root of the sources. OPA compiles file names into its output, so names from the root make the output
 *   the same for everyone.
 */
export function createOpa(path: string, folder: string): Opa {
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile(path, args, { cwd: folder, maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") reject(error);
        else resolve({ succeeded: error === null, stdout, stderr });
      });
    });
}
