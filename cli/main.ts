#!/usr/bin/env node
import { type Command, EXIT, runCommand } from "./command.ts";

// `rego-authorizer <command>`: each command is a file of this folder, loaded when it is asked for.

interface Gap {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

const COMMANDS: Readonly<Record<string, Gap>> = {
  build: { summary: "compiles policies and packs the authorizer, into dist/", load: () => import("./build.ts") },
  "cache-contract": {
    summary: "prints how long API Gateway may cache responses, and under which keys",
    load: () => import("./cache-contract.ts"),
  },
  check: { summary: "says what is wrong with policies, by file and line", load: () => import("./check.ts") },
  iam: { summary: "prints the IAM policies of Cognito groups", load: () => import("./iam.ts") },
  opa: { summary: "runs the pinned OPA, wherever it is", load: () => import("./opa.ts") },
  openapi: { summary: "writes authorizers into an OpenAPI document", load: () => import("./openapi.ts") },
  start: { summary: "serves policies on this machine, as API Gateway would", load: () => import("./start.ts") },
  test: { summary: "runs Rego tests, in OPA and in the engine that ships", load: () => import("./test.ts") },
};

const [name, ...args] = process.argv.slice(2);
const listed = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (listed !== undefined) await runCommand((await listed.load()).command, args);
else if (name === undefined || name === "--help" || name === "help") console.log(usage());
else {
  console.error(`there is no command ${JSON.stringify(name)}`);
  console.error(usage());
  process.exitCode = EXIT.couldNotRun;
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([command, { summary }]) => `  ${command.padEnd(15)} ${summary}`);
  return ["rego-authorizer <command> [flags]; --help after a command has its flags", ...lines].join("\n");
}
