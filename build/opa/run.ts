import { execFile } from "node:child_process";

/** What a run of OPA gave. */
export interface Output {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs OPA with some arguments, in the folder that all paths start from. */
export type Opa = (...args: readonly string[]) => Promise<Output>;

/**
 * @param path - Of the executable.
 * @param folder - File names are inside what OPA compiles: run from the sources' root, it is the same for everyone.
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
