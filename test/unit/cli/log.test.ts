import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { formatLogEntry } from "../../../contract/decision-log.ts";
import type { LogEntry } from "../../../contract/log-entry.ts";
import { createWorkspace } from "../../../dev/workspace.ts";

const ENTRY: LogEntry = {
  decision_id: "1",
  timestamp: "2026-01-01T00:00:00.000Z",
  labels: { app: "rego-authorizer", api: "abcdef1234", stage: "prod" },
  revision: "r",
  path: "engine/decision",
  input: { principal: { id: "u", claims: {} }, request: { method: "GET", path: "/home" }, now_s: 1_767_225_600 },
  result: { effect: "allow", grants: ["home.read"] },
  metrics: { timer_server_handler_ns: 1000 },
};

function run(args: readonly string[], input = ""): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const main = join(import.meta.dirname, "../../../cli/main.ts");
    const child = execFile(process.execPath, [main, "log", ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

it("prints whole entries of standard input, whether lines or tabs part them, and says how many lines it left out", async () => {
  const line = formatLogEntry(ENTRY).trim();
  const { code, stdout, stderr } = await run([], `${line}\t{"type":"platform.report"}\n${line}\nSTART\n`);
  expect([
    code,
    stdout
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text)),
  ]).toEqual([0, [ENTRY, ENTRY]]);
  expect(stderr.trim()).toBe("2 of 4 lines are not of the decision log");
});

it("reads files, and entries in OPA's format", async () => {
  await using workspace = await createWorkspace({});
  const file = join(workspace.root, "log.txt");
  await writeFile(file, formatLogEntry(ENTRY, "opa"));
  expect(await run([file])).toEqual({ code: 0, stdout: `${JSON.stringify(ENTRY)}\n`, stderr: "" });
});

it("refuses a file that is not there, and input without a line of the log", async () => {
  expect(await run(["nowhere.txt"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("nowhere.txt can't be read"),
  });
  expect(await run([], "START\n")).toMatchObject({ code: 1, stderr: "none of 1 lines is of the decision log\n" });
});

it("prints the entries of one API, stage and revision", async () => {
  const other = { ...ENTRY, labels: { ...ENTRY.labels, api: "orders" }, revision: "3f2a" };
  const input = formatLogEntry(ENTRY) + formatLogEntry(other);
  expect(await run(["--api", "orders", "--stage", "prod", "--revision", "3f"], input)).toMatchObject({
    code: 0,
    stdout: `${JSON.stringify(other)}\n`,
  });
  expect(await run(["--api", "orders", "--stage", "test"], input)).toMatchObject({
    code: 1,
    stderr: "none of 2 entries is of this API, stage and revision; leave a flag out\n",
  });
});
