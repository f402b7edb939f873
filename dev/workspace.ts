import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findOpa } from "../build/opa/find.ts";
import { type Built, build } from "../build/package/build.ts";
import { PRODUCT_PARTS, PRODUCT_POLICIES } from "../build/product.ts";
import { err, type Result } from "../contract/result.ts";
import { type ApiOptions, readDerive } from "../openapi/api-options.ts";

/** A company's repository: a folder with policies in it, built and asked as theirs would be. */
export interface Workspace extends AsyncDisposable {
  readonly root: string;
  /** The folder of policies. */
  readonly policies: string;
  /** Writes policies, by their path from `policies/`; those of before that are not among them stay. */
  readonly write: (policies: Readonly<Record<string, string>>) => Promise<void>;
}

/** Makes one in the system's folder for temporary files; disposing of it removes it. */
export async function createWorkspace(policies: Readonly<Record<string, string>>): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), "rego-authorizer-"));
  const folder = join(root, "policies");
  const write: Workspace["write"] = async (files) => {
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  };
  await mkdir(join(folder, "access"), { recursive: true });
  await write(policies);
  return { root, policies: folder, write, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

/** A workspace with the engine in it, for a test that runs OPA there itself. */
export async function createEngineWorkspace(policies: Readonly<Record<string, string>>): Promise<Workspace> {
  const workspace = await createWorkspace(policies);
  for (const part of PRODUCT_PARTS) {
    await cp(join(PRODUCT_POLICIES, part), join(workspace.policies, part), { recursive: true });
  }
  return workspace;
}

/** What a build is told besides its policies. */
interface Told extends ApiOptions {
  readonly keySetsFile?: string | undefined;
}

/** Builds the policies of a workspace into its `dist/`. Files are named from its root. */
export async function buildIn(root: string, told: Told = {}): Promise<Result<Built, readonly string[]>> {
  const opaPath = await findOpa();
  if (!opaPath.ok) return err([opaPath.error]);
  const derive = await readDerive(told);
  if (!derive.ok) return derive;
  const built = await build({
    opaPath: opaPath.value,
    policies: join(root, "policies"),
    dist: join(root, "dist"),
    keySetsFile: told.keySetsFile,
    derive: derive.value,
  });
  return built.ok ? built : err(built.error.map((line) => line.replaceAll(`${root}/`, "")));
}

/** As {@link buildIn}, for policies that are without problems. */
export async function builtIn(root: string, told: Told = {}): Promise<Built> {
  const built = await buildIn(root, told);
  if (!built.ok) throw new Error(built.error.join("\n"));
  return built.value;
}
