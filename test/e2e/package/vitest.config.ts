import { defineConfig } from "vitest/config";
import { QUICK_PROCESSES } from "../../../dev/quick-processes.ts";

// Set here, so that the processes that run the test files start with them, too.
Object.assign(process.env, QUICK_PROCESSES);

export default defineConfig({
  test: {
    include: ["test/e2e/package/*.e2e.ts"],
    fileParallelism: false,
    // The compiler checks every declaration of aws-cdk-lib, on a machine that may be busy.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
