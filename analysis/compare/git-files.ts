import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { err, ok, type Result } from "../../contract/result.ts";

/** A folder at a commit. */
export interface GitFolder {
  /** The commit's hash. */
  readonly commit: string;
  /** The folder from the root of the repository, with forward slashes; empty for the root. */
  readonly folder: string;
  /** The contents of its files, by their paths from the folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a folder as it is at a Git ref: the committed bytes, without submodules and symbolic links.
 *
 * @param folder - A path on this machine. It need not exist any more.
 * @returns The files; or why there are none, and what to do.
 */
export async function readGitFolder(ref: string, folder: string): Promise<Result<GitFolder, string>> {
  const start = await findExisting(resolve(folder));
  const root = await findGitRoot(start);
  if (!root.ok)
    return err(`${ref} is neither a file nor a folder, and ${folder} is in no Git repository (${root.error})`);
  const top = root.value;
  const inside = relative(top, join(await realpath(start), relative(start, resolve(folder))))
    .split(sep)
    .join("/");
  // A name that starts with a dash would be an option.
  const named = ref.startsWith("-") ? err("") : await git(top, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  if (!named.ok) {
    return err(
      `${ref} is neither a file, nor a folder, nor a ref of the Git repository ${top}; in CI, fetch it first, as with fetch-depth: 0`,
    );
  }
  const commit = named.value.toString().trim();
  const listed = await git(top, ["ls-tree", "-r", "-z", "--full-tree", `${commit}:${inside}`]);
  if (!listed.ok)
    return err(`${ref} (${commit.slice(0, 12)}) has no folder ${inside}; name its policies with --policies`);
  const blobs = listed.value
    .toString()
    .split("\0")
    .flatMap((row) => {
      const [, id, path] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(row) ?? [];
      return id === undefined || path === undefined ? [] : [{ id, path }];
    });
  const contents = await git(top, ["cat-file", "--batch"], blobs.map(({ id }) => `${id}\n`).join(""));
  if (!contents.ok) return err(`the files of ${ref} can't be read: ${contents.error}`);
  const files = splitBatch(contents.value);
  return ok({
    commit,
    folder: inside,
    files: new Map(blobs.map(({ path }, at) => [path, files[at] ?? new Uint8Array()] as const)),
  });
}

/**
 * Finds the root of the Git repository that a folder is in.
 *
 * @returns Its path without symbolic links; or what Git says.
 */
export async function findGitRoot(folder: string): Promise<Result<string, string>> {
  const root = await git(folder, ["rev-parse", "--show-toplevel"]);
  return root.ok ? ok(await realpath(root.value.toString().trim())) : root;
}

/** Splits the output of `git cat-file --batch`: for each object a line that ends in its size, its bytes, and a line end. */
function splitBatch(output: Buffer): readonly Uint8Array[] {
  const files: Uint8Array[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const size = Number(output.toString("latin1", at, end).split(" ").at(-1));
    files.push(output.subarray(end + 1, end + 1 + size));
    at = end + size + 2;
  }
  return files;
}

/** Finds the nearest folder above a path that exists. */
async function findExisting(path: string): Promise<string> {
  const found = await realpath(path).then(
    () => true,
    () => false,
  );
  return found || dirname(path) === path ? path : findExisting(dirname(path));
}

function git(folder: string, args: readonly string[], input = ""): Promise<Result<Buffer, string>> {
  return new Promise((done) => {
    const options = { cwd: folder, maxBuffer: 2 ** 30, encoding: "buffer" } as const;
    const child = execFile("git", args, options, (error, stdout, stderr) => {
      if (error === null) done(ok(stdout));
      else done(err(stderr.toString().trim().split("\n")[0] || error.message));
    });
    child.stdin?.on("error", () => undefined).end(input);
  });
}
