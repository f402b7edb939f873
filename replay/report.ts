import { LINE_PROBLEMS } from "./line-problems.ts";
import { type Count, type CountedChange, type Effects, OTHERS, type Tally } from "./tally.ts";
import type { UndecidedCause } from "./today.ts";

/** The report of a replay: what `--format json` prints. */
export interface ReplayReport {
  readonly format: 1;
  readonly revision: string;
  readonly files: readonly string[];
  /** Entries of the log. */
  readonly lines: number;
  readonly counts: Readonly<Record<Count, number>>;
  readonly changes: readonly CountedChange[];
  readonly not_decided_today: Readonly<Partial<Record<UndecidedCause, number>>>;
  readonly not_replayed: readonly {
    readonly code: string;
    readonly count: number;
    readonly first: { readonly file: string; readonly line: number };
    readonly remedy: string;
  }[];
  readonly by_reason: Readonly<Record<string, number>>;
  readonly by_route: Readonly<Record<string, Effects>>;
  readonly by_role: Readonly<Record<string, Effects>>;
  readonly by_group: Readonly<Record<string, Effects>>;
  /** A sentence for each thing that the log can't tell about this policy. */
  readonly blind_spots: readonly string[];
}

/** Makes the report of a tally. */
export function toReplayReport(
  tally: Tally,
  about: Pick<ReplayReport, "revision" | "files" | "blind_spots">,
): ReplayReport {
  return {
    format: 1,
    revision: about.revision,
    files: about.files,
    lines: tally.lines,
    counts: tally.counts,
    changes: tally.changes,
    not_decided_today: tally.undecided,
    not_replayed: tally.problems.map((problem) => ({ ...problem, remedy: LINE_PROBLEMS[problem.code] })),
    by_reason: inOrder(tally.byReason),
    by_route: inOrder(tally.byRoute),
    by_role: inOrder(tally.byRole),
    by_group: inOrder(tally.byGroup),
    blind_spots: about.blind_spots,
  };
}

/** Makes an object of a table, sorted by name, with the rest of the names last. */
function inOrder<Value>(table: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  const rank = (name: string) => `${name === OTHERS ? 1 : 0}${name}`;
  return Object.fromEntries([...table].sort(([one], [other]) => (rank(one) < rank(other) ? -1 : 1)));
}

/** The answer of a replay to whether the policy would change anything. */
export type Verdict = "nothing_replayed" | "changes" | "unknown" | "same";

/** Judges a replay. It is the same only if every request that an authorizer decided on was replayed for certain. */
export function judgeReplay({ lines, counts }: ReplayReport): Verdict {
  if (lines === counts.not_replayed) return "nothing_replayed";
  if (counts.would_be_refused + counts.would_be_allowed > 0) return "changes";
  return counts.cannot_tell + counts.not_replayed > 0 ? "unknown" : "same";
}
