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

const COMMANDS = ["build", "cache-contract", "check", "iam", "opa", "openapi", "start", "test"];

describe("rego-authorizer", () => {
  it.each([[], ["--help"], ["help"]])("lists its commands: %s", async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    const listed = [...stdout.matchAll(/^ {2}([\w-]+) +\w/gm)].map(([, name]) => name);
    expect({ code, stderr, listed }).toEqual({ code: 0, stderr: "", listed: COMMANDS });
  });

  it.each(COMMANDS)("%s --help says how it is used, and runs nothing", async (name) => {
    const { code, stdout, stderr } = await run(name, "--help");
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(new RegExp(`^rego-authorizer ${name}`)),
    });
  });

  it.each(["deploy", "toString", "__proto__"])("has no command %s, and says which it has", async (name) => {
    const { code, stdout, stderr } = await run(name);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`there is no command "${name}"`);
    expect(stderr).toContain("cache-contract");
  });

  it("passes all arguments on to OPA, flags among them, and its exit code back", async () => {
    expect(await run("opa", "eval", "--format", "raw", "1 + 1")).toEqual({ code: 0, stdout: "2\n", stderr: "" });
    expect(await run("opa", "eval", "--fail", "--format", "raw", "false == true; false")).toMatchObject({ code: 1 });
  });

  it.each([
    ["check", "--policy", "x"],
    ["iam", "--format", "xml"],
  ])("says what is wrong with %s %s %s, and how the command is used, on standard error alone", async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`rego-authorizer ${args[0]} [--policies DIR]`);
  });

  it("says that a folder of policies does not exist, which it found out", async () => {
    for (const command of ["check", "test"]) {
      const { code, stdout, stderr } = await run(command, "--policies", "nowhere");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^nowhere:1: this folder does not exist.* \[layout\.missing_folder\]$/m);
    }
  });
});
