import { defineConfig } from "vitest/config";
import { QUICK_PROCESSES } from "../../../dev/quick-processes.ts";

// Set here, so that the processes that run the test files start with them, too.
Object.assign(process.env, QUICK_PROCESSES);

export default defineConfig({
  test: {
    include: ["test/e2e/aws/*.e2e.ts"],
    // One after another: the emulator starts a process for each request that it has at once, and the tests count cached
    // responses.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
