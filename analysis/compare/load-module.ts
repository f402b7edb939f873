import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compile, ENTRYPOINTS, listShipped } from "../../build/package/compile.ts";
import type { CheckedPolicy } from "../../build/policy/read-policy.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { toRevision } from "../../contract/revision.ts";
import type { LoadedModule } from "./side.ts";

const compiled = new Map<string, Promise<Result<Uint8Array<ArrayBuffer>, string>>>();

/** Compiles the module of a checked policy, as the build does. */
export async function loadModuleOf(policy: CheckedPolicy): Promise<Result<LoadedModule, string>> {
  const wasm = await compileOnce(policy);
  if (!wasm.ok) return err(wasm.error);
  const { data, userTokenUse, publicRules } = policy;
  const revision = toRevision(wasm.value, Buffer.from(data), userTokenUse, undefined, publicRules);
  return ok({ module: new WebAssembly.Module(wasm.value), revision });
}

/** Compiles the module of a policy. Two policies with the same conditions have the same module, which is compiled once. */
async function compileOnce({ opa, folder, files }: CheckedPolicy): Promise<Result<Uint8Array<ArrayBuffer>, string>> {
  const shipped = listShipped(files);
  const hash = createHash("sha256");
  for (const file of shipped) hash.update(`${file}\n`).update(await readFile(join(folder, file)));
  const key = hash.digest("hex");
  const known = compiled.get(key) ?? compile(opa, join(folder, "shipped.tar.gz"), shipped, ENTRYPOINTS);
  compiled.set(key, known);
  return known;
}
