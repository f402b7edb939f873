import { type Alternative, isSubset } from "./alternatives.ts";
import { type State, toAccess } from "./decide.ts";
import type { createStates, Field } from "./field.ts";
import type { Change, Terms, Who } from "./model.ts";
import type { Point } from "./points.ts";
import { includesWho, mergeWhos } from "./who.ts";

/** A difference between two policies at a point, for a principal. */
export interface Difference extends Pick<Change, "kind" | "before" | "after" | "terms" | "by"> {
  /** Differs between any two differences that are not the same. */
  readonly key: string;
}

export type Differ = (point: Point, methods: number) => readonly Difference[];

type StatesAt = ReturnType<typeof createStates>;

/** Creates a function that finds what is different at a point for a principal, and not for one that it includes. */
export function createDiffer(field: Field, who: Who, others: readonly Who[], statesOf: (who: Who) => StatesAt): Differ {
  const statesAt = statesOf(who);
  const known = new Map<string, readonly Difference[]>();
  return (point, methods) => {
    const key = `${methods & -methods} ${point.key}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const toIncluded = (other: Who): Included => ({ who: other, sides: statesOf(other)(point, methods) });
    const made = toDifferences(field, statesAt(point, methods), {
      read: () => others.map(toIncluded),
      merge(one, other) {
        const both = mergeWhos(one, other);
        return both === undefined || includesWho(both, who) ? undefined : toIncluded(both);
      },
    });
    known.set(key, made);
    return made;
  };
}

type Sides = readonly State[];

/** The states of a principal that is included in the one whose differences are looked for. */
interface Included {
  readonly who: Who;
  readonly sides: Sides;
}

/** The principals that are included in one. */
interface Others {
  readonly read: () => readonly Included[];
  /** Gives the principal that holds what two of them hold; undefined if that is all. */
  readonly merge: (one: Who, other: Who) => Included | undefined;
}

function toDifferences(field: Field, sides: Sides, { read, merge }: Others): readonly Difference[] {
  const [before, after] = sides;
  if (before === undefined || after === undefined) return [];
  if (before.isPublic !== after.isPublic) {
    // It concerns everybody, also those without a token.
    if (read().length > 0) return [];
    const [{ alternatives } = before] = [before, after].filter(({ isPublic }) => isPublic);
    return [toDifference(field, "public", before, after, alternatives.flatMap(({ rules }) => rules).sort())];
  }
  const gained = toGained(before, after);
  const lost = toGained(after, before);
  const touched = listTouched(field, before, after);
  const isGuard = gained.length + lost.length === 0 && !isSameDenied(before, after);
  if (gained.length + lost.length + touched.length === 0 && !isGuard) return [];
  const others = read();
  const found: Difference[] = [];
  const add = (kind: Change["kind"], alternatives: readonly Alternative[], by: readonly string[]) => {
    if (alternatives.length === 0) return;
    found.push(toDifference(field, kind, before, after, by));
  };
  const withoutImplied = (alternatives: readonly Alternative[], list: ListAlternatives) =>
    alternatives.filter((one) => !isImplied(one, others, merge, list));
  const ownGained = withoutImplied(gained, ([first, second]) => toGained(first, second));
  const ownLost = withoutImplied(lost, ([first, second]) => toGained(second, first));
  add("gain", ownGained, toBy(ownGained, before, after));
  add("loss", ownLost, toBy(ownLost, after, before));
  const ownTouched = withoutImplied(touched, ([first, second]) => listTouched(field, first, second));
  add("condition", ownTouched, [...new Set(ownTouched.flatMap(({ rules }) => rules))].sort());
  if (isGuard && !isImpliedGuard(before, after, others)) {
    const rules = [...new Set([...before.denied.rules, ...after.denied.rules])].sort();
    const changed = rules.filter((rule) => before.denied.rules.includes(rule) !== after.denied.rules.includes(rule));
    found.push(toDifference(field, "guard", before, after, changed.length > 0 ? changed : rules));
  }
  return found;
}

/** Lists the alternatives of the second state that none of the first implies. */
export function toGained(first: State | undefined, second: State | undefined): readonly Alternative[] {
  return (second?.alternatives ?? []).filter(
    ({ variables }) => first?.alternatives.some((one) => isSubset(one.variables, variables)) !== true,
  );
}

/** Marks the variables of a denial, which imply nothing about what a grant asks for. No variable has this number. */
const DENIAL = -1;

/** Lists the alternatives of two sides, both of which have some, that ask for a condition which is not the same on both. */
function listTouched(
  { variables }: Field,
  before: State | undefined,
  after: State | undefined,
): readonly Alternative[] {
  const states = [before, after].filter((state) => state !== undefined);
  const ofGrants = states.map(({ alternatives }) => alternatives);
  // Where nothing is granted, a denial that yields to the condition still fires or not.
  const ofDenials = states.map(({ denied: { unless, rules } }) =>
    unless.length === 0 ? [] : [{ variables: [DENIAL, ...unless], rules }],
  );
  const lists = ofGrants.every((list) => list.length === 0) ? ofDenials : ofGrants;
  // What one side alone has is a gain, a loss or a guard, whatever the condition means.
  if (lists.some((list) => list.length === 0)) return [];
  return lists.flat().filter((one) => one.variables.some(variables.isChanged));
}

/** Lists the alternatives of a principal that are gained, lost or touched. */
type ListAlternatives = (sides: Sides) => readonly Alternative[];

/**
 * Tells whether an alternative is told for an included principal. It isn't if a principal between the two cancels it: for whoever
 * holds still more, it comes back. Nor does it count for an included principal for which another one tells it.
 */
function isImplied(
  { variables }: Alternative,
  others: readonly Included[],
  merge: Others["merge"],
  list: ListAlternatives,
): boolean {
  const hasIt = ({ sides }: Included) => list(sides).some((one) => isSubset(one.variables, variables));
  const having = others.filter(hasIt);
  if (having.length === 0) return false;
  const lacking = others.filter((one) => !having.includes(one));
  const between = having.flatMap(({ who }) =>
    lacking.flatMap((other) => {
      const both = includesWho(who, other.who) ? undefined : merge(who, other.who);
      return both === undefined || hasIt(both) ? [] : [both];
    }),
  );
  return lacking.length === 0 || isToldOf(having.map(toWho), [...lacking, ...between].map(toWho));
}

function toWho({ who }: Included): Who {
  return who;
}

/** Tells whether what some principals have, and others lack, is told for one of them with whoever includes them all. */
function isToldOf(having: readonly Who[], lacking: readonly Who[]): boolean {
  const isCancelled = (teller: Who, who?: Who) =>
    lacking.some((one) => includesWho(one, teller) && (who === undefined || includesWho(who, one)));
  const sizeOf = (who: Who) => having.filter((one) => includesWho(who, one)).length;
  const smallestFirst = having.map((who) => ({ who, size: sizeOf(who) })).sort((one, other) => one.size - other.size);
  const tellers: Who[] = [];
  for (const { who } of smallestFirst) {
    if (!tellers.some((teller) => includesWho(who, teller) && !isCancelled(teller, who))) tellers.push(who);
  }
  return tellers.some((teller) => !isCancelled(teller));
}

/** Tells whether the denials of two states hold in the same cases. */
export function isSameDenied({ denied: one }: State, { denied: other }: State): boolean {
  if (one.isAlways || other.isAlways) return one.isAlways === other.isAlways;
  return isSubset(one.unless, other.unless) && isSubset(other.unless, one.unless);
}

/** Tells whether the denials differ for a principal as they differ for those that it includes. */
export function isImpliedGuard(before: State, after: State, others: readonly Pick<Included, "sides">[]): boolean {
  const own = ({ denied }: State, side: number): string => {
    const mine = toDenying(denied);
    const theirs = [...new Set(others.flatMap(({ sides }) => toDenying(sides[side]?.denied)))];
    const added = mine.filter((one) => !theirs.includes(one));
    const lifted = theirs.filter((one) => !mine.includes(one)).sort();
    return JSON.stringify([added, lifted]);
  };
  return own(before, 0) === own(after, 1);
}

/** Lists what keeps a denial from being lifted; a denial that nothing lifts is -1. */
function toDenying(denied: State["denied"] | undefined): readonly number[] {
  if (denied === undefined) return [];
  return denied.isAlways ? [-1] : denied.unless;
}

/** Names what makes the difference: the grants of the side that has more, or the denials of the other. */
function toBy(gained: readonly Alternative[], less: State, more: State): readonly string[] {
  const denials = less.denied.rules.filter((rule) => !more.denied.rules.includes(rule));
  const grants = gained.flatMap(({ rules }) => rules);
  return [...new Set([...grants, ...(less.alternatives.length === 0 ? denials : [])])].sort();
}

function toDifference(
  { variables }: Field,
  kind: Change["kind"],
  before: State,
  after: State,
  by: readonly string[],
): Difference {
  const isOfDenial =
    kind === "guard" || (kind === "condition" && before.alternatives.length + after.alternatives.length === 0);
  const toTerms = (state: State, side: number): readonly Terms[] => {
    const { isAlways, unless } = state.denied;
    const lifting = isAlways || unless.length === 0 ? [] : [unless];
    const lists = isOfDenial ? lifting : state.alternatives.map((one) => one.variables);
    return lists
      .map((list) => variables.toTerms(side, list))
      .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  };
  const terms = { before: toTerms(before, 0), after: toTerms(after, 1) };
  const difference = {
    kind,
    before: toAccess(before, isOfDenial ? [] : terms.before),
    after: toAccess(after, isOfDenial ? [] : terms.after),
    terms,
    by,
  };
  const variablesOf = ({ alternatives, denied }: State) =>
    kind === "guard" ? [denied.isAlways, denied.unless] : alternatives.map((one) => one.variables.join()).sort();
  return { ...difference, key: JSON.stringify([difference, variablesOf(before), variablesOf(after)]) };
}
