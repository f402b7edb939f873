import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A fixed policy for tests: that of the example API, with its Rego tests. It does not change with `policies/access`.
 */
export const ORDERS_FOLDER: string = join(import.meta.dirname, "..", "fixtures", "policies", "orders");

/** The files of the policy, by their paths from the folder of policies. */
export const ORDERS_POLICIES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(ORDERS_FOLDER, "access"))
    .sort()
    .map((name) => [`access/${name}`, readFileSync(join(ORDERS_FOLDER, "access", name), "utf8")]),
);
