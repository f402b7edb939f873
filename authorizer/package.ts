import { existsSync, readFileSync } from "node:fs";
import { type PackedManifest, parseManifest } from "../contract/manifest.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { toRevision } from "../contract/revision.ts";
import type { IssuerFile } from "../contract/trusted-issuers.ts";
import { type PackedKeySets, parsePackedKeySets } from "./packed-keys.ts";

/** The files that the build packs beside the handler. */
export interface Package {
  readonly manifest: PackedManifest;
  /** The revision of the module and data that were read; the manifest may have another. */
  readonly revision: string;
  readonly module: WebAssembly.Module;
  /** The JSON text of the data document. */
  readonly data: ArrayBuffer;
  /** The packed key sets, by issuer; empty if the build was given none. */
  readonly keySets: PackedKeySets;
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
  const data = read("data.json", (bytes) => new Uint8Array(bytes));
  const hasKeySets = existsSync(new URL("key-sets.json", folder));
  const keySets = hasKeySets
    ? read("key-sets.json", (bytes) => parsePackedKeySets(JSON.parse(bytes.toString())))
    : new Map();
  if (manifest === undefined || policy === undefined || data === undefined || keySets === undefined) return err(errors);
  const revision = toRevision(
    policy.bytes,
    data,
    manifest.user_token_use,
    manifest.trailing_slash,
    manifest.public_rules,
  );
  return ok({ manifest, revision, module: policy.module, data: data.buffer, keySets });
}

/** The file of the trusted issuers that the build packs. */
const ISSUERS_FILE = "issuers.json";

/**
 * Reads the trusted issuers that the build has packed.
 *
 * @returns The entries as they are, undefined if the build was given none, or a line that says that the file can't be used.
 */
export function readPackedIssuers(folder: URL): Result<IssuerFile | undefined, readonly string[]> {
  const url = new URL(ISSUERS_FILE, folder);
  if (!existsSync(url)) return ok(undefined);
  try {
    const entries: unknown = JSON.parse(readFileSync(url, "utf8"));
    if (Array.isArray(entries) && entries.length > 0) return ok({ file: ISSUERS_FILE, entries });
  } catch {
    // It needs the same remedy as a file of another form.
  }
  return err([`${ISSUERS_FILE}: is broken; build and deploy the package again`]);
}
