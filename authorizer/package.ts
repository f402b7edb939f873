import { existsSync, readFileSync } from "node:fs";
import { isObject } from "../contract/json.ts";
import { type Manifest, parseManifest } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { toRevision } from "../contract/revision.ts";
import { type KeySet, parseKeySet } from "./identity/key-set.ts";

/** The files that the build packs beside the handler. */
export interface Package {
  readonly manifest: Manifest;
  /** The revision of the module and data that were read; the manifest may have another. */
  readonly revision: string;
  readonly module: WebAssembly.Module;
  /** The JSON text of the data document. */
  readonly data: ArrayBuffer;
  /** The packed key sets, by issuer; empty if the build was given none. */
  readonly keySets: ReadonlyMap<string, KeySet>;
}

/**
 * Reads the package.
 *
 * @param folder - The folder of the package: a `file:` URL that ends in a slash.
 * @returns The package, or a line for every file that can't be used.
 */
export function readPackage(folder: URL): Result<Package, readonly string[]> {
  const errors: string[] = [];
  function read<Value>(name: string, parse: (bytes: Buffer<ArrayBuffer>) => Value | undefined): Value | undefined {
    try {
      const value = parse(readFileSync(new URL(name, folder)));
      if (value !== undefined) return value;
    } catch {
      // A missing file and a broken one need the same remedy, so they share the line below.
    }
    errors.push(`${name}: is missing or broken; build and deploy the package again`);
    return undefined;
  }

  const manifest = read("manifest.json", (bytes) => parseManifest(JSON.parse(bytes.toString())));
  const policy = read("policy.wasm", (bytes) => ({ bytes, module: new WebAssembly.Module(bytes) }));
  const data = read("data.json", (bytes) => Uint8Array.from(bytes));
  const hasKeySets = existsSync(new URL("key-sets.json", folder));
  const keySets = hasKeySets ? read("key-sets.json", (bytes) => parseKeySets(JSON.parse(bytes.toString()))) : new Map();
  if (manifest === undefined || policy === undefined || data === undefined || keySets === undefined) return err(errors);
  const revision = toRevision(policy.bytes, data, manifest.user_token_use, manifest.trailing_slash);
  return ok({ manifest, revision, module: policy.module, data: data.buffer, keySets });
}

/** Parses `{"<issuer>": {"keys": […]}}`; gives undefined if a set has no usable key. */
export function parseKeySets(value: unknown): ReadonlyMap<string, KeySet> | undefined {
  if (!isObject(value)) return undefined;
  const keySets = new Map<string, KeySet>();
  for (const [issuer, jwks] of Object.entries(value)) {
    const keySet = parseKeySet(jwks);
    if (keySet === undefined) return undefined;
    keySets.set(issuer, keySet);
  }
  return keySets;
}
