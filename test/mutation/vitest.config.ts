import { defineConfig } from "vitest/config";

// The tests that run the sources themselves, in the process in which Stryker changes them. Those of the built handler run a
// bundle, in which nothing is changed.
export default defineConfig({
  test: {
    include: [
      "test/unit/*.test.ts",
      "test/unit/{gateway,identity,policy}/*.test.ts",
      "test/unit/build/reads.test.ts",
      "test/conformance/{canonical-path,wycheproof}.test.ts",
    ],
    exclude: ["test/unit/rego-tests.test.ts"],
    setupFiles: ["test/no-network.ts"],
    testTimeout: 20_000,
  },
});
