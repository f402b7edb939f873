import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PRODUCT_FOLDER } from "../../build/product.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Workspace } from "../../dev/workspace.ts";

/** The longest that a build may take here. */
const MAX_BUILD_S = 180;

/** Builds the policies of a workspace as the command does, in a process of its own; gives its folder `dist/`, or why there is none. */
export async function buildPackage({ root, policies }: Workspace): Promise<Result<string, string>> {
  const dist = join(root, "dist");
  const command = [join(PRODUCT_FOLDER, "bin/rego-authorizer.cjs"), "build", "--policies", policies, "--dist", dist];
  try {
    await promisify(execFile)(process.execPath, command, { timeout: MAX_BUILD_S * 1_000 });
    return ok(dist);
  } catch (error) {
    const { killed, stderr = "" } = error as { readonly killed?: boolean; readonly stderr?: string };
    if (killed === true) return err(`the build takes longer than ${MAX_BUILD_S} s`);
    const [first = ""] = stderr.replaceAll(`${root}/`, "").split("\n");
    // The place and what to do about it say nothing here.
    return err(`the build refuses: ${first.replace(/^\S+:\d+: /, "").replace(/; .*$/, "")}`);
  }
}
