import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Built, build } from "../build/package/build.ts";
import { PRODUCT_PARTS, PRODUCT_POLICIES } from "../build/product.ts";
import { err, type Result } from "../contract/result.ts";
import { type ApiOptions, readApis } from "../openapi/api-options.ts";
import { foundOpa } from "./found-opa.ts";

/** A company's repository in a test: a folder with policies, which is built as a company would build it. */
export interface Workspace extends AsyncDisposable {
  readonly root: string;
  /** The folder of policies. */
  readonly policies: string;
  /** Writes policies, by their path from `policies/`. Other files stay. */
  readonly write: (policies: Readonly<Record<string, string>>) => Promise<void>;
}

/** Creates a workspace in the system's folder for temporary files. Disposing of it removes it. */
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

/** Creates a workspace with a copy of the engine, for a test that runs OPA there itself. */
export async function createEngineWorkspace(policies: Readonly<Record<string, string>>): Promise<Workspace> {
  const workspace = await createWorkspace(policies);
  for (const part of PRODUCT_PARTS) {
    await cp(join(PRODUCT_POLICIES, part), join(workspace.policies, part), { recursive: true });
  }
  return workspace;
}

/** The options of a build besides its policies. */
export interface WorkspaceOptions extends ApiOptions {
  /** The document of the only API. */
  readonly openApiFile?: string | undefined;
  readonly keySetsFile?: string | undefined;
  readonly issuersFile?: string | undefined;
}

/** Builds the policies of a workspace into its `dist/`. Problems name files from the workspace's root. */
export async function buildIn(root: string, options: WorkspaceOptions = {}): Promise<Result<Built, readonly string[]>> {
  const opaPath = await foundOpa();
  if (!opaPath.ok) return err([opaPath.error]);
  const { openApiFile: file } = options;
  const documents = file === undefined ? options.documents : [{ api: undefined, file }];
  const apis = await readApis({ ...options, documents });
  if (!apis.ok) return apis;
  const built = await build({
    opaPath: opaPath.value,
    policies: join(root, "policies"),
    dist: join(root, "dist"),
    keySetsFile: options.keySetsFile,
    issuersFile: options.issuersFile,
    derive: apis.value.derive,
    // The only API of a test may lack routes of the policy.
    routes: file === undefined ? apis.value.located?.routes : undefined,
    trailingSlash: options.trailingSlash,
  });
  return built.ok ? built : err(built.error.map((line) => line.replaceAll(`${root}/`, "")));
}

/**
 * Builds the policies of a workspace as {@link buildIn} does.
 *
 * @throws If the policies have a problem.
 */
export async function builtIn(root: string, options: WorkspaceOptions = {}): Promise<Built> {
  const built = await buildIn(root, options);
  if (!built.ok) throw new Error(built.error.join("\n"));
  return built.value;
}
