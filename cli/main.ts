#!/usr/bin/env node
import nodeModule from "node:module";
import { join } from "node:path";
import { cacheFolder } from "../build/opa/cache-folder.ts";
import { formatChoice } from "../contract/nearest.ts";
import { type Command, EXIT, runCommand } from "./command.ts";

// `rego-authorizer <command>`: each command is a file of this folder, which is imported only when the command runs.

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  "access-log-format": {
    summary: "prints the format of an access log that can be replayed",
    load: () => import("./access-log-format.ts"),
  },
  build: { summary: "compiles policies and packs the authorizer into dist/", load: () => import("./build.ts") },
  "cache-contract": {
    summary: "prints how long API Gateway may cache responses, and under which keys",
    load: () => import("./cache-contract.ts"),
  },
  can: { summary: "decides one request, and says what would allow it", load: () => import("./can.ts") },
  check: { summary: "prints the problems of policies, by file and line", load: () => import("./check.ts") },
  "check-template": {
    summary: "finds open methods in templates of the CDK, CloudFormation and SAM, and in plans of Terraform",
    load: () => import("./check-template.ts"),
  },
  coverage: {
    summary: "finds routes that no rule reaches, and rules that no route reaches",
    load: () => import("./coverage.ts"),
  },
  diff: {
    summary: "says who gains and who loses access between two policies, with witnesses",
    load: () => import("./diff.ts"),
  },
  iam: { summary: "prints the IAM policies of Cognito groups", load: () => import("./iam.ts") },
  init: { summary: "makes a repository for a company's own policy", load: () => import("./init.ts") },
  lock: {
    summary: "writes who may do what into a file whose diff is the review of a change",
    load: () => import("./lock.ts"),
  },
  log: { summary: "prints lines of the decision log as whole entries, for replays", load: () => import("./log.ts") },
  matrix: { summary: "prints who may do what, as a table or a page", load: () => import("./matrix.ts") },
  opa: { summary: "runs OPA in the version that this package needs", load: () => import("./opa.ts") },
  openapi: { summary: "writes authorizers into an OpenAPI document", load: () => import("./openapi.ts") },
  "pull-request": {
    summary: "writes a comment that says who gains access, for the review of a pull request",
    load: () => import("./pull-request.ts"),
  },
  "replay-access-log": {
    summary: "decides the requests of an access log, beside another authorizer",
    load: () => import("./replay-access-log.ts"),
  },
  start: {
    summary: "serves policies on this machine, with an emulated API Gateway and issuer",
    load: () => import("./start.ts"),
  },
  test: { summary: "runs Rego tests in OPA and in the shipped engine", load: () => import("./test.ts") },
  tighten: {
    summary: "proposes to take away access that no logged decision used",
    load: () => import("./tighten.ts"),
  },
  upgrade: {
    summary: "compares decisions with another version's, then installs it",
    load: () => import("./upgrade.ts"),
  },
  who: {
    summary: "lists everybody who may send a request, and under which conditions",
    load: () => import("./who.ts"),
  },
};

// Compiling what a command imports takes up to 40 % of its CPU time. Node checks that a cached file is of the same source. The user's own
// folder, since the default is one for temporary files, where others may write. Node 20 has no such cache.
nodeModule.enableCompileCache?.(join(cacheFolder(process.env), "compiled"));

// Whoever reads the output may stop before its end, as head does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const [name, ...args] = process.argv.slice(2);
const entry = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (entry !== undefined) {
  await entry.load().then(
    ({ command }) => runCommand(command, args),
    (error: unknown) => {
      console.error(
        `this installation of rego-authorizer is incomplete: ${error instanceof Error ? error.message : error}`,
      );
      process.exitCode = EXIT.couldNotRun;
    },
  );
} else if (name === undefined || name === "--help" || name === "help") console.log(usage());
else {
  console.error(`there is no command ${JSON.stringify(name)}; ${formatChoice(name, Object.keys(COMMANDS))}`);
  console.error(usage());
  process.exitCode = EXIT.couldNotRun;
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([command, { summary }]) => `  ${command.padEnd(17)} ${summary}`);
  return ["rego-authorizer <command> [flags]; rego-authorizer <command> --help lists the flags", ...lines].join("\n");
}
