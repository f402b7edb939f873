import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRODUCT_FOLDER } from "../../../build/product.ts";
import { runVitest } from "../../../dev/run-vitest.ts";
import { packAndInstall } from "./company.ts";

// `npm run e2e:package`: packs the product, installs the tarball in a folder elsewhere, and uses it there as a company does:
// the commands on each version of Node, and CDK apps under each module system;
// `-- --whole` tries every combination. It takes packages from npm's registry.

const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-package-"));
try {
  await packAndInstall(folder);
  const config = join(PRODUCT_FOLDER, "test", "e2e", "package", "vitest.config.ts");
  const { passed, failed, exitCode } = await runVitest(["--config", config, "--root", PRODUCT_FOLDER], {
    ...process.env,
    E2E_PACKAGE: folder,
    E2E_PACKAGE_WHOLE: process.argv.includes("--whole") ? "yes" : "no",
  });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = passed > 0 ? exitCode : 1;
} catch (error) {
  const { stderr, message } = Object(error);
  console.error(stderr || message || error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
