import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PRODUCT_FOLDER } from "../../build/product.ts";

/** A copy of this package as a later version. Disposing of it removes it. */
export interface NextVersion extends AsyncDisposable {
  readonly folder: string;
}

/** Copies this package as version 99.0.0, so that `upgrade` has something to compare with. */
export async function createNextVersion(): Promise<NextVersion> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-next-"));
  const files = execFileSync("git", ["ls-files"], { cwd: PRODUCT_FOLDER, encoding: "utf8" }).trim().split("\n");
  for (const name of files.filter((one) => !/^(test|bench|dev|docs|\.)/.test(one))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await cp(join(PRODUCT_FOLDER, name), join(folder, name));
  }
  await symlink(join(PRODUCT_FOLDER, "node_modules"), join(folder, "node_modules"));
  const described = join(folder, "package.json");
  const text = await readFile(described, "utf8");
  await writeFile(described, text.replace(/"version": ".*"/, '"version": "99.0.0"'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
