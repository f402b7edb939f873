import { spawn } from "node:child_process";
import { findOpa } from "../build/opa/find.ts";
import { type Command, couldNotRun } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer opa ARGUMENTS…
  runs the pinned OPA, as in: rego-authorizer opa test policies`,
  flags: [],
  takesPositionals: true,
  async run() {
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    // All that stands behind the command is OPA's, its flags too.
    const args = process.argv.slice(process.argv.indexOf("opa") + 1);
    spawn(opa.value, args, { stdio: "inherit" }).on("close", (code) => {
      process.exitCode = code ?? 1;
    });
    return { kind: "running" };
  },
};
