import { join } from "node:path";
import type { Result } from "../../../../contract/result.ts";
import { ORDERS_FOLDER } from "../../../support/orders-policies.ts";
import { ACCOUNT, REGION } from "./ministack.ts";
import { type Command, runCommand } from "./run-command.ts";

/** The stacks of the example app that the emulator can deploy; it refuses a user pool's identity providers. */
const STACKS = ["Orders", "OrdersIdentityPool"] as const;

interface Surroundings {
  readonly folder: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** The options of every command of the CDK here. */
export const QUIET = ["--no-notices", "--ci"];

/** Returns the folder for what is built, in the folder of a run. */
export function distIn(folder: string): string {
  return join(folder, "dist");
}

/** Returns the environment in which CDK finds the emulator, and neither the user's configuration nor another AWS. */
export function cdkEnvironment({ folder, port }: Pick<Surroundings, "folder" | "port">): Command["environment"] {
  return {
    PATH: process.env["PATH"],
    HOME: join(folder, "home"),
    TMPDIR: folder,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: REGION,
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CDK_DISABLE_VERSION_CHECK: "true",
    // The bootstrap bucket denies requests without TLS, and the emulator enforces that. So CDK uses the credentials of
    // the environment instead of the bootstrap roles.
    CLI_CREDENTIALS: "1",
    NO_COLOR: "1",
  };
}

/** Creates the steps from policies to an API, in order; afterwards the stacks' outputs are in `outputs.json`. */
export function createDeployment({ folder, port, signal }: Surroundings) {
  const assembly = join(folder, "cdk.out");
  const dist = distIn(folder);
  const run = (command: string, args: readonly string[], environment: Command["environment"], deadlineMs = 60_000) => {
    return (): Promise<Result<string, string>> => runCommand({ command, args, environment, deadlineMs, signal });
  };
  const forCdk = cdkEnvironment({ folder, port });
  return {
    build: run(
      process.execPath,
      [
        ...["cli/main.ts", "build", "--policies", ORDERS_FOLDER, "--dist", dist],
        ...["--openapi", "infra/example/api/openapi.yaml"],
      ],
      process.env,
    ),
    synth: run(
      "cdk",
      [
        ...["synth", "--quiet", "--output", assembly, "--context", "emulator=true", "--context", `dist=${dist}`],
        ...QUIET,
      ],
      forCdk,
    ),
    bootstrap: run("cdk", ["bootstrap", `aws://${ACCOUNT}/${REGION}`, "--app", assembly, ...QUIET], forCdk),
    deploy: run(
      "cdk",
      [
        ...["deploy", ...STACKS, "--app", assembly, "--require-approval", "never"],
        ...["--outputs-file", join(folder, "outputs.json"), ...QUIET],
      ],
      forCdk,
      120_000,
    ),
  };
}
