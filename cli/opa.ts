import { spawn } from "node:child_process";
import { findOpa } from "../build/opa/find.ts";
import { type Command, couldNotRun } from "./command.ts";

export const command: Command = {
  usage: `rego-authorizer opa ARGUMENTS…
  runs the OPA that the other commands use, as in: rego-authorizer opa test policies`,
  flags: [],
  passesArguments: true,
  async run({ positionals }) {
    const opa = await findOpa();
    if (!opa.ok) return couldNotRun([opa.error]);
    spawn(opa.value, positionals, { stdio: "inherit" }).on("close", (code) => {
      process.exitCode = code ?? 1;
    });
    return { kind: "running" };
  },
};
