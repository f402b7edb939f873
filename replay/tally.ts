import type { LineProblem } from "./line-problems.ts";
import type { LoggedRequest } from "./logged-request.ts";
import type { Replayed } from "./replay-line.ts";
import { nameOfLoggedRoute } from "./request-path.ts";
import type { Today, UndecidedCause } from "./today.ts";

/** The counts of a replay; each request is in one of them. */
export type Count =
  | ("allowed_as_today" | "refused_as_today" | "would_be_refused" | "would_be_allowed")
  | ("cannot_tell" | "refused_without_claims" | "not_decided_today" | "not_replayed");

/** The place of a line. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Requests that are counted together, and the first of them. */
export interface Counted {
  readonly count: number;
  readonly first: Place;
}

/** Requests that would get another answer than today, or of which the log can't tell. */
export interface CountedChange extends Counted {
  readonly kind: "would_be_refused" | "would_be_allowed" | "cannot_tell";
  readonly route: string;
  readonly reasons: readonly string[];
  /** The fields that the log does not tell; for `cannot_tell`. */
  readonly untold: readonly string[];
}

/** How many requests of some kind the policy allows and refuses. */
export interface Effects {
  readonly allowed: number;
  readonly refused: number;
}

/** All counts of a replay. Its size does not grow with the number of lines. */
export interface Tally {
  readonly lines: number;
  readonly counts: Readonly<Record<Count, number>>;
  readonly changes: readonly CountedChange[];
  readonly problems: readonly (Counted & { readonly code: LineProblem })[];
  readonly undecided: Readonly<Partial<Record<UndecidedCause, number>>>;
  /** The reasons of the decisions that are certain. */
  readonly byReason: ReadonlyMap<string, number>;
  readonly byRoute: ReadonlyMap<string, Effects>;
  readonly byRole: ReadonlyMap<string, Effects>;
  readonly byGroup: ReadonlyMap<string, Effects>;
  /** How many lines have a value for each claim that is logged. */
  readonly claims: ReadonlyMap<string, number>;
}

/** Counts the lines of a replay. */
export interface Counter {
  readonly countProblem: (code: LineProblem, place: Place) => void;
  readonly countUndecided: (because: UndecidedCause) => void;
  readonly countRefusedWithoutClaims: () => void;
  readonly countReplayed: (request: LoggedRequest, today: Today, replayed: Replayed, place: Place) => void;
  readonly tally: () => Tally;
}

/** The most names of a table. Routes, groups and roles have fewer, unless a log makes them up. */
const MAX_NAMES = 1_000;
export const OTHERS = "(others)";

/** Creates a counter. */
export function createCounter(): Counter {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<Count, number>;
  const changes = new Map<string, CountedChange>();
  const problems = new Map<LineProblem, Counted & { readonly code: LineProblem }>();
  const undecided: Partial<Record<UndecidedCause, number>> = {};
  const byReason = new Map<string, number>();
  const [byRoute, byRole, byGroup] = [
    new Map<string, Effects>(),
    new Map<string, Effects>(),
    new Map<string, Effects>(),
  ];
  const claims = new Map<string, number>();
  let lines = 0;

  function count(name: Count): void {
    lines += 1;
    counts[name] += 1;
  }

  function noteChange(change: Omit<CountedChange, "count" | "first">, place: Place): void {
    const key = JSON.stringify(change);
    const known = changes.get(key);
    const kept =
      known !== undefined || changes.size < MAX_NAMES ? change : { ...change, route: OTHERS, reasons: [], untold: [] };
    const keptKey = kept === change ? key : JSON.stringify(kept);
    const before = changes.get(keptKey);
    changes.set(keptKey, { ...kept, count: (before?.count ?? 0) + 1, first: before?.first ?? place });
  }

  return {
    countProblem(code, place) {
      count("not_replayed");
      const before = problems.get(code);
      problems.set(code, { code, count: (before?.count ?? 0) + 1, first: before?.first ?? place });
    },
    countUndecided(because) {
      count("not_decided_today");
      undecided[because] = (undecided[because] ?? 0) + 1;
    },
    countRefusedWithoutClaims: () => count("refused_without_claims"),
    countReplayed(request, today, { effect, reasons, roles, groups, untold }, place) {
      const route = nameOfLoggedRoute(request);
      for (const [name, value] of Object.entries(request.claims)) {
        if (claims.has(name) || claims.size < MAX_NAMES)
          claims.set(name, (claims.get(name) ?? 0) + (value === null ? 0 : 1));
      }
      // Both answers of the authorizer lead to the same end if the back end refuses.
      const isSame = today.kind === "refused_behind" || (today.kind === "allowed") === (effect === "allow");
      if (untold.length > 0 && today.kind !== "refused_behind") {
        count("cannot_tell");
        noteChange({ kind: "cannot_tell", route, reasons, untold }, place);
        return;
      }
      addEffect(byRoute, route, effect);
      for (const role of roles) addEffect(byRole, role, effect);
      for (const group of groups) addEffect(byGroup, group, effect);
      for (const reason of reasons) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
      if (isSame) return count(today.kind === "allowed" ? "allowed_as_today" : "refused_as_today");
      const kind = effect === "deny" ? "would_be_refused" : "would_be_allowed";
      count(kind);
      noteChange({ kind, route, reasons, untold: [] }, place);
    },
    tally: () => ({
      ...{ lines, counts, undecided, byReason, byRoute, byRole, byGroup, claims },
      changes: [...changes.values()].sort((one, other) => other.count - one.count),
      problems: [...problems.values()].sort((one, other) => other.count - one.count),
    }),
  };
}

const COUNTS: readonly Count[] = [
  ...(["allowed_as_today", "refused_as_today", "would_be_refused", "would_be_allowed"] as const),
  ...(["cannot_tell", "refused_without_claims", "not_decided_today", "not_replayed"] as const),
];

function addEffect(table: Map<string, Effects>, name: string, effect: Replayed["effect"]): void {
  const key = table.has(name) || table.size < MAX_NAMES ? name : OTHERS;
  const { allowed, refused } = table.get(key) ?? { allowed: 0, refused: 0 };
  table.set(key, effect === "allow" ? { allowed: allowed + 1, refused } : { allowed, refused: refused + 1 });
}
