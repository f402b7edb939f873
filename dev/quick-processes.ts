import { join } from "node:path";
import { PRODUCT_FOLDER } from "../build/product.ts";

/**
 * Variables of the environment that make short processes cheaper. Checks and tests start thousands, most of them OPA or Node.
 *
 * Benchmarks don't set them: a company's processes start without.
 */
export const QUICK_PROCESSES = {
  // By default OPA collects garbage for half of a short run, which needs 50 MB if it never does.
  GOGC: "800",
  GOMEMLIMIT: "2GiB",
  // Half of the time of a command is to strip the types of the sources and to compile them.
  NODE_COMPILE_CACHE: join(PRODUCT_FOLDER, "node_modules", ".cache", "rego-authorizer-compiled"),
};
