import { join } from "node:path";
import type { Opa } from "../../build/opa/run.ts";
import { compile, ENTRYPOINTS, listShipped } from "../../build/package/compile.ts";
import { readDeclaredFields } from "../../build/policy/declared-fields.ts";
import { referencesOfConditions } from "../../build/policy/input-references.ts";
import { type CacheKeyDependency, keyDependenciesOf } from "../../build/policy/key-dependencies.ts";
import { readLateBy } from "../../build/policy/late-by.ts";
import { toRequestValues } from "../../build/policy/request-values.ts";
import { isPolicy, listRego, parseFile } from "../../build/rego/files.ts";
import type { InputReference, RequestValue } from "../../contract/manifest.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { opaIn } from "./opa.ts";

/** The engine, compiled with some conditions. It serves many policies, since areas and roles are data to it. */
export interface CompiledConditions extends AsyncDisposable {
  readonly opa: Opa;
  /** A workspace with the engine in it. */
  readonly root: string;
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** The input references of the conditions. */
  readonly references: readonly InputReference[];
  readonly requestValues: readonly RequestValue[];
  /** The cache-key dependencies of each condition. */
  readonly dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>;
}

/** Compiles the engine with conditions, and finds their input references as the build does. */
export async function compileConditions(conditionsRego: string): Promise<CompiledConditions> {
  const workspace = await createEngineWorkspace({ "access/conditions.rego": conditionsRego });
  const { root } = workspace;
  const opa = await opaIn(root);
  const files = await listRego(root, "policies");
  const compiled = await compile(opa, join(root, "wasm.tar.gz"), listShipped(files), ENTRYPOINTS);
  if (!compiled.ok) throw new Error(compiled.error);
  // A grant with path parameters, so that the build accepts conditions that read them.
  await workspace.write({
    "access/area.rego":
      'package access.area\n\ngrants["x"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/{p0}/{p1}/{p2}", "when": {"own"}}\n',
  });
  const rego = (await listRego(root, "policies")).filter(isPolicy);
  const sources = await Promise.all(rego.map((file) => parseFile(opa, file)));
  const conditions = await referencesOfConditions(opa, sources);
  const required = readDeclaredFields("required", sources, conditions.ofRequest);
  const lateBy = readLateBy(sources, conditions.ofRequest);
  if (conditions.problems.length + required.problems.length + lateBy.problems.length > 0)
    throw new Error(JSON.stringify([conditions, required, lateBy]));
  return {
    opa,
    root,
    wasm: compiled.value,
    references: conditions.references,
    requestValues: toRequestValues(conditions.ofRequest, { required: required.byCondition, multiple: new Map() }),
    dependencies: keyDependenciesOf(conditions.ofRequest, required.byCondition, lateBy.byCondition),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}
