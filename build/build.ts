import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { zipSync } from "fflate";
import type { Manifest } from "../authorizer/policy/manifest.ts";
import { toRevision } from "../authorizer/policy/revision.ts";
import { err, ok, type Result } from "../authorizer/result.ts";
import { ask } from "./ask.ts";
import { toCacheContract } from "./cache/contract.ts";
import { readRoutes } from "./cache/routes.ts";
import { checkPolicies } from "./check/policies.ts";
import { bundle, compile, ENTRYPOINTS, listShipped } from "./compile.ts";
import { bundleHandler } from "./handler.ts";
import { toIamExport } from "./iam/export.ts";
import { readKeySets } from "./key-sets.ts";
import { OPA_VERSION } from "./opa-release.ts";
import type { Opa } from "./opa-run.ts";
import { formatProblem } from "./problem.ts";
import { createStaging } from "./staging.ts";

/** What was built. */
export interface Built {
  readonly manifest: Manifest;
  readonly grants: number;
  /** Of the files in `dist/authorizer`, and of the zip. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** What the build is told of the API. */
export interface ApiOptions {
  /** Its OpenAPI document: the routes. Without one, the paths that the policy names. */
  readonly openApiFile?: string | undefined;
  /** `token`: answers hold for all routes of their token, where the policy lets them. Needs the routes. */
  readonly answers?: "request" | "token" | undefined;
}

const OUTPUTS = ["authorizer", "authorizer.zip", "bundle.tar.gz", "iam.json"];

/**
 * Builds `dist/` from the policies and the authorizer, or leaves nothing in it that could be deployed.
 *
 * The same sources give the same bytes, whoever builds them and wherever.
 *
 * @param keySetsFile - Key sets to pack, so that a cold start fetches none.
 * @returns What was built, or a line for every problem.
 */
export async function build(
  opa: Opa,
  root: string,
  keySetsFile: string | undefined,
  api: ApiOptions = {},
): Promise<Result<Built, readonly string[]>> {
  const dist = join(root, "dist");
  await using staging = await createStaging(dist, "building");
  let built: Result<Built, readonly string[]>;
  try {
    built = await make(opa, root, `dist/${basename(staging.path)}`, keySetsFile, api);
  } finally {
    await Promise.all(OUTPUTS.map((output) => rm(join(dist, output), { recursive: true, force: true })));
  }
  if (!built.ok) return built;
  for (const output of OUTPUTS) await rename(join(staging.path, output), join(dist, output));
  return built;
}

async function make(
  opa: Opa,
  root: string,
  folder: string,
  keySetsFile: string | undefined,
  api: ApiOptions,
): Promise<Result<Built, readonly string[]>> {
  const [policy, handler, keySets, routes] = await Promise.all([
    checkPolicies(opa, root),
    bundleHandler(),
    readKeySets(keySetsFile),
    api.openApiFile === undefined ? ok(undefined) : readRoutes(api.openApiFile),
  ]);
  if (!policy.ok) return err(policy.error.map(formatProblem));
  if (!keySets.ok) return err([keySets.error]);
  if (!routes.ok) return routes;
  const { files: rego, reads, exemptions, needs, data, index } = policy.value;

  const shipped = listShipped(rego);
  const wasm = await compile(opa, root, folder, shipped, ENTRYPOINTS);
  if (!wasm.ok) return err([`policies: ${wasm.error}`]);
  const contract = toCacheContract(index, needs, routes.value, api.answers);
  if (!contract.ok) return contract;
  const asked = ask(wasm.value, data, index);
  if (!asked.ok) return err([`policies: the compiled module is not used, since ${asked.error}`]);

  const manifest: Manifest = {
    revision: toRevision(wasm.value, Buffer.from(data)),
    opa_version: OPA_VERSION,
    entrypoints: ENTRYPOINTS,
    reads,
    opens_when_missing: exemptions,
    cache_contract: contract.value,
  };
  const files: Record<string, Uint8Array> = {
    "index.mjs": handler,
    "policy.wasm": wasm.value,
    "data.json": Buffer.from(data),
    "manifest.json": Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
    ...(keySets.value !== undefined && { "key-sets.json": Buffer.from(keySets.value) }),
  };
  await mkdir(join(root, folder, "authorizer"));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(root, folder, "authorizer", name), bytes);
  // A fixed moment in local time, which is what the format holds.
  const zip = zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
  await writeFile(join(root, folder, "authorizer.zip"), zip);
  const iam = toIamExport(index, needs, manifest.revision, routes.value);
  await writeFile(join(root, folder, "iam.json"), `${JSON.stringify(iam, null, 2)}\n`);
  const bundled = await bundle(
    opa,
    `${folder}/bundle.tar.gz`,
    shipped,
    `${folder}/authorizer/data.json`,
    manifest.revision,
  );
  if (!bundled.ok) return err([`policies: ${bundled.error}`]);

  const sizes = Object.entries({ ...files, "authorizer.zip": zip }).map(([name, { byteLength }]) => [name, byteLength]);
  return ok({ manifest, grants: Object.keys(index.grants).length, bytes: Object.fromEntries(sizes) });
}
