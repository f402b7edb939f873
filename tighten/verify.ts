import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { copyTree } from "../build/copy-tree.ts";
import { formatProblems } from "../build/policy/problem.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import type { IndexedGrant } from "../contract/policy-index.ts";

/** The result of reading the policy with all patches. */
export type Verified =
  | { readonly kind: "same" }
  /** The policy builds, with other grants than those that were proved: an error of the product. */
  | { readonly kind: "other grants"; readonly names: readonly string[] }
  /** The policy does not build, a line for each problem. */
  | { readonly kind: "problems"; readonly lines: readonly string[] };

/**
 * Reads the policy with all patches from a copy, as the build does, and compares its grants with those that the proof is about.
 *
 * @param copy - An empty folder for the copy.
 * @param files - The new texts of files, by their name in the assembly.
 */
export async function verifyPatches(
  opaPath: string,
  policies: string,
  copy: string,
  files: ReadonlyMap<string, string>,
  proved: Readonly<Record<string, IndexedGrant>>,
): Promise<Verified> {
  const present = await readdir(policies);
  for (const part of ["access", "data"].filter((one) => present.includes(one)))
    await copyTree(join(policies, part), join(copy, part));
  for (const [file, text] of files) await writeFile(join(copy, file.replace(/^policies\//, "")), text);
  const read = await readPolicy(opaPath, copy);
  if (!read.ok) {
    const problems = read.error.map((one) => ({ ...one, file: one.file.replace(copy, () => policies) }));
    return { kind: "problems", lines: formatProblems(problems) };
  }
  await using patched = read.value;
  const { grants } = patched.index;
  const names = [...new Set([...Object.keys(grants), ...Object.keys(proved)])].filter(
    (name) => !isDeepStrictEqual(sorted(grants[name]), sorted(proved[name])),
  );
  return names.length === 0 ? { kind: "same" } : { kind: "other grants", names };
}

/** Sorts the lists of a grant, whose order means nothing. */
function sorted(grant: IndexedGrant | undefined) {
  return grant && { ...grant, roles: [...grant.roles].sort(), verbs: [...grant.verbs].sort() };
}
