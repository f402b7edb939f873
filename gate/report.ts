import { formatFinding, formatNotice } from "./finding.ts";
import type { GateReport, Seen } from "./judge.ts";

/** Formats a report for people: a line for each finding, for what was accepted, and for what was seen. */
export function formatReport({ findings, accepted, unused, notices, seen }: GateReport): readonly string[] {
  return [
    ...findings.map(formatFinding),
    ...accepted.map((one) => `accepted, since ${one.reason}: ${formatFinding(one)}`),
    ...unused.map(
      (name) => `${JSON.stringify(name)} accepts nothing in these files; leave it out, or correct the name`,
    ),
    ...notices.map(formatNotice),
    formatSeen(seen),
  ];
}

/** Formats what was seen, so that a gate over nothing does not look like one over everything. */
function formatSeen(seen: Seen): string {
  const { apis, methods, withPolicy, withIam, reportOnly = 0, public: open = 0, needingNone } = seen;
  const others = methods - withPolicy - withIam - reportOnly - open - needingNone;
  const parts = [
    `${withPolicy} with a policy`,
    ...(withIam > 0 ? [`${withIam} with IAM`] : []),
    ...(reportOnly > 0 ? [`${reportOnly} report-only`] : []),
    ...(open > 0 ? [`${open} public in the policy`] : []),
    ...(needingNone > 0 ? [`${needingNone} that need none`] : []),
    ...(others > 0 ? [`${others} with neither`] : []),
  ];
  return `${countOf(apis, "API")}, ${countOf(methods, "method")}: ${parts.join(", ")}`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
