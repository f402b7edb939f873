import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
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

it("says nothing if its reader stops before the end", async () => {
  const program = spawn(process.execPath, [join(import.meta.dirname, "../../../cli/main.ts"), "--help"]);
  program.stdout.destroy();
  let said = "";
  program.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = await once(program, "close");
  expect([code, said]).toEqual([0, ""]);
});

const COMMANDS = [
  "access-log-format",
  "build",
  "cache-contract",
  "can",
  "check",
  "check-template",
  "coverage",
  "diff",
  "iam",
  "init",
  "lock",
  "log",
  "matrix",
  "opa",
  "openapi",
  "pull-request",
  "replay-access-log",
  "start",
  "test",
  "tighten",
  "upgrade",
  "who",
];

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

  it.each(["build", "cache-contract", "check", "iam", "start", "test", "upgrade"])(
    "%s can't run without the folder of policies",
    async (command) => {
      expect(await run(command, "--policies", "nowhere")).toEqual({
        code: 2,
        stdout: "",
        stderr: "nowhere does not exist; name the folder that has access/ in it with --policies\n",
      });
      const { code, stderr } = await run(command, "--policies", "package.json");
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^package\.json can't be read \(ENOTDIR/)]);
    },
  );

  it("refuses a flag that is there twice, since one value would be ignored", async () => {
    const { code, stderr } = await run("iam", "--openapi", "a.yaml", "--openapi", "b.yaml");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^--openapi is there 2 times; give it once$/m)]);
  });

  it("names the nearest value", async () => {
    const { code, stderr } = await run("cache-contract", "--format", "tabel");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^--format must be .*; did you mean table\?$/m)]);
  });

  it("says that the folder for the package can't be written", async () => {
    const { code, stdout, stderr } = await run("build", "--dist", "package.json/dist");
    expect([code, stdout, stderr]).toEqual([
      2,
      "",
      expect.stringMatching(/^package\.json\/dist can't be written \(.*\); name another folder with --dist$/m),
    ]);
  });
});
