import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { err, ok, type Result } from "../../contract/result.ts";
import { PRODUCT_FOLDER } from "../product.ts";

/** The part of a CycloneDX document that differs from one run to the next, or from one folder to another. */
interface Document {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string; "bom-ref": string } };
}

/**
 * Writes an SBOM: the third-party dependencies of the handler with versions, digests and licences, from npm's lock file. The
 * same lock file gives the same bytes.
 *
 * @param file - The path to write to.
 * @param npm - The path of npm's script, `npm_execpath`; default: `npm` from the PATH.
 */
export async function writeSbom(file: string, npm: string | undefined): Promise<Result<void, string>> {
  const args = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--omit", "optional", "--package-lock-only"];
  const [command, ...rest] = npm === undefined ? ["npm", ...args] : [process.execPath, npm, ...args];
  try {
    const { stdout } = await promisify(execFile)(command ?? "npm", rest, { cwd: PRODUCT_FOLDER, maxBuffer: 2 ** 24 });
    const document = JSON.parse(stdout) as Document;
    delete document.serialNumber;
    delete document.metadata.timestamp;
    const { component } = document.metadata;
    component.name = component["bom-ref"].replace(/@[^@]*$/, "");
    await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
    return ok(undefined);
  } catch (error) {
    return err(`the SBOM could not be written: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
}
