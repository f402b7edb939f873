import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/no-network.ts"],
    // Compiling policies takes OPA a moment, and more of it on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      include: ["authorizer/**", "build/**", "infra/**/*.ts", "local/**"],
      exclude: ["authorizer/policy/engine-input.ts", "**/main.ts", "build/check.ts", "infra/app.ts"],
      reporter: ["text-summary"],
    },
  },
});
