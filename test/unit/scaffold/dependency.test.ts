import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PRODUCT_VERSION } from "../../../contract/product-version.ts";
import { createWorkspace } from "../../../dev/workspace.ts";
import { readDependency } from "../../../scaffold/dependency.ts";

async function dependencyOf(resolved: unknown): Promise<string> {
  await using workspace = await createWorkspace({});
  const folder = join(workspace.root, "node_modules", "rego-authorizer");
  await mkdir(folder, { recursive: true });
  const lock = { packages: { "node_modules/rego-authorizer": { resolved } } };
  await writeFile(join(folder, "..", ".package-lock.json"), JSON.stringify(lock));
  return (await readDependency(folder)).replace(workspace.root, "");
}

it("a company depends on the version of the product that made its repository", async () => {
  expect(await dependencyOf("https://registry.npmjs.org/rego-authorizer/-/rego-authorizer-0.2.0.tgz")).toBe(
    PRODUCT_VERSION,
  );
  expect(await dependencyOf(undefined)).toBe(PRODUCT_VERSION);
  expect(await readDependency()).toBe(PRODUCT_VERSION);
});

it("a company depends on the tarball that the product was installed from", async () => {
  expect(await dependencyOf("file:packed/rego-authorizer.tgz")).toBe("file:/packed/rego-authorizer.tgz");
});
