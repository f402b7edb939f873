import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { copyTree } from "../copy-tree.ts";
import { createOpa, type Opa } from "../opa/run.ts";
import { PRODUCT_PARTS, PRODUCT_POLICIES } from "../product.ts";
import type { Problem } from "./problem.ts";

/**
 * A company's policies and the product's engine in one folder, which OPA runs in.
 *
 * OPA compiles file names into its output. In this folder they are the same on every machine, whatever the company's folder
 * is called: `policies/access/orders.rego`.
 */
export interface Assembly extends AsyncDisposable {
  /** Has `policies/access`, `policies/data` if there is base data, `policies/engine` and `policies/schemas`. */
  readonly folder: string;
  /** The executable of OPA. */
  readonly opaPath: string;
  readonly opa: Opa;
}

/** The folders that the build reads from a company's policies. */
const COMPANY_PARTS = ["access", "data"];

/**
 * Copies policies and engine into a folder for temporary files. Disposing of the assembly removes it.
 *
 * @param opaPath - The executable of OPA.
 * @param policies - The company's folder, which has `access/`.
 * @param withEngineTests - Copies the engine's own tests, too.
 */
export async function assemble(opaPath: string, policies: string, withEngineTests = false): Promise<Assembly> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-policies-"));
  const to = (part: string) => join(folder, "policies", part);
  const isWanted = (file: string) => withEngineTests || !file.endsWith("_test.rego");
  for (const part of PRODUCT_PARTS) {
    await copyTree(join(PRODUCT_POLICIES, part), to(part), isWanted);
  }
  const present = await readdir(policies);
  for (const part of COMPANY_PARTS.filter((one) => present.includes(one))) {
    await copyTree(join(policies, part), to(part));
  }
  return {
    folder,
    opaPath,
    opa: createOpa(opaPath, folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Finds engine files in a company's folder that differ from the product's.
 *
 * The product's own engine always decides. A changed copy beside the policies has no effect and would mislead its readers,
 * so the build refuses it.
 */
export async function findAlteredEngine(policies: string): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const part of PRODUCT_PARTS) {
    const entries = await readdir(join(policies, part), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const file = relative(policies, path).replaceAll("\\", "/");
      const own = await readFile(join(PRODUCT_POLICIES, file)).catch(() => undefined);
      if (own?.equals(await readFile(path)) !== true) {
        problems.push({ code: "engine.altered", file: `policies/${file}`, line: 1, message: ALTERED });
      }
    }
  }
  return problems;
}

const ALTERED =
  "this file differs from the engine of this version, which decides alone; a changed copy changes nothing, so remove it";
