import { join } from "node:path";

/** The folder that the product is in. */
export const PRODUCT_FOLDER: string = join(import.meta.dirname, "..");

/** The product's part of a folder of policies: how a policy decides, and what its rules look like. */
export const PRODUCT_POLICIES: string = join(PRODUCT_FOLDER, "policies");

/** The folders below {@link PRODUCT_POLICIES} that are the product's; nobody else writes in them. */
export const PRODUCT_PARTS = ["engine", "schemas"] as const;
