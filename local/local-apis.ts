import { type CacheContract, contractOf, type Manifest } from "../contract/manifest.ts";
import type { ApiDocument } from "../contract/named-document.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { type OpenParts, readOpenParts } from "../openapi/read-open-parts.ts";

/** The name of an API in its alias, if neither a document nor a flag names it. */
const LOCAL_API = "local";

/** An API that is emulated. */
export interface LocalApi {
  /** The name in its alias. */
  readonly name: string;
  /** Undefined without an OpenAPI document. */
  readonly openParts: OpenParts | undefined;
}

/** An API that is emulated, with its cache contract. */
export interface ContractedApi extends LocalApi {
  readonly contract: CacheContract;
}

/**
 * Reads the APIs to emulate: one for each document, or one without a document.
 *
 * @param apiName - The name of an API whose document has none, or that has no document.
 */
export async function readLocalApis(
  documents: readonly ApiDocument[],
  apiName = LOCAL_API,
): Promise<Result<readonly LocalApi[], readonly string[]>> {
  if (documents.length === 0) return ok([{ name: apiName, openParts: undefined }]);
  const read = await Promise.all(
    documents.map(async ({ api: name = apiName, file }) => ({ name, openParts: await readOpenParts(file) })),
  );
  const errors = read.flatMap(({ openParts }) => (openParts.ok ? [] : openParts.error));
  if (errors.length > 0) return err(errors);
  return ok(read.flatMap(({ name, openParts }) => (openParts.ok ? [{ name, openParts: openParts.value }] : [])));
}

/** Gives each API its cache contract. */
export function withContracts(apis: readonly LocalApi[], manifest: Manifest): readonly ContractedApi[] {
  return apis.map((api) => ({ ...api, contract: contractOf(manifest, api.name) ?? manifest.cache_contract }));
}

/** Lists a port for each API: the first one, and after it those that the issuer does not have. */
export function toPorts(first: number, consolePort: number, count: number): readonly number[] {
  if (first === 0) return Array.from({ length: count }, () => 0);
  const ports = Array.from({ length: count + 1 }, (_, at) => first + at).filter((port) => port !== consolePort);
  return first === consolePort ? [first, ...ports].slice(0, count) : ports.slice(0, count);
}
