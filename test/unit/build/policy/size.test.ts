import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkFolder } from "../../../../build/policy/read-policy.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "size-"));
  await mkdir(join(folder, "access", "area"), { recursive: true });
  await writeFile(
    join(folder, "access", "roles.rego"),
    `package access.roles\n\ncustomer := {"groups": {"Customers"}}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes grants into one file and denials into another, and a test that names as many again. */
async function codesOf(grants: number, denials: number): Promise<readonly string[]> {
  const list = (count: number, toRule: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => toRule(at)).join("\n");
  const toGrant = (at: number) => `grants["a${at}"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/a${at}"}`;
  const toDenial = (at: number) => `denials.b${at} := {"verbs": {"GET"}, "path": "/b${at}"}`;
  await writeFile(join(folder, "access", "a.rego"), `package access.a\n\n${list(grants, toGrant)}\n`);
  await writeFile(join(folder, "access", "area", "b.rego"), `package access.b\n\n${list(denials, toDenial)}\n`);
  await writeFile(join(folder, "access", "a_test.rego"), `package access_test\n\n${list(grants, toGrant)}\n`);
  return (await checkFolder(folder)).map(({ code, message }) => `${code}: ${message}`);
}

it("a policy has at most 20,000 grants and denials, those of all areas together", async () => {
  expect(await codesOf(15_000, 5_000)).toEqual([]);
});

it("more are refused at once, with their number and the memory that they would need", async () => {
  expect(await codesOf(95_000, 5_000)).toEqual([
    "layout.too_many_rules: the policy has 100000 grants and denials, and at most 20000 are built: to list the entitlements " +
      "of all of them, the module would need 850 MB of memory and, with long paths and several conditions, half as much again, " +
      "where it has at most 268; write one rule for paths that differ in a parameter, or one " +
      "policy for each API",
  ]);
});
