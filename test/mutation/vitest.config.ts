import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The tests that run the sources themselves, in the process in which Stryker changes them. Tests of the handler use
// test/mutation/authorizer.ts.
export default defineConfig({
  resolve: {
    alias: [{ find: /^(\.\.\/)+support\/authorizer\.ts$/, replacement: join(import.meta.dirname, "authorizer.ts") }],
  },
  test: {
    include: [
      "test/unit/authorizer/**/*.test.ts",
      "test/unit/contract/*.test.ts",
      "test/unit/build/policy/input-references.test.ts",
      "test/unit/analysis/paths/language.test.ts",
      "test/conformance/{answers,canonical-path,secrets,wycheproof}.test.ts",
      "test/conformance/bad-inputs/{requests,tokens}.test.ts",
    ],
    globalSetup: "test/mutation/build-package.ts",
    setupFiles: ["test/no-network.ts"],
    testTimeout: 20_000,
  },
});
