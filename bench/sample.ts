import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { Built } from "../build/package/build.ts";
import { builtIn, createWorkspace } from "../dev/workspace.ts";

/** Builds the sample policy of this repository in a folder of its own. */
export async function buildSample(): Promise<Built> {
  await using workspace = await createWorkspace({});
  await cp(join(import.meta.dirname, "../policies/access"), join(workspace.policies, "access"), { recursive: true });
  return await builtIn(workspace.root);
}
