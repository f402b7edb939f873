import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { formatKeysLine } from "../../authorizer/keys-line.ts";
import { formatLogEntry } from "../../contract/decision-log.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import { accessLogFormat, restAccessLogFormat } from "../../infra/constructs/access-log.ts";
import { LOG_METRICS } from "../../infra/constructs/log-metrics.ts";
import { matchesPattern } from "../support/filter-pattern.ts";

const page = await readFile("docs/operations.md", "utf8");

/** Entries that have every field of the log among them. */
const ENTRY: LogEntry = {
  decision_id: "1",
  timestamp: "2026-01-01T00:00:00.000Z",
  labels: { app: "rego-authorizer", kind: "http-2", api: "a", stage: "s", version: "1" },
  revision: "r",
  path: "engine/decision",
  input: {
    principal: { id: "u", kind: "user", issuer: "https://a", claims: { "cognito:groups": ["g"], sub: "u" } },
    request: { method: "GET", path: "/", source_ip: "::1", headers: {} },
    now_s: 1,
  },
  result: { effect: "deny", reasons: ["denial"], denials: ["a.b"], unmet: { "a.c": ["d"] } },
  field: "f",
  ambiguous_claims: ["c"],
  metrics: { timer_server_handler_ns: 1000 },
};
const { result: _result, ...UNDECIDED } = ENTRY;
const of = (principal: object) => ({ ...ENTRY, input: { principal: { id: "u", ...principal } } });
const LINES = [
  ENTRY,
  of({ kind: "machine" }),
  of({}),
  { ...ENTRY, input: { request: { method: "GET" } } },
  { ...ENTRY, labels: { ...ENTRY.labels, mode: "report" } } as const,
  { ...ENTRY, result: { effect: "allow", grants: ["a.b"] } } as const,
  { ...ENTRY, path: "engine/entitlements", result: { grants: ["a.b"], denials: [] } } as const,
  { ...UNDECIDED, error: { code: "engine.aborted", frames: [] } } as const,
]
  .map((entry) => formatLogEntry(entry))
  .concat(formatKeysLine({ issuer: "https://a", ageS: 1800 }, "1", 0));
const FIELDS = new Set([...LINES.flatMap((line) => Object.keys(JSON.parse(line))), "message"]);

/** Lists what stands in backticks in the first cells of the tables of a section. */
function namesOf(section: string): readonly string[] {
  const body = page.slice(page.indexOf(`\n## ${section}\n`) + 1).split("\n## ")[0] ?? "";
  const cells = body.split("\n").flatMap((line) => (line.startsWith("| `") ? [line.split("|")[1] ?? ""] : []));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""));
}

describe("the runbook", () => {
  it("lists the fields that a line of the log can have, and no others", () => {
    const fields = [...FIELDS].filter((name) => name !== "message");
    expect([...new Set(namesOf("The log"))].sort()).toEqual(fields.sort());
  });

  it("lists the fields of the access log", () => {
    const fields = Object.keys(JSON.parse(restAccessLogFormat().toString()));
    expect(Object.keys(JSON.parse(accessLogFormat().toString())).every((name) => fields.includes(name))).toBe(true);
    expect([...namesOf("What the access log adds")].sort()).toEqual(fields.sort());
  });

  it("queries only fields that lines have", () => {
    const queries = [...page.matchAll(/```insights\n(.*?)```/gs)].map(([, query]) => query ?? "");
    expect(queries.length).toBeGreaterThan(7);
    const words = /\b(filter|fields|sort|desc|asc|limit|stats|count|max|as|by|parse|like|or|and|not|ispresent)\b/g;
    for (const query of queries) {
      const made = [...query.matchAll(/\bas ([a-z_, ]+?)(?: by\b|\n|$)/gm)].flatMap(([, names]) =>
        (names ?? "").split(", "),
      );
      const bare = query.replace(/"[^"]*"|\/(?:\\.|[^/])*\/|@\w+|\d+/g, " ").replace(words, " ");
      const names = [...new Set(bare.match(/[a-z_]+/g) ?? [])].filter((name) => !made.includes(name));
      expect([query, names.filter((name) => !FIELDS.has(name))]).toEqual([query, []]);
    }
  });

  it("filters by patterns that match the lines that they are for", () => {
    const patterns = [...page.matchAll(/--filter-pattern '([^']+)'/g)].map(([, pattern]) => pattern ?? "");
    expect(patterns.length).toBeGreaterThan(2);
    const others = ["keys.not_renewed: x", "start.failed: x"].map((message) => JSON.stringify({ message }));
    const lines = [
      ...LINES,
      ...others,
      formatLogEntry({ ...ENTRY, decision_id: "77edd3f4-9d4b-4e2c-9e0f-1d2b0ad9a1d8" }),
    ];
    for (const pattern of patterns) {
      const matched = lines.filter((line) => matchesPattern(pattern, line)).length;
      expect([pattern, matched > 0 && matched < lines.length]).toEqual([pattern, true]);
    }
  });

  it("has the sections that alarms name, the metrics, and links that lead somewhere", async () => {
    const alarms = await readFile("infra/constructs/authorizer-alarms.ts", "utf8");
    const headings = [...page.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading ?? "");
    const named = [...alarms.matchAll(/"([A-Z][^"]*)",?\s*\)/g)].map(([, section]) => section ?? "");
    expect(named.length).toBeGreaterThan(5);
    const sections = named.filter((text) => !text.endsWith("."));
    expect(sections.filter((section) => !headings.includes(section))).toEqual([]);
    for (const name of Object.keys(LOG_METRICS)) expect(page).toContain(`\`${name.replace(/ .*/, "")}`);
    const slugs = headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, slug] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(slugs).toContain(slug);
  });
});
