import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The product's folder: the repository, or the installed package, whose compiled files are further down. */
export const PRODUCT_FOLDER: string = folderOfPackage(import.meta.dirname);

/** The product's policies folder, with the engine and the schemas. */
export const PRODUCT_POLICIES: string = join(PRODUCT_FOLDER, "policies");

/** The folders below {@link PRODUCT_POLICIES} that belong to the product. A company does not change them. */
export const PRODUCT_PARTS = ["engine", "schemas"] as const;

/** The files that only the package has, made with `npm pack`; undefined in the repository, where they would be stale. */
export const PACKED_FOLDER: string | undefined = import.meta.url.endsWith(".js")
  ? join(PRODUCT_FOLDER, "lib", "packed")
  : undefined;

function folderOfPackage(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : folderOfPackage(dirname(folder));
}
