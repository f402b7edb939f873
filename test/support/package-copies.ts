import { rmSync } from "node:fs";
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrailingSlash } from "../../contract/manifest.ts";
import { builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import type { TestIssuer } from "./tokens.ts";

/** A copy of a package, which a test may damage. */
export interface PackageCopy extends AsyncDisposable {
  /** The folder of the Lambda's code. */
  readonly folder: string;
}

/** The packages that this process has built, without keys. Building takes seconds, and the same policies give the same bytes. */
const builds = new Map<string, Promise<Workspace>>();

function builtOnce(policies: Readonly<Record<string, string>>, trailingSlash?: TrailingSlash): Promise<Workspace> {
  const key = JSON.stringify([policies, trailingSlash]);
  const known = builds.get(key);
  if (known !== undefined) return known;
  const built = createWorkspace(policies).then(async (workspace) => {
    process.once("exit", () => rmSync(workspace.root, { recursive: true, force: true }));
    await builtIn(workspace.root, { trailingSlash });
    return workspace;
  });
  builds.set(key, built);
  return built;
}

/** Copies the package of some policies, with the packed keys of some issuers. Disposing of it removes it. */
export async function copyPackage(
  policies: Readonly<Record<string, string>>,
  issuers: readonly TestIssuer[],
  trailingSlash?: TrailingSlash,
): Promise<PackageCopy> {
  const { root } = await builtOnce(policies, trailingSlash);
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-"));
  await cp(join(root, "dist", "authorizer"), folder, { recursive: true });
  if (issuers.length > 0) {
    const keySets = Object.fromEntries(issuers.map((one) => [one.issuer, one.jwks]));
    await writeFile(join(folder, "key-sets.json"), `${JSON.stringify(keySets)}\n`);
  }
  return { folder, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) };
}
