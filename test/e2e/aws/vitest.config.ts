import { defineConfig } from "vitest/config";

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
