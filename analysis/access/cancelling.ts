import { toGained } from "./differences.ts";
import type { Explored } from "./explore.ts";
import { createStates, type Field, listMet, toHolders } from "./field.ts";
import type { Change, Who } from "./model.ts";
import { toPattern, toPoints } from "./points.ts";
import { toMethods } from "./rules.ts";
import { formatWho, includesWho, mergeWhos, whoOf } from "./who.ts";

/** The most atoms that are tried for what cancels one change. */
const MAX_CANCELLING = 200;

/** The most narrower paths at which one atom is tried; above, it is not said to cancel. */
const MAX_NARROWER = 500;

/** The things that cancel a change, if the token carries one of them, too. */
export interface Cancelling {
  readonly not: Change["not"];
  /** The principals who carry that and have the change again, since they hold still more, with the points to look at. */
  readonly again: readonly Explored[];
}

/** Finds what cancels a gain or a loss. */
export function toCancelling(field: Field, who: Who, change: Change): Cancelling {
  if (change.kind !== "gain" && change.kind !== "loss") return { not: [], again: [] };
  const pattern = toPattern(change.region.path);
  const points = toPoints(pattern, Math.max(field.longest, pattern.segments.length + 1));
  const wanted = toMethods(change.verbs);
  const places = points.flatMap((point) => {
    const sets = field.methodsAt(point).filter((set) => (set & wanted) !== 0);
    return sets.map((methods) => ({ point, methods }));
  });
  const countAt = (statesAt: ReturnType<typeof createStates>, { point, methods }: (typeof places)[number]) => {
    const [before, after] = statesAt(point, methods);
    return (change.kind === "gain" ? toGained(before, after) : toGained(after, before)).length;
  };
  const ownStatesAt = createStates(field, toHolders(field, who));
  const isCancelled = (one: Who) => {
    const holders = toHolders(field, one);
    const statesAt = createStates(field, holders);
    // Narrower rules for whoever holds more may not cancel it at their paths.
    const met = listMet(field, holders, pattern, wanted, ["grantTree", "denialTree"]);
    if (met.length > MAX_NARROWER) return false;
    const narrower = met.flatMap((point) => {
      const sets = field.methodsAt(point).filter((set) => (set & wanted) !== 0);
      return sets.map((methods) => ({ point, methods }));
    });
    return [...places, ...narrower].every((place) => {
      return countAt(statesAt, place) === 0 || countAt(ownStatesAt, place) === 0;
    });
  };
  const candidates = new Map<string, Who>();
  let canComeBack = false;
  for (const [side, { grants, denials }] of points.flatMap((point) => [...field.matching(point).entries()])) {
    const { table } = field.sides[side] ?? {};
    if (table === undefined) continue;
    const rules = [...grants, ...denials].filter((rule) => (rule.methods & wanted) !== 0);
    canComeBack ||= denials.some(({ formulas }) => formulas.length > 0);
    canComeBack ||= rules.some(({ formulas }) => formulas.flat().some(({ lacks }) => lacks.length > 0));
    const asked = rules.flatMap(({ formulas }) => formulas.flat().flatMap(({ has, lacks }) => [...has, ...lacks]));
    for (const way of [...rules.flatMap(({ roles }) => roles), ...asked].flatMap((role) => table.waysTo(role))) {
      candidates.set(formatWho(whoOf(way)), whoOf(way));
    }
  }
  const compared = new Set(
    [...change.terms.before, ...change.terms.after].flatMap(({ own }) => own.map(([, claim]) => claim)),
  );
  const others = [...candidates.values()].slice(0, MAX_CANCELLING);
  const again = new Map<string, Explored>();
  // Where a role must not be held, or lifts a denial, whoever holds still more may have the change again.
  const addAgain = (cancelled: Who): void => {
    for (const other of others) {
      const more = mergeWhos(cancelled, other);
      if (more === undefined || again.has(formatWho(more)) || isCancelled(more)) continue;
      const met = listMet(field, toHolders(field, more), pattern, wanted, ["grantTree", "denialTree"]);
      const all = [...points, ...met].map((point) => [point.key, point] as const);
      again.set(formatWho(more), { who: more, points: new Map(all) });
    }
  };
  const not = others.flatMap((other) => {
    const merged = mergeWhos(who, other);
    const [atom] = other.atoms;
    if (merged === undefined || atom === undefined || includesWho(who, other) || !isCancelled(merged)) return [];
    // What the claim is follows from the path.
    if (atom.by === "claim" && compared.has(atom.claim)) return [];
    if (canComeBack) addAgain(merged);
    return [{ ...atom, ...(other.issuer !== undefined && { issuer: other.issuer }) }];
  });
  return { not, again: [...again.values()] };
}
