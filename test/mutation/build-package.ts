import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { build } from "../../build/build.ts";
import { createWorkspace } from "../../build/workspace.ts";
import { opaIn } from "../support/opa.ts";
import { TEST_POLICIES } from "../support/policies.ts";

declare module "vitest" {
  interface ProvidedContext {
    package: string;
  }
}

/** Builds the test policies before the first test, and removes what was built after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const workspace = await createWorkspace(TEST_POLICIES);
  const built = await build(await opaIn(workspace.root), workspace.root, undefined);
  if (!built.ok) throw new Error(built.error.join("\n"));
  project.provide("package", join(workspace.root, "dist", "authorizer"));
  return async () => workspace[Symbol.asyncDispose]();
}
