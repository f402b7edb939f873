import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder with this engine and other policies; built and asked like the repository itself. */
export interface Workspace extends AsyncDisposable {
  readonly root: string;
  /** Writes policies, by their path from `policies/`; those of before that are not among them stay. */
  readonly write: (policies: Readonly<Record<string, string>>) => Promise<void>;
}

/** Makes one in the system's folder for temporary files; disposing of it removes it. */
export async function createWorkspace(policies: Readonly<Record<string, string>>): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), "rego-authorizer-"));
  const write: Workspace["write"] = async (files) => {
    for (const [file, text] of Object.entries(files)) {
      const path = join(root, "policies", file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  };
  for (const folder of ["engine", "schemas"]) {
    const source = join(import.meta.dirname, "..", "policies", folder);
    await cp(source, join(root, "policies", folder), { recursive: true });
  }
  await write(policies);
  return { root, write, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
