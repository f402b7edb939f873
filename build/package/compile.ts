import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTarGzip } from "nanotar";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Opa } from "../opa/run.ts";
import type { Assembly } from "../policy/assembly.ts";
import { CAPABILITIES_FILE } from "../policy/builtins.ts";
import type { CheckedPolicy } from "../policy/read-policy.ts";
import { listRego, type RegoFile } from "../rego/files.ts";
import { stripModule } from "./strip-module.ts";

/** The entry points of the module. Their order is part of the module. */
export const ENTRYPOINTS = ["engine/decision", "engine/entitlements", "engine/explanation"] as const;

/**
 * The packages that make the index, find problems or make the inputs of tests. They do not ship: with the rules of the index
 * the module would grow with the policy, and these rules would hide the packed data.
 */
const BUILD_ONLY = ["engine.check", "engine.index", "engine.policy", "engine.templates", "engine.testing"];

/** Lists the files that ship: the packages of the engine that decide, conditions and their helpers. */
export function listShipped(files: readonly RegoFile[]): readonly string[] {
  return files
    .filter(({ part }) => part === "engine" || part === "conditions" || part === "library")
    .filter(({ package: name }) => !BUILD_ONLY.some((prefix) => `${name}.`.startsWith(`${prefix}.`)))
    .filter(({ file }) => file !== "policies/engine/problems.rego")
    .map(({ file }) => file);
}

/**
 * Compiles files to WebAssembly.
 *
 * @param output - The absolute path for OPA's output.
 * @returns The module, or OPA's error message.
 */
export async function compile(
  opa: Opa,
  output: string,
  files: readonly string[],
  entrypoints: readonly string[],
): Promise<Result<Uint8Array<ArrayBuffer>, string>> {
  const built = await opa(
    "build",
    "--target",
    "wasm",
    "--capabilities",
    CAPABILITIES_FILE,
    "--output",
    output,
    ...entrypoints.flatMap((entrypoint) => ["--entrypoint", entrypoint]),
    ...files,
  );
  if (!built.succeeded) return err((built.stderr || built.stdout).trim());
  const entries = await parseTarGzip(await readFile(output));
  const wasm = entries.find(({ name }) => name.endsWith("policy.wasm"))?.data;
  return wasm === undefined ? err("opa build made no policy.wasm") : ok(stripModule(wasm));
}

/**
 * Compiles the module that ships from a policy's assembly.
 *
 * @throws If OPA refuses the policy, with its error message.
 */
export async function compileShipped(assembly: Assembly): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(await compileShippedBytes(assembly));
}

/** Compiles the bytes of the module that ships, as {@link compileShipped} does. */
export async function compileShippedBytes({ opa, folder }: Assembly): Promise<Uint8Array<ArrayBuffer>> {
  const files = listShipped(await listRego(folder, "policies"));
  const wasm = await compile(opa, join(folder, "shipped.tar.gz"), files, ENTRYPOINTS);
  if (!wasm.ok) throw new Error(wasm.error);
  return wasm.value;
}

/**
 * Packs the shipped Rego and the index as a bundle that every OPA can load.
 *
 * @param output - An absolute path.
 */
export async function bundle(
  { opa, folder, data }: Pick<CheckedPolicy, "opa" | "folder" | "data">,
  output: string,
  files: readonly string[],
  revision: string,
): Promise<Result<void, string>> {
  await writeFile(join(folder, "data.json"), data);
  const built = await opa("build", "--revision", revision, "--output", output, ...files, "data.json");
  return built.succeeded ? ok(undefined) : err((built.stderr || built.stdout).trim());
}
