import { join } from "node:path";

/** The product's folder. */
export const PRODUCT_FOLDER: string = join(import.meta.dirname, "..");

/** The product's policies folder, with the engine and the schemas. */
export const PRODUCT_POLICIES: string = join(PRODUCT_FOLDER, "policies");

/** The folders below {@link PRODUCT_POLICIES} that belong to the product. A company does not change them. */
export const PRODUCT_PARTS = ["engine", "schemas"] as const;
