import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseTarGzip } from "nanotar";
import { createOpa } from "../../build/opa/run.ts";
import { compile, ENTRYPOINTS } from "../../build/package/compile.ts";
import { readDist, readIamExport } from "../../build/package/dist.ts";
import { toConditionFacts } from "../../build/policy/condition-facts.ts";
import { listRego, parseFile } from "../../build/rego/files.ts";
import { isObject, isText, parseJson } from "../../contract/json.ts";
import { formatPolicyIndexError, parsePolicyData } from "../../contract/policy-data.ts";
import type { PolicyData } from "../../contract/policy-index.ts";
import type { PublicRule } from "../../contract/public-rules.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { AccessPolicy } from "../access/model.ts";
import { toIamDocuments } from "../iam/documents.ts";
import { namedConditions } from "./access-policy.ts";
import type { EngineSide, Side } from "./side.ts";

/** A bundle in a folder for temporary files. */
interface OpenBundle extends AsyncDisposable {
  readonly folder: string;
  readonly data: PolicyData;
  readonly revision: string;
}

/** Reads a folder that `rego-authorizer build` wrote. The conditions are those of its bundle. */
export async function readDistSide(opaPath: string, label: string): Promise<Result<Side, readonly string[]>> {
  const dist = readDist(label);
  if (!dist.ok) return err([dist.error]);
  const file = join(label, "bundle.tar.gz");
  const bundle = await openBundle(file);
  if (!bundle.ok) return err(bundle.error);
  await using opened = bundle.value;
  const { manifest, authorizerPath, publicRules } = dist.value;
  if (opened.revision !== manifest.revision) {
    return err([`${label} is stale: ${file} is from another build than its manifest.json; build it again`]);
  }
  const { cache_contract: cacheContract } = manifest;
  const iam = readIamExport(label, dist.value);
  const engine: EngineSide = {
    data: opened.data,
    places: new Map(),
    derive: () => ({ cacheContract, iam: iam.ok ? ok(toIamDocuments(iam.value)) : iam }),
    async loadModule() {
      const wasm = await readFile(join(authorizerPath, "policy.wasm"));
      return ok({ module: new WebAssembly.Module(wasm), revision: manifest.revision });
    },
  };
  return ok({
    label,
    kind: "dist",
    policy: await toPolicy(opaPath, opened, publicRules),
    knowsPublicRules: true,
    engine,
    async [Symbol.asyncDispose]() {},
  });
}

/** Reads a bundle that `rego-authorizer build` wrote. It has no public rules. */
export async function readBundleSide(opaPath: string, label: string): Promise<Result<Side, readonly string[]>> {
  const bundle = await openBundle(label);
  if (!bundle.ok) return err(bundle.error);
  const opened = bundle.value;
  const { folder, data, revision } = opened;
  const engine: EngineSide = {
    data,
    places: new Map(),
    derive: undefined,
    async loadModule() {
      const files = (await listRego(folder, "policies")).map(({ file }) => file);
      const wasm = await compile(createOpa(opaPath, folder), join(folder, "wasm.tar.gz"), files, ENTRYPOINTS);
      return wasm.ok ? ok({ module: new WebAssembly.Module(wasm.value), revision }) : err([`${label}: ${wasm.error}`]);
    },
  };
  try {
    const policy = await toPolicy(opaPath, opened, []);
    const dispose = () => opened[Symbol.asyncDispose]();
    return ok({ label, kind: "bundle", policy, knowsPublicRules: false, engine, [Symbol.asyncDispose]: dispose });
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function toPolicy(
  opaPath: string,
  { folder, data: { index, base } }: OpenBundle,
  publicRules: readonly PublicRule[],
): Promise<AccessPolicy> {
  const { grants, denials, roles } = index;
  const files = (await listRego(folder, "policies")).filter(({ part }) => part === "conditions" || part === "library");
  const opa = createOpa(opaPath, folder);
  const sources = await Promise.all(files.map((file) => parseFile(opa, file)));
  const conditions = toConditionFacts(namedConditions(index), { sources, roles, base });
  return { grants, denials, roles, publicRules, conditions };
}

async function openBundle(file: string): Promise<Result<OpenBundle, readonly string[]>> {
  const entries = await parseTarGzip(await readFile(file)).catch(() => []);
  const texts = new Map(entries.map(({ name, data = new Uint8Array() }) => [name.replace(/^\/+/, ""), data] as const));
  const textOf = (name: string) => Buffer.from(texts.get(name) ?? "").toString();
  const manifest = parseJson(textOf(".manifest"));
  const parsed = parsePolicyData(parseJson(textOf("data.json")));
  const revision = isObject(manifest) ? manifest["revision"] : undefined;
  if (!isText(revision)) return err([`${file} is not a bundle that rego-authorizer build wrote`]);
  if (!parsed.ok) return err([`${file}: ${formatPolicyIndexError(parsed.error)}`]);
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-bundle-"));
  for (const [name, bytes] of texts) {
    // Only the names that the build writes, so that no name leads out of the folder.
    if (!/^policies\/(\w+\/)+\w+\.rego$/.test(name)) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return ok({
    folder,
    data: parsed.value,
    revision,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  });
}
