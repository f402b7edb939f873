import type { LogEntry } from "../contract/log-entry.ts";
import { parseTemplate, segmentsOf } from "../contract/path-template.ts";
import { methodsOf, type Route } from "../contract/route.ts";

/** The number of requests of one kind, and of those that would be refused. */
export interface Share {
  readonly refused: number;
  readonly requests: number;
}

/** The decisions on the requests that a report-only authorizer has let through. */
export interface ReportOnlySummary extends Share {
  readonly allowed: number;
  /** A fault prevented the decision. An enforcing authorizer would have answered 500. */
  readonly undecided: number;
  /** The times of the first and the last line. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Refused requests by reason, and undecided ones by the code of the fault. A request may have several reasons. */
  readonly by_reason: Readonly<Record<string, number>>;
  readonly by_route: Readonly<Record<string, Share>>;
  readonly by_group: Readonly<Record<string, Share>>;
  readonly by_api: Readonly<Record<string, Share>>;
}

/** Counts lines of report-only authorizers. */
export interface ReportOnlyCount {
  /** Tells whether the entry is of a report-only authorizer; others are not counted. */
  readonly add: (entry: LogEntry) => boolean;
  readonly summary: () => ReportOnlySummary;
}

/** Creates a count. Paths are counted by the route that matches them, and by themselves if none does. */
export function createReportOnlyCount(routes: readonly Route[]): ReportOnlyCount {
  const find = createFindRoute(routes);
  const reasons = new Map<string, number>();
  const shares = { route: new Map<string, Share>(), group: new Map<string, Share>(), api: new Map<string, Share>() };
  let [requests, refused, undecided] = [0, 0, 0];
  let [from, to]: (string | undefined)[] = [];

  return {
    add(entry) {
      if (entry.labels.mode !== "report") return false;
      const { result, error, timestamp, labels } = entry;
      const own = result !== undefined && "reasons" in result ? result.reasons : [];
      const isRefused = own.length > 0;
      requests += 1;
      if (isRefused) refused += 1;
      if (error !== undefined) undecided += 1;
      if (from === undefined || timestamp < from) from = timestamp;
      if (to === undefined || timestamp > to) to = timestamp;
      for (const reason of [...own, ...(error ? [error.code] : [])])
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      const { method, path } = Object(Object(entry.input).request);
      count(
        shares.route,
        path === undefined ? String(method ?? "unknown") : find(String(method), String(path)),
        isRefused,
      );
      for (const group of groupsOf(entry)) count(shares.group, group, isRefused);
      count(shares.api, `${labels.api ?? "unknown"}/${labels.stage ?? "unknown"}`, isRefused);
      return true;
    },
    summary: () => ({
      ...{ requests, allowed: requests - refused - undecided, refused, undecided, from, to },
      by_reason: Object.fromEntries([...reasons].sort(([, one], [, other]) => other - one)),
      ...{ by_route: sorted(shares.route), by_group: sorted(shares.group), by_api: sorted(shares.api) },
    }),
  };
}

function count(shares: Map<string, Share>, name: string, isRefused: boolean): void {
  const { refused, requests } = shares.get(name) ?? { refused: 0, requests: 0 };
  shares.set(name, { refused: refused + (isRefused ? 1 : 0), requests: requests + 1 });
}

/** Sorts shares: the most refused first, then by name. */
function sorted(shares: ReadonlyMap<string, Share>): Readonly<Record<string, Share>> {
  const entries = [...shares].sort(
    ([one, { refused: mine }], [other, { refused: yours }]) => yours - mine || (one < other ? -1 : 1),
  );
  return Object.fromEntries(entries);
}

/** Lists the groups of a caller, as far as the line has them. */
function groupsOf({ input }: LogEntry): readonly string[] {
  const { principal } = Object(input);
  if (principal === undefined) return ["without a verified token"];
  const groups: readonly unknown[] = [Object(Object(principal).claims)["cognito:groups"] ?? []].flat();
  return groups.length === 0 ? ["without a group"] : groups.map(String);
}

/** Creates the search for the route of a request: the most exact template counts, as API Gateway has it. */
function createFindRoute(routes: readonly Route[]): (method: string, path: string) => string {
  const known = routes.map((route) => ({ route, segments: parseTemplate(route.path) }));
  return (method, path) => {
    const parts = segmentsOf(path);
    const found = known.flatMap(({ route, segments }) => {
      if (!methodsOf(route.verb).includes(method)) return [];
      const isGreedy = segments.some((segment) => segment.kind === "parameter" && segment.isGreedy);
      if (isGreedy ? parts.length < segments.length : parts.length !== segments.length) return [];
      const isMatch = segments.every((segment, at) => segment.kind === "parameter" || segment.text === parts[at]);
      // A literal is more exact than a parameter, and that than a greedy one; earlier segments count more.
      const rank = segments.map((segment) => (segment.kind === "literal" ? 0 : segment.isGreedy ? 2 : 1)).join("");
      return isMatch ? [{ rank: `${rank}${route.verb === "ANY" ? 1 : 0}`, name: `${route.verb} ${route.path}` }] : [];
    });
    return found.sort((one, other) => (one.rank < other.rank ? -1 : 1))[0]?.name ?? `${method} ${path}`;
  };
}

const MAX_LISTED = 20;

/** Formats a summary for people. */
export function formatReportOnly(summary: ReportOnlySummary): string {
  const { requests, allowed, refused, undecided, from, to } = summary;
  const head = [
    `${format(requests)} requests were let through, from ${from} to ${to}`,
    `an enforcing authorizer would allow ${format(allowed)} and refuse ${format(refused)}; it could not decide ${format(undecided)}, which would be 500`,
  ];
  const reasons = Object.entries(summary.by_reason).map(([reason, number]) => `${format(number)}  ${reason}`);
  const toLines = (shares: Readonly<Record<string, Share>>) =>
    Object.entries(shares)
      .filter(([, share]) => share.refused > 0)
      .map(([name, share]) => `${format(share.refused)} of ${format(share.requests)}  ${name}`);
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ["reason", reasons],
    ["route", toLines(summary.by_route)],
    ["group", toLines(summary.by_group)],
    ["API and stage", toLines(summary.by_api)],
  ];
  const tables = parts
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines]) => [
      "",
      `refused, by ${title}`,
      ...lines.slice(0, MAX_LISTED).map((line) => `  ${line}`),
      ...(lines.length > MAX_LISTED ? [`  and ${lines.length - MAX_LISTED} more; --format json has all`] : []),
    ]);
  return `${[...head, ...tables].join("\n")}\n`;
}

function format(number: number): string {
  return number.toLocaleString("en-US");
}
