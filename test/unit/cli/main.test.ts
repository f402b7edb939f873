import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** Runs `rego-authorizer` as a user does. */
function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const main = join(import.meta.dirname, "../../../cli/main.ts");
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

const COMMANDS = ["build", "cache-contract", "check", "iam", "init", "opa", "openapi", "start", "test", "upgrade"];

describe("rego-authorizer", () => {
  it.each([[], ["--help"], ["help"]])("lists its commands: %s", async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    const listed = [...stdout.matchAll(/^ {2}([\w-]+) +\w/gm)].map(([, name]) => name);
    expect({ code, stderr, listed }).toEqual({ code: 0, stderr: "", listed: COMMANDS });
  });

  it.each(COMMANDS)("%s --help prints its usage, and runs nothing", async (name) => {
    const { code, stdout, stderr } = await run(name, "--help");
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(new RegExp(`^rego-authorizer ${name}`)),
    });
  });

  it.each(["deploy", "toString", "__proto__"])("refuses the command %s, and lists its commands", async (name) => {
    const { code, stdout, stderr } = await run(name);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`there is no command "${name}"`);
    expect(stderr).toContain("cache-contract");
  });

  it("names the nearest command and the nearest flag", async () => {
    expect((await run("chekc")).stderr).toMatch(/^there is no command "chekc"; did you mean check\?$/m);
    expect((await run("check", "--polices", "x")).stderr).toMatch(
      /^--polices is not a flag of this command; did you mean --policies\?$/m,
    );
  });

  it("passes all arguments on to OPA, flags included, and returns its exit code", async () => {
    expect(await run("opa", "eval", "--format", "raw", "1 + 1")).toEqual({ code: 0, stdout: "2\n", stderr: "" });
    expect(await run("opa", "eval", "--fail", "--format", "raw", "false == true; false")).toMatchObject({ code: 1 });
  });

  it.each([
    ["check", "--policy", "x"],
    ["iam", "--format", "xml"],
  ])("reports the error in %s %s %s, and the usage of the command, on standard error alone", async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`rego-authorizer ${args[0]} [--policies DIR]`);
  });

  it("reports a folder of policies that does not exist", async () => {
    for (const command of ["check", "test"]) {
      const { code, stdout, stderr } = await run(command, "--policies", "nowhere");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^nowhere:1: this folder does not exist.* \[layout\.missing_folder\]$/m);
    }
  });
});
