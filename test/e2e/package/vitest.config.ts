import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/e2e/package/*.e2e.ts"],
    fileParallelism: false,
    // The compiler checks every declaration of aws-cdk-lib, on a machine that may be busy.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
