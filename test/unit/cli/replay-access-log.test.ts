import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { command as formatCommand } from "../../../cli/access-log-format.ts";
import { type Outcome, readArguments } from "../../../cli/command.ts";
import { command } from "../../../cli/replay-access-log.ts";
import { builtIn, createWorkspace, type Workspace } from "../../../dev/workspace.ts";
import type { ReplayReport } from "../../../replay/report.ts";
import { formatLine, type LoggedCall } from "../../support/access-log.ts";
import { TEST_POLICIES } from "../../support/policies.ts";

let workspace: Workspace;

const OPEN = `package access.open

# METADATA
# title: Monitoring asks whether the service runs
public["health"] := {"verbs": {"GET"}, "path": "/health"}

# METADATA
# title: Everybody reads the list of prices
public["prices"] := {"verbs": {"GET"}, "path": "/prices/{list}", "api": {"orders"}}
`;

/** The claims that a replay of this policy needs. */
const NAMES = ["aud", "auth_time", "client_id", "cognito:groups", "iss", "scope", "sub", "token_use", "username"];

beforeAll(async () => {
  workspace = await createWorkspace({ ...TEST_POLICIES, "access/open.rego": OPEN });
  await builtIn(workspace.root);
});

afterAll(() => workspace[Symbol.asyncDispose]());

const dist = () => join(workspace.root, "dist");

async function formatOf(kind: string): Promise<string> {
  const outcome = await formatCommand.run({ flags: { kind, dist: dist() }, switches: new Set(), positionals: [] });
  return outcome.kind === "done" ? (outcome.output ?? "") : "";
}

async function replay(content: string | Uint8Array, ...args: readonly string[]) {
  const file = join(workspace.root, "access.log");
  await writeFile(file, content);
  const given = readArguments(command, ["--dist", dist(), ...args, file]);
  const outcome: Outcome = "kind" in given ? given : await command.run(given);
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  const { exit, output = "", lines = [] } = outcome;
  return {
    exit,
    output: output.replaceAll(file, "access.log"),
    lines: lines.map((line) => line.replace(file, "access.log")),
  };
}

const CLAIMS = {
  sub: "u",
  token_use: "id",
  aud: "app",
  iss: "https://issuer.example",
  "cognito:groups": ["Customers"],
};

function lineOf(changes: Partial<LoggedCall>, more: object = {}): string {
  const call = { method: "GET", path: "/customers/7/orders", sourceIp: "203.0.113.7", stage: "prod", status: 200 };
  return formatLine(
    "rest",
    { ...call, timeMs: 1_795_611_900_000, claims: CLAIMS, names: NAMES, ...changes },
    { ...more },
  );
}

const AS_TODAY = [
  lineOf({}),
  lineOf({ path: "/nothing", status: 403 }, { integrationStatus: "-", "error.responseType": "ACCESS_DENIED" }),
  lineOf({ claims: {}, status: 401 }, { integrationStatus: "-", "error.responseType": "UNAUTHORIZED" }),
  lineOf({ claims: {}, method: "OPTIONS" }),
];

it("asks for the claims that the policy reads, and for no other field of the request", async () => {
  const keysOf = async (kind: string) => Object.keys(JSON.parse(await formatOf(kind)) as object);
  const ofRest = await keysOf("rest");
  expect(ofRest.flatMap((key) => key.split("authorizer.claims.").slice(1))).toEqual(NAMES);
  expect(ofRest).toEqual(expect.arrayContaining(["resourcePath", "identity.sourceIp"]));
  const keys = await keysOf("http");
  expect(keys).toContain("routeKey");
  expect(keys.filter((key) => /resourcePath|clientCert|apiId/.test(key))).toEqual([]);
});

it("finds no change in a log that the policy decides as it was decided", async () => {
  const { exit, output } = await replay(`${AS_TODAY.join("\r\n")}\r\n`, "--format", "json");
  const { counts, lines } = JSON.parse(output) as ReplayReport;
  expect([exit, lines, counts]).toEqual([
    0,
    4,
    {
      ...{ allowed_as_today: 1, refused_as_today: 1, would_be_refused: 0, would_be_allowed: 0 },
      ...{ cannot_tell: 0, refused_without_claims: 1, not_decided_today: 1, not_replayed: 0 },
    },
  ]);
});

it("finds requests that the policy would refuse and allow, by route and reason, in a file that gzip packed", async () => {
  const refused = { integrationStatus: "-", "error.responseType": "ACCESS_DENIED" };
  const log = [
    ...AS_TODAY,
    lineOf({ path: "/admin" }),
    lineOf({ path: "/admin" }),
    lineOf({ claims: { ...CLAIMS, "cognito:groups": [] } }),
    lineOf({ claims: {} }),
    lineOf({ status: 403 }, refused),
  ];
  const { exit, output } = await replay(gzipSync(log.join("\n")), "--format", "json");
  const { changes, by_group: byGroup } = JSON.parse(output) as ReplayReport;
  expect(exit).toBe(1);
  expect(changes.map(({ kind, reasons, count, first }) => [kind, reasons.join(), count, first.line])).toEqual([
    ["would_be_refused", "grant.none", 2, 5],
    ["would_be_refused", "role.missing", 1, 7],
    ["would_be_refused", "token.missing", 1, 8],
    ["would_be_allowed", "", 1, 9],
  ]);
  expect(byGroup).toEqual({ Customers: { allowed: 2, refused: 3 } });
});

it("says what can't be told and what can't be replayed, and promises nothing about it", async () => {
  const odd = [lineOf({ path: "/tenants/blue/x" }), "<log/>", "x".repeat(2_000_000), '{"a": 1}', lineOf({})];
  const { exit, output } = await replay(odd.join("\n"));
  expect(exit).toBe(1);
  expect(output).toContain("header x-tenant, query page  access.log:1");
  for (const [line, code] of [
    [2, "line.xml"],
    [3, "line.too_long"],
    [4, "fields.missing"],
  ] as const)
    expect(output).toMatch(new RegExp(`access.log:${line} .*\\[${code}\\]`));
  expect(output).toContain("no access log has the header x-tenant, which of_tenant_blue reads");
  expect(output).toMatch(/5 requests, .*: no change was found, but some requests could not be judged\n$/);
  expect((await replay(odd.join("\n"), "--allow-unknown")).exit).toBe(0);
});

it("lets everybody through to what the policy opens, and asks for the API's name where it opens that for named APIs", async () => {
  const open = (path: string, changes: Partial<LoggedCall> = {}) => lineOf({ path, claims: {}, ...changes });
  const log = [open("/health"), open("/health", { method: "POST" }), open("/prices/2")];
  const kindsOf = async (...args: readonly string[]) => {
    const { output } = await replay(log.join("\n"), "--format", "json", ...args);
    const { counts, changes } = JSON.parse(output) as ReplayReport;
    return [
      counts.allowed_as_today,
      ...changes.map(({ kind, reasons, untold, first }) => [first.line, kind, ...reasons, ...untold].join(" ")).sort(),
    ];
  };
  const posted = "2 would_be_refused token.missing";
  expect(await kindsOf("--api-name", "orders")).toEqual([2, posted]);
  expect(await kindsOf("--api-name", "billing")).toEqual([1, posted, "3 would_be_refused token.missing"]);
  expect(await kindsOf()).toEqual([1, posted, "3 cannot_tell token.missing request.api"]);
});

it("refuses a name that no API can have", async () => {
  const given = readArguments(command, ["--dist", dist(), "--api-name", "my shop", "access.log"]);
  if ("kind" in given) throw new Error("the arguments are right");
  expect(await command.run(given)).toMatchObject({
    kind: "misused",
    lines: [expect.stringContaining("--api-name must have letters, digits and single hyphens")],
  });
});

it("writes Markdown in which a log can't make up tables or lines", async () => {
  const { output } = await replay(lineOf({ path: "/admin" }, { resourcePath: "/a|b\u001b[2J\n# c" }), "--format", "md");
  expect(output).toContain("| 1 | GET /a\\|b?\\[2J?# c | grant.none | access.log:1 |");
});

it("refuses what it can't read", async () => {
  const missing = readArguments(command, ["--dist", dist(), join(workspace.root, "none.log")]);
  if ("kind" in missing) throw new Error("the arguments are right");
  expect(await command.run(missing)).toMatchObject({ exit: 2, lines: [expect.stringContaining("can't be read")] });
  expect(await replay("a,b,c,d\n")).toMatchObject({ exit: 2, output: expect.stringContaining("[line.csv]") });
  expect(await replay("")).toMatchObject({ exit: 2 });
  const cut = gzipSync(AS_TODAY.join("\n")).subarray(0, 60);
  expect(await replay(cut)).toMatchObject({
    exit: 2,
    lines: [expect.stringMatching(/access.log can't be read to its end/)],
  });
  expect(await replay("PK\u0003\u0004")).toMatchObject({ exit: 2, lines: [expect.stringMatching(/is a zip archive/)] });
});
