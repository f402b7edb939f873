import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { copyTree } from "../../../build/copy-tree.ts";
import { createWorkspace } from "../../../dev/workspace.ts";

it("the folders of a copy can be written, though those of the original can't", async () => {
  await using workspace = await createWorkspace({});
  const [from, to] = ["from", "to"].map((name) => join(workspace.root, name)) as [string, string];
  await mkdir(join(from, "below"), { recursive: true });
  await writeFile(join(from, "a.rego"), "package a\n", { mode: 0o444 });
  await writeFile(join(from, "below", "b_test.rego"), "package b\n");
  await chmod(join(from, "below"), 0o555);
  await chmod(from, 0o555);
  await copyTree(from, to, (file) => !file.endsWith("_test.rego"));
  // Whoever may do everything could write into a read-only folder, too, so the modes are compared.
  const modes = await Promise.all(
    [from, to, join(to, "below")].map(async (folder) => (await stat(folder)).mode & 0o200),
  );
  expect(modes).toEqual([0, 0o200, 0o200]);
  expect([await readdir(to), await readdir(join(to, "below"))]).toEqual([["a.rego", "below"], []]);
  expect(await readFile(join(to, "a.rego"), "utf8")).toBe("package a\n");
  await chmod(from, 0o755);
  await chmod(join(from, "below"), 0o755);
});
