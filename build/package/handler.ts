import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ok, type Result } from "../../contract/result.ts";
import { PACKED_FOLDER } from "../product.ts";

/** The names of the handler and its SBOM in the package. */
export const PACKED_FILES = { handler: "index.mjs", sbom: "sbom.cdx.json" } as const;

/**
 * Reads the bundled Lambda handler. It is the same for every policy, so the package has it ready, and a company's build
 * deploys the very bytes that were tested. The repository bundles it from its sources.
 */
export async function readHandler(): Promise<Uint8Array> {
  if (PACKED_FOLDER !== undefined) return readFile(join(PACKED_FOLDER, PACKED_FILES.handler));
  const { bundleHandler } = await import("./bundle-handler.ts");
  return (await bundleHandler()).code;
}

/**
 * Writes the SBOM of the handler, which the package has ready, too.
 *
 * @param npm - The path of npm's script, `npm_execpath`; default: `npm` from the PATH.
 */
export async function writeHandlerSbom(file: string, npm: string | undefined): Promise<Result<void, string>> {
  if (PACKED_FOLDER === undefined) {
    const { bundleHandler } = await import("./bundle-handler.ts");
    const { writeSbom } = await import("./sbom.ts");
    return writeSbom(file, (await bundleHandler()).packages, npm);
  }
  await copyFile(join(PACKED_FOLDER, PACKED_FILES.sbom), file);
  return ok(undefined);
}
