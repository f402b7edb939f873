import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { zipSync } from "fflate";
import { formatIamExport, type IamExport } from "../../contract/iam-export.ts";
import { type CacheContract, formatManifest, type Manifest, type TrailingSlash } from "../../contract/manifest.ts";
import { formatRoutes } from "../../contract/manifest-routes.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { PRODUCT_VERSION } from "../../contract/product-version.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { toRevision } from "../../contract/revision.ts";
import type { LocatedRoute } from "../../contract/route.ts";
import { readVersion } from "../opa/executable.ts";
import { formatNotices, formatProblems } from "../policy/problem.ts";
import { toPublicRule } from "../policy/public-rules.ts";
import { type CheckedPolicy, readPolicy } from "../policy/read-policy.ts";
import { toPolicyIssuers } from "../policy/role-issuers.ts";
import { createStaging } from "../staging.ts";
import { bundle, compile, ENTRYPOINTS, listShipped } from "./compile.ts";
import { readHandler } from "./handler.ts";
import { readIssuers } from "./issuers.ts";
import { readKeySets } from "./key-sets.ts";
import { smokeTest } from "./smoke-test.ts";

/** The result of a build. */
export interface Built {
  readonly manifest: Manifest;
  /** The policy index, which is in `data.json`. */
  readonly index: PolicyIndex;
  readonly grants: number;
  /** The sizes of the files in `dist/authorizer`, and of the zip. */
  readonly bytes: Readonly<Record<string, number>>;
  /** A line for each thing that is right and may still surprise. */
  readonly notices: readonly string[];
}

/** The contracts that are derived from a policy and packed with it. */
export interface Derived {
  readonly cacheContract: CacheContract;
  /** The contract of each API, if the build was given names. */
  readonly apiContracts?: Readonly<Record<string, CacheContract>>;
  readonly iam: IamExport;
}

/**
 * Derives the contracts of a policy, or gives a line for each reason why that is not possible.
 *
 * It is an argument, since the build packs the contracts without knowing how they follow from a policy.
 */
export type Derive = (
  policy: CheckedPolicy,
  revision: string,
  trailingSlash: TrailingSlash,
) => Result<Derived, readonly string[]>;

/** The sources and the target of a build. */
export interface BuildOptions {
  /** The executable of OPA. */
  readonly opaPath: string;
  /** The company's folder, which has `access/`. */
  readonly policies: string;
  /** The folder for the results. */
  readonly dist: string;
  /** Key sets to pack, so that a cold start fetches none. */
  readonly keySetsFile?: string | undefined;
  /** Trusted issuers to pack, for more than an environment variable holds. */
  readonly issuersFile?: string | undefined;
  readonly derive: Derive;
  /** The meaning of a slash at the end of a path; default: `denied`. */
  readonly trailingSlash?: TrailingSlash | undefined;
  /** The routes of the APIs that the policy is for, with which its grants and denials are compared. */
  readonly routes?: readonly LocatedRoute[] | undefined;
}

const OUTPUTS = ["authorizer", "authorizer.zip", "bundle.tar.gz", "iam.json", "routes.json"];

/**
 * Builds `dist/` from the policies and the authorizer. If that fails, `dist/` has nothing that could be deployed.
 *
 * The same sources give the same bytes on every machine.
 *
 * @returns The result, or a line for every problem.
 */
export async function build(options: BuildOptions): Promise<Result<Built, readonly string[]>> {
  // OPA runs in another folder.
  const dist = resolve(options.dist);
  await using staging = await createStaging(dist, "building").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${options.dist} can't be written (${reason}); name another folder with --dist`);
  });
  let built: Result<Built, readonly string[]>;
  try {
    built = await buildInto(options, staging.path);
  } finally {
    await Promise.all(OUTPUTS.map((output) => rm(join(dist, output), { recursive: true, force: true })));
  }
  if (!built.ok) return built;
  for (const output of OUTPUTS) await rename(join(staging.path, output), join(dist, output));
  return built;
}

/** Builds everything into one folder. */
async function buildInto(
  { opaPath, policies, keySetsFile, issuersFile, derive, trailingSlash = "denied", routes }: BuildOptions,
  folder: string,
): Promise<Result<Built, readonly string[]>> {
  const issuers = await readIssuers(issuersFile);
  if (!issuers.ok) return issuers;
  const [opaVersion, read, handler, keySets] = await Promise.all([
    readVersion(opaPath),
    readPolicy(opaPath, policies, { routes, issuers: issuers.value?.settings }),
    readHandler(),
    readKeySets(keySetsFile),
  ]);
  if (!read.ok) return err(formatProblems(read.error));
  await using policy = read.value;
  if (!keySets.ok) return err([keySets.error]);
  if (!opaVersion.ok) return err([`${opaPath} ${opaVersion.error}`]);
  const { opa, files: rego, inputReferences, requestValues, exemptions, userTokenUse, data, index } = policy;
  const publicRules = policy.publicRules.map(toPublicRule);

  const shipped = listShipped(rego);
  const wasm = await compile(opa, join(folder, "wasm.tar.gz"), shipped, ENTRYPOINTS);
  if (!wasm.ok) return err([`policies: ${wasm.error}`]);
  const revision = toRevision(wasm.value, Buffer.from(data), userTokenUse, trailingSlash, publicRules);
  const derived = derive(policy, revision, trailingSlash);
  if (!derived.ok) return derived;
  const { cacheContract, apiContracts, iam } = derived.value;
  const tested = smokeTest(wasm.value, data, index);
  if (!tested.ok)
    return err([`policies: the compiled module failed its smoke test, so nothing is built: ${tested.error}`]);

  const manifest: Manifest = {
    revision,
    product_version: PRODUCT_VERSION,
    opa_version: opaVersion.value,
    entrypoints: ENTRYPOINTS,
    input_references: inputReferences,
    request_values: requestValues,
    opens_when_missing: exemptions,
    ...(userTokenUse !== undefined && { user_token_use: userTokenUse }),
    issuers: toPolicyIssuers(index),
    ...(trailingSlash === "same" && { trailing_slash: trailingSlash }),
    ...(publicRules.length > 0 && { public_rules: publicRules }),
    cache_contract: cacheContract,
    ...(apiContracts !== undefined && {
      apis: Object.fromEntries(Object.entries(apiContracts).map(([name, one]) => [name, { cache_contract: one }])),
    }),
  };
  const manifestText = formatManifest(manifest);
  const packed: Record<string, Uint8Array> = {
    "index.mjs": handler,
    "policy.wasm": wasm.value,
    "data.json": Buffer.from(data),
    "manifest.json": Buffer.from(manifestText),
    ...(keySets.value !== undefined && { "key-sets.json": Buffer.from(keySets.value) }),
    ...(issuers.value !== undefined && { "issuers.json": Buffer.from(issuers.value.text) }),
  };
  await mkdir(join(folder, "authorizer"));
  for (const [name, bytes] of Object.entries(packed)) await writeFile(join(folder, "authorizer", name), bytes);
  // The zip format holds local time, so a fixed local time gives the same bytes in every time zone.
  const zip = zipSync(packed, { level: 9, mtime: new Date(1980, 0, 1) });
  await writeFile(join(folder, "authorizer.zip"), zip);
  await writeFile(join(folder, "iam.json"), formatIamExport(iam));
  await writeFile(join(folder, "routes.json"), formatRoutes(manifest, manifestText));
  const bundled = await bundle(policy, join(folder, "bundle.tar.gz"), shipped, revision);
  if (!bundled.ok) return err([`policies: ${bundled.error}`]);

  const sizes = Object.entries({ ...packed, "authorizer.zip": zip }).map(([name, bytes]) => [name, bytes.byteLength]);
  return ok({
    manifest,
    index,
    grants: Object.keys(index.grants).length,
    bytes: Object.fromEntries(sizes),
    // The command sums up the routes without a grant, since there may be hundreds.
    notices: formatNotices(policy.notices.filter(({ code }) => code !== "route.no_grant")),
  });
}
