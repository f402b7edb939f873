import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createReportOnlyCount } from "../../../cli/report-only-summary.ts";
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

describe("what report-only authorizers would refuse", () => {
  const reported = (
    path: string,
    result: LogEntry["result"],
    principal?: object,
    at = "2026-01-01T00:00:00.000Z",
  ): LogEntry => {
    const labels = { ...ENTRY.labels, mode: "report" as const };
    const request = { method: "GET", path };
    const input = principal === undefined ? { request } : { principal, request, now_s: 1 };
    return { ...ENTRY, timestamp: at, labels, input, ...(result && { result }) };
  };
  const deny = (...reasons: string[]): LogEntry["result"] => ({ effect: "deny", reasons, denials: [], unmet: {} });
  const support = { id: "u", claims: { "cognito:groups": ["Support", "Sales"] } };
  const { result: _result, ...undecided } = reported("/home", undefined);
  const entries: readonly LogEntry[] = [
    ENTRY,
    reported("/orders/1", { effect: "allow", grants: ["a.b"] }, support),
    reported("/orders/2", deny("role.missing"), support, "2026-01-02T00:00:00.000Z"),
    reported("/orders/2/lines", deny("token.missing")),
    { ...undecided, error: { code: "keys.unavailable" } },
  ];
  const routes = [
    { verb: "ANY", path: "/{proxy+}" },
    { verb: "GET", path: "/orders/{id}" },
    { verb: "POST", path: "/orders/{id}" },
  ];

  it("is counted by reason, route, group and API, and enforced decisions are not", () => {
    const count = createReportOnlyCount(routes);
    expect(entries.map(count.add)).toEqual([false, true, true, true, true]);
    expect(count.summary()).toEqual({
      ...{ requests: 4, allowed: 1, refused: 2, undecided: 1 },
      ...{ from: "2026-01-01T00:00:00.000Z", to: "2026-01-02T00:00:00.000Z" },
      by_reason: { "role.missing": 1, "token.missing": 1, "keys.unavailable": 1 },
      by_route: { "GET /orders/{id}": { refused: 1, requests: 2 }, "ANY /{proxy+}": { refused: 1, requests: 2 } },
      by_group: {
        Support: { refused: 1, requests: 2 },
        Sales: { refused: 1, requests: 2 },
        "without a verified token": { refused: 1, requests: 2 },
      },
      by_api: { "abcdef1234/prod": { refused: 2, requests: 4 } },
    });
  });

  it("is printed, with an exit code", async () => {
    const lines = entries.map((entry) => formatLogEntry(entry)).join("");
    const { code, stdout, stderr } = await run(["--report-only"], `${lines}START\n`);
    expect([code, stderr.trim().split("\n")]).toEqual([
      1,
      ["1 of 6 lines are not of the decision log", "1 of 6 lines are of enforced decisions, which are not counted"],
    ]);
    expect(stdout).toMatch(/^4 requests were let through, from 2026-01-01/);
    expect(stdout).toMatch(/would allow 1 and refuse 2; it could not decide 1, which would be 500\n/);
    expect(stdout).toMatch(/refused, by group\n( {2}1 of 2 {2}\w.*\n){3}/);
    const fine = await run(
      ["--report-only", "--format", "json"],
      formatLogEntry(reported("/", { effect: "allow", grants: ["a.b"] })),
    );
    expect([fine.code, JSON.parse(fine.stdout)]).toMatchObject([0, { requests: 1, allowed: 1, refused: 0 }]);
    expect(await run(["--report-only"], formatLogEntry(ENTRY))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("none of 1 lines is of a report-only authorizer"),
    });
  });
});
