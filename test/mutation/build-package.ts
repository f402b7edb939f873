import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { builtIn, createWorkspace } from "../../dev/workspace.ts";
import { TEST_POLICIES } from "../support/policies.ts";

declare module "vitest" {
  interface ProvidedContext {
    package: string;
  }
}

/** Builds the test policies before the first test, and removes the package after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const workspace = await createWorkspace(TEST_POLICIES);
  await builtIn(workspace.root);
  project.provide("package", join(workspace.root, "dist", "authorizer"));
  return async () => workspace[Symbol.asyncDispose]();
}
