import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { err, ok, type Result } from "../../contract/result.ts";
import { PRODUCT_FOLDER } from "../product.ts";

/** The part of a CycloneDX document that this module changes. */
interface Document {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string; "bom-ref": string } };
  components: readonly { readonly name: string; readonly "bom-ref": string }[];
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * Writes the SBOM of the handler: the packages that it was bundled from, and all that these depend on, with versions, digests
 * and licences, from npm's lock file. The same lock file gives the same bytes.
 *
 * @param file - The path to write to.
 * @param packages - The names of the packages in the bundle.
 * @param npm - The path of npm's script, `npm_execpath`; default: `npm` from the PATH.
 */
export async function writeSbom(
  file: string,
  packages: readonly string[],
  npm: string | undefined,
): Promise<Result<void, string>> {
  const args = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
  const [command, ...rest] = npm === undefined ? ["npm", ...args] : [process.execPath, npm, ...args];
  try {
    const { stdout } = await promisify(execFile)(command ?? "npm", rest, { cwd: PRODUCT_FOLDER, maxBuffer: 2 ** 24 });
    const document = JSON.parse(stdout) as Document;
    delete document.serialNumber;
    delete document.metadata.timestamp;
    const { component } = document.metadata;
    component.name = component["bom-ref"].replace(/@[^@]*$/, "");
    // A dependency of a development dependency may have the same name in another version, so names alone don't tell.
    const reached = reach(document, component["bom-ref"], packages);
    document.components = document.components.filter((one) => reached.has(one["bom-ref"]));
    document.dependencies = document.dependencies
      .filter(({ ref }) => ref === component["bom-ref"] || reached.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => reached.has(one)) }));
    await writeFile(file, `${JSON.stringify(document, null, 2)}\n`);
    return ok(undefined);
  } catch (error) {
    return err(`the SBOM could not be written: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
}

/** Finds all components that the named dependencies of the product lead to, by their references. */
function reach({ components, dependencies }: Document, root: string, packages: readonly string[]): ReadonlySet<string> {
  const nameOf = new Map(components.map((one) => [one["bom-ref"], one.name]));
  const dependsOn = new Map(dependencies.map((one) => [one.ref, one.dependsOn]));
  const reached = new Set<string>();
  const visit = (ref: string) => {
    if (reached.has(ref)) return;
    reached.add(ref);
    dependsOn.get(ref)?.forEach(visit);
  };
  for (const ref of dependsOn.get(root) ?? []) if (packages.includes(nameOf.get(ref) ?? "")) visit(ref);
  return reached;
}
