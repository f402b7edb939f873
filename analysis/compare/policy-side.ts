import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { formatProblems } from "../../build/policy/problem.ts";
import { type CheckedPolicy, readPolicy } from "../../build/policy/read-policy.ts";
import { PRODUCT_PARTS } from "../../build/product.ts";
import { parsePolicyData } from "../../contract/policy-data.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { toCacheContract } from "../cache/contract.ts";
import { createIamDocuments } from "../iam/documents.ts";
import { toAccessPolicy, toRulePlaces } from "./access-policy.ts";
import { readGitFolder } from "./git-files.ts";
import { loadModuleOf } from "./load-module.ts";
import type { DerivedSide, EngineSide, Side } from "./side.ts";

/** Reads the policies in a folder. */
export async function readFolderSide(
  opaPath: string,
  label: string,
  policies: string,
): Promise<Result<Side, readonly string[]>> {
  const read = await readPolicy(opaPath, policies);
  if (!read.ok) return err([...formatProblems(read.error), `${label} does not build, so nothing was compared`]);
  return ok(toSide("folder", label, read.value, (file) => join(policies, file.replace(/^policies\//, ""))));
}

/** Reads the policies of a folder as they are at a Git ref. */
export async function readRefSide(
  opaPath: string,
  ref: string,
  policies: string,
): Promise<Result<Side, readonly string[]>> {
  const found = await readGitFolder(ref, policies);
  if (!found.ok) return err([found.error]);
  const root = await mkdtemp(join(tmpdir(), "rego-authorizer-ref-"));
  try {
    const folder = join(root, "policies");
    for (const [path, bytes] of found.value.files) {
      // The engine of this version decides, so an older one in the same folder says nothing about the policy.
      if (PRODUCT_PARTS.some((part) => path.startsWith(`${part}/`))) continue;
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    const read = await readPolicy(opaPath, folder);
    const at = `${ref}:${found.value.folder}`;
    if (!read.ok) {
      const lines = formatProblems(read.error).map((line) => line.replaceAll(folder, at));
      return err([...lines, `${ref} does not build, so nothing was compared`]);
    }
    return ok(toSide("ref", ref, read.value, (file) => file.replace(/^policies\//, `${at}/`)));
  } finally {
    // The checked policy has a copy of its own.
    await rm(root, { recursive: true, force: true });
  }
}

function toSide(kind: Side["kind"], label: string, policy: CheckedPolicy, nameFile: (file: string) => string): Side {
  const places = [...toRulePlaces(policy)].map(
    ([rule, { file, line }]) => [rule, { file: nameFile(file), line }] as const,
  );
  const parsed = parsePolicyData(JSON.parse(policy.data));
  const engine: EngineSide = {
    data: { index: policy.index, base: parsed.ok ? parsed.value.base : undefined },
    places: new Map(places),
    notices: policy.notices,
    derive: () => derive(policy),
    async loadModule() {
      const loaded = await loadModuleOf(policy);
      return loaded.ok ? loaded : err([`${label}: ${loaded.error}`]);
    },
  };
  return {
    label,
    kind,
    policy: toAccessPolicy(policy),
    knowsPublicRules: true,
    engine,
    [Symbol.asyncDispose]: () => policy[Symbol.asyncDispose](),
  };
}

function derive({ index, keyDependencies }: CheckedPolicy): DerivedSide {
  const contract = toCacheContract(index, keyDependencies, undefined, "request", "denied");
  if (!contract.ok) throw new Error(contract.error.join("; "));
  return { cacheContract: contract.value, iam: ok(createIamDocuments(index)) };
}
