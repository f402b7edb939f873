import { defineConfig } from "vitest/config";
import { QUICK_PROCESSES } from "./dev/quick-processes.ts";

// Set here, and not in `env` below, so that the processes that run the test files start with them, too.
Object.assign(process.env, QUICK_PROCESSES);

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/no-network.ts"],
    // By default one core would do nothing.
    maxWorkers: "100%",
    // Compiling policies takes OPA a moment, and more of it on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The CDK's own rules for templates start an engine of their own in each process, and give warnings that no test reads. The
    // sample app is held to them when it is deployed to the emulator.
    env: { CDK_VALIDATION: "false" },
    coverage: {
      include: [
        "{contract,authorizer,build,analysis,openapi,gateway-rules,gate,simulator,replay,review,tighten,local,scaffold,upgrade,infra,exports,cli}/**/*.ts",
      ],
      exclude: ["contract/engine-input.ts", "cli/**", "exports/**", "infra/example/app.ts"],
      reporter: ["text-summary"],
    },
  },
});
