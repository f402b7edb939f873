import { judgeReplay, type ReplayReport, type Verdict } from "./report.ts";
import type { Count, CountedChange, Effects } from "./tally.ts";
import type { UndecidedCause } from "./today.ts";

/** A part of a report: a table, or sentences if it has no columns. */
interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

const COUNTS: Readonly<Record<Count, string>> = {
  allowed_as_today: "allowed today and by the policy",
  refused_as_today: "refused today and by the policy",
  would_be_refused: "allowed today, and the policy would refuse them",
  would_be_allowed: "refused today, and the policy would allow them",
  cannot_tell: "replayed, but the log lacks what the decision depends on",
  refused_without_claims: "refused today before their claims were known, so that nothing is compared",
  not_decided_today: "not decided by an authorizer today",
  not_replayed: "could not be replayed",
};

const CAUSES: Readonly<Record<UndecidedCause, string>> = {
  no_route: "no route",
  preflight: "preflight",
  limited: "throttled, or over the quota",
  firewall: "stopped by AWS WAF",
  authorizer_failed: "today's authorizer failed",
  malformed: "not a request that API Gateway takes",
};

const CHANGES: Readonly<Record<CountedChange["kind"], string>> = {
  would_be_refused: "Would be refused",
  would_be_allowed: "Would be allowed",
  cannot_tell: "Can't be told",
};

const VERDICTS: Readonly<Record<Verdict, string>> = {
  nothing_replayed: "nothing was replayed",
  changes: "the policy would change what is allowed",
  unknown: "no change was found, but some requests could not be judged",
  same: "the policy would change nothing",
};

function toSections(report: ReplayReport): readonly Section[] {
  const { counts, changes, not_decided_today: undecided, not_replayed: problems } = report;
  const names = Object.keys(COUNTS).filter((name): name is Count => Object.hasOwn(COUNTS, name));
  const causes = Object.keys(CAUSES).filter((name): name is UndecidedCause => Object.hasOwn(CAUSES, name));
  const kinds = (["would_be_refused", "would_be_allowed", "cannot_tell"] as const).filter((kind) => counts[kind] > 0);
  return [
    {
      title: "Requests",
      columns: ["requests", "what would become of them"],
      rows: names.filter((name) => counts[name] > 0).map((name) => [counts[name], COUNTS[name]]),
    },
    ...kinds.map((kind) => ({
      title: CHANGES[kind],
      columns: ["requests", "route", kind === "cannot_tell" ? "not logged" : "reason", "first line"],
      rows: changes
        .filter((change) => change.kind === kind)
        .map(({ count, route, reasons, untold, first }) => [
          ...[count, route, (kind === "cannot_tell" ? untold : reasons).join(", ") || "allowed"],
          `${first.file}:${first.line}`,
        ]),
    })),
    {
      title: "Could not be replayed",
      columns: ["lines", "first line", "why, and what to do"],
      rows: problems.map(({ count, code, first, remedy }) => [
        count,
        `${first.file}:${first.line}`,
        `${remedy} [${code}]`,
      ]),
    },
    {
      title: "Not decided by an authorizer today",
      columns: ["requests", "cause"],
      rows: causes.flatMap((name) => (undecided[name] === undefined ? [] : [[undecided[name] ?? 0, CAUSES[name]]])),
    },
    {
      title: "By reason",
      columns: ["requests", "reason"],
      rows: Object.entries(report.by_reason).map(([reason, count]) => [count, reason]),
    },
    ...tableOf("By route", "route", report.by_route),
    ...tableOf("By role", "role", report.by_role),
    ...tableOf("By group", "group", report.by_group),
    { title: "What this log can't tell", columns: [], rows: report.blind_spots.map((line) => [line]) },
  ].filter(({ rows }) => rows.length > 0);
}

function tableOf(title: string, name: string, table: Readonly<Record<string, Effects>>): readonly Section[] {
  const rows = Object.entries(table).map(([key, { allowed, refused }]) => [allowed, refused, key]);
  return [{ title, columns: ["allowed", "refused", name], rows }];
}

/** Formats a report as text. */
export function formatReplayText(report: ReplayReport): string {
  const sections = toSections(report).map(({ title, columns, rows }) => {
    const widths = columns.map((_, at) => Math.max(...rows.map((row) => toVisible(row[at]).length)));
    const toCell = (cell: string | number, at: number) => {
      const width = widths[at] ?? 0;
      if (typeof cell === "number") return `${cell}`.padStart(width);
      return at === columns.length - 1 ? toVisible(cell) : toVisible(cell).padEnd(width);
    };
    return [`${title}:`, ...rows.map((row) => `  ${row.map(toCell).join("  ")}`)].join("\n");
  });
  return `${[...sections, toVerdict(report)].join("\n\n")}\n`;
}

/** Formats a report in Markdown, for a page or a comment on a change. */
export function formatReplayMarkdown(report: ReplayReport): string {
  const toCell = (value: string | number) => toVisible(value).replaceAll(/[\\|`<[]/g, "\\$&");
  const sections = toSections(report).map(({ title, columns, rows }) => {
    if (columns.length === 0)
      return [`## ${title}`, "", ...rows.map((row) => `- ${row.map(toCell).join("")}`)].join("\n");
    const table = [columns, columns.map(() => "---"), ...rows.map((row) => row.map(toCell))];
    return [`## ${title}`, "", ...table.map((row) => `| ${row.join(" | ")} |`)].join("\n");
  });
  return `${["# Replay of an access log", toVerdict(report), ...sections].join("\n\n")}\n`;
}

function toVerdict(report: ReplayReport): string {
  const { lines, revision } = report;
  return `${lines} ${lines === 1 ? "request" : "requests"}, revision ${revision}: ${VERDICTS[judgeReplay(report)]}`;
}

/** Shows what is not visible as `?`: the values of a log come from anybody, and must not look like lines of the report. */
function toVisible(value: string | number | undefined): string {
  return `${value ?? ""}`.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}
