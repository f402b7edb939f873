import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyTree } from "../copy-tree.ts";
import { createOpa } from "../opa/run.ts";
import type { Assembly } from "../policy/assembly.ts";
import { DATA_DOCUMENT, evaluate } from "../policy/engine-queries.ts";
import { listRego } from "../rego/files.ts";
import type { ParsedTests } from "./test-rules.ts";

/** An assembly with the index as data, as it ships, so that a test does not make the index again for each case. */
export interface PremadeAssembly extends Assembly {
  /** The JSON text of the data document: the index, and the base data if there is any. */
  readonly data: string;
  /** The public rules by name, as the policy has them. They are data of the tests, and of nothing else. */
  readonly publicRules: Readonly<Record<string, unknown>>;
  /** The time in which OPA made the index. */
  readonly indexMs: number;
}

/**
 * Makes the index of an assembly once, and copies the assembly with the index as data in place of the index's rules. Disposing
 * of it removes it.
 *
 * Areas and roles are left out unless a test reads them: everything else is in the index, and OPA compiles thousands of grants
 * for seconds.
 *
 * @returns Undefined if OPA can't make the index. Then the tests themselves say why.
 */
export async function premakeIndex(assembly: Assembly, { files }: ParsedTests): Promise<PremadeAssembly | undefined> {
  const start = performance.now();
  const query = `{"document": ${DATA_DOCUMENT}, "public": data.engine.index.public}`;
  const { succeeded, stdout } = await evaluate(assembly.opa, query);
  const indexMs = performance.now() - start;
  if (!succeeded || stdout.trim() === "") return undefined;
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-tests-"));
  const texts = files.flatMap(({ module }) => JSON.stringify(module));
  const isReadingRules = texts.some((text) => /"value":"(access|policy|check|problems)"/.test(text));
  const all = await listRego(assembly.folder, "policies");
  const left = all.filter(
    ({ file, part }) =>
      file === "policies/engine/index.rego" || (!isReadingRules && (part === "area" || part === "roles")),
  );
  const leftOut = new Set(left.map(({ file }) => join(assembly.folder, file)));
  await copyTree(join(assembly.folder, "policies"), join(folder, "policies"), (path) => !leftOut.has(path));
  const { document, public: publicRules } = JSON.parse(stdout) as {
    document: { engine: { index: { compiled: unknown } } };
    public: Readonly<Record<string, unknown>>;
  };
  const index = { ...document.engine.index, public: publicRules };
  await mkdir(join(folder, "policies", "engine", "index"));
  await writeFile(join(folder, "policies", "engine", "index", "data.json"), JSON.stringify(index));
  return {
    folder,
    opaPath: assembly.opaPath,
    opa: createOpa(assembly.opaPath, folder),
    data: JSON.stringify(document),
    publicRules,
    indexMs,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
