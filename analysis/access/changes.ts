import { err, ok, type Result } from "../../contract/result.ts";
import { joinApis, listApis } from "./by-api.ts";
import { type Alternative, isSubset, type State } from "./decide.ts";
import {
  createCounter,
  createField,
  createStates,
  type Explored,
  explore,
  type Field,
  listIncluded,
  listMet,
  rulesAt,
  TestLimit,
  toHolders,
  toRolesKey,
} from "./field.ts";
import type { Access, AccessPolicy, Change, Terms, TooManyTests, Who } from "./model.ts";
import { meetOf, type Pattern, type Point, toPattern, toPoints } from "./points.ts";
import { toRegions } from "./regions.ts";
import { type ComparedRule, isUnconditional, splitMethods, toVerbs } from "./rules.ts";
import { createVariables, pairConditions } from "./variables.ts";
import { AUTHENTICATED, formatWho, includesWho, mergeWhos, whoOf } from "./who.ts";

/**
 * Compares the access that two policies give: who gains, who loses, and what is guarded otherwise, for every principal, path and
 * truth of conditions. Nothing is found exactly if effect and "a denial fires" agree for all of them.
 *
 * @returns The changes in no particular order, or which rules need too many tests.
 */
export function compareAccess(before: AccessPolicy, after: AccessPolicy): Result<readonly Change[], TooManyTests> {
  const policies = [before, after];
  const variables = createVariables(policies, pairConditions(policies));
  const apis = listApis(policies);
  const count = createCounter();
  try {
    return ok(joinApis(apis, (api) => changesOf(createField(policies, variables, api, count))));
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

function changesOf(field: Field): readonly Change[] {
  const single = explore(field);
  const found = [...single, ...toCombinations(field, single)];
  const all = found.map(({ who }) => who);
  const known = new Map<string, readonly Change[]>();
  return found.flatMap(({ who, points }) => {
    const included = listIncluded(who, all);
    const key = points.size === 0 ? undefined : toRolesKey(field, who, included);
    const keyed = key === undefined ? undefined : `${key} ${isCombined(single, who)}`;
    const changes = (keyed === undefined ? undefined : known.get(keyed)) ?? toWhoChanges(field, who, included, points);
    if (keyed !== undefined) known.set(keyed, changes);
    return changes.map((change) => ({ ...change, who, not: toCancelling(field, who, change) }));
  });
}

function isCombined(single: readonly Explored[], who: Who): string {
  return single.some((one) => one.who === who) ? "" : formatWho(who);
}

/** A difference between two policies at a point, for a principal. */
interface Difference extends Pick<Change, "kind" | "before" | "after" | "terms" | "by"> {
  /** Differs between any two differences that are not the same. */
  readonly key: string;
}

type Differ = (point: Point, methods: number) => readonly Difference[];

function toWhoChanges(
  field: Field,
  who: Who,
  included: readonly Who[],
  points: ReadonlyMap<string, Point>,
): readonly Change[] {
  const holders = toHolders(field, who);
  const differ = createDiffer(field, who, included);
  const places = [...points.values()].flatMap((point) =>
    splitMethods(rulesAt(field, point)).map((methods): Place => ({ point, methods })),
  );
  const listInside = (pattern: Pattern, method: number) =>
    listMet(field, holders, pattern, method, ["grantTree", "denialTree"]);
  const excepted = new Map<string, Place>();
  const changes = byDifference(places, differ).flatMap(({ difference, places: found }) => {
    const holds: Holds = (point, method) => differ(point, method).some(({ key }) => key === difference.key);
    return toChanges(difference, who, found, holds, (pattern, method) => {
      const met = listInside(pattern, method);
      const outside = met.filter((point) => !holds(point, method));
      // An exception may have points inside that are none.
      const visited = outside.length === 0 ? [] : met;
      for (const point of visited) excepted.set(`${method} ${point.key}`, { point, methods: method });
      return outside;
    });
  });
  // Where a region has an exception, there may be another difference. There, only points without any are left out: exceptions
  // of exceptions would have no end.
  const others = byDifference([...excepted.values()], differ).flatMap(({ difference, places: found }) => {
    const { key, kind } = difference;
    const holds: Holds = (point, method) => differ(point, method).some((one) => one.key === key);
    const isSameKind: Holds = (point, method) => differ(point, method).some((one) => one.kind === kind);
    const told = changes.filter((one) => one.key === key);
    const untold = found.filter(({ point, methods }) => !told.some((one) => isIn(one, point, methods)));
    return toChanges(difference, who, untold, holds, (pattern, method) =>
      listInside(pattern, method).filter((point) => !isSameKind(point, method)),
    );
  });
  return [...changes, ...others].map(({ key: _, methods, ...change }) => ({ ...change, verbs: toVerbs(methods) }));
}

interface Place {
  readonly point: Point;
  readonly methods: number;
}

type Holds = (point: Point, method: number) => boolean;

/** A change, with the key of its difference. */
interface KeyedChange extends Change {
  readonly key: string;
  readonly methods: number;
}

/** Finds the differences at some places, each with all places that have it. */
function byDifference(
  places: readonly Place[],
  differ: Differ,
): readonly { readonly difference: Difference; readonly places: readonly Place[] }[] {
  const found = new Map<string, { difference: Difference; places: Place[] }>();
  for (const place of places) {
    for (const difference of differ(place.point, place.methods)) {
      const known = found.get(difference.key) ?? { difference, places: [] };
      known.places.push(place);
      found.set(difference.key, known);
    }
  }
  return [...found.values()];
}

function toChanges(
  difference: Difference,
  who: Who,
  places: readonly Place[],
  holds: Holds,
  listExceptions: (pattern: Pattern, method: number) => readonly Point[],
): readonly KeyedChange[] {
  return toRegions(places, holds, listExceptions).map(({ region, methods }) => {
    return { ...difference, who, not: [], verbs: [], methods, region, apis: undefined };
  });
}

/** Tells whether a change is told for a point. */
function isIn({ region, methods }: KeyedChange, point: Point, method: number): boolean {
  if ((methods & method) === 0) return false;
  const matches = (path: string) => meetOf(point, toPattern(path))?.key === point.key;
  return matches(region.path) && !region.except.some(matches);
}

/** Creates a function that finds what is different at a point for a principal, and not for one that it includes. */
function createDiffer(field: Field, who: Who, included: readonly Who[]): Differ {
  const statesAt = createStates(field, toHolders(field, who));
  const othersAt = included.map((one) => ({ who: one, statesAt: createStates(field, toHolders(field, one)) }));
  const known = new Map<string, readonly Difference[]>();
  return (point, methods) => {
    const key = `${methods & -methods} ${point.key}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = toDifferences(field, statesAt(point, methods), () =>
      othersAt.map((other) => ({ who: other.who, sides: other.statesAt(point, methods) })),
    );
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

function toDifferences(field: Field, sides: Sides, readOthers: () => readonly Included[]): readonly Difference[] {
  const [before, after] = sides;
  if (before === undefined || after === undefined) return [];
  if (before.isPublic !== after.isPublic) {
    // It concerns everybody, also those without a token.
    if (readOthers().length > 0) return [];
    const [{ alternatives } = before] = [before, after].filter(({ isPublic }) => isPublic);
    return [toDifference(field, "public", before, after, alternatives.flatMap(({ rules }) => rules).sort())];
  }
  const gained = toGained(before, after);
  const lost = toGained(after, before);
  const touched = listTouched(field, before, after);
  const isGuard = gained.length + lost.length === 0 && !isSameDenied(before, after);
  if (gained.length + lost.length + touched.length === 0 && !isGuard) return [];
  const others = readOthers();
  const found: Difference[] = [];
  const add = (kind: Change["kind"], alternatives: readonly Alternative[], by: readonly string[]) => {
    if (alternatives.length > 0) found.push(toDifference(field, kind, before, after, by));
  };
  const ownGained = withoutImplied(gained, others, ([first, second]) => toGained(first, second));
  const ownLost = withoutImplied(lost, others, ([first, second]) => toGained(second, first));
  add("gain", ownGained, toBy(ownGained, before, after));
  add("loss", ownLost, toBy(ownLost, after, before));
  const ownTouched = withoutImplied(touched, others, ([first, second]) => listTouched(field, first, second));
  add("condition", ownTouched, [...new Set(ownTouched.flatMap(({ rules }) => rules))].sort());
  if (isGuard && !isImpliedGuard(before, after, others)) {
    const rules = [...new Set([...before.denied.rules, ...after.denied.rules])].sort();
    const changed = rules.filter((rule) => before.denied.rules.includes(rule) !== after.denied.rules.includes(rule));
    found.push(toDifference(field, "guard", before, after, changed.length > 0 ? changed : rules));
  }
  return found;
}

/** Lists the alternatives of the second state that none of the first implies. */
function toGained(first: State | undefined, second: State | undefined): readonly Alternative[] {
  return (second?.alternatives ?? []).filter(
    ({ variables }) => first?.alternatives.some((one) => isSubset(one.variables, variables)) !== true,
  );
}

/** Marks the variables of a denial, which imply nothing about what a grant asks for. No variable has this number. */
const DENIAL = -1;

/** Lists the alternatives that ask for a condition which is not the same on both sides. */
function listTouched(
  { variables }: Field,
  before: State | undefined,
  after: State | undefined,
): readonly Alternative[] {
  const states = [before, after].filter((state) => state !== undefined);
  const ofGrants = states.flatMap(({ alternatives }) => alternatives);
  // Where nothing is granted, a denial that yields to the condition still fires or not.
  const ofDenials = states.map(({ denied }) => ({ variables: [DENIAL, ...denied.unless], rules: denied.rules }));
  const all = ofGrants.length > 0 ? ofGrants : ofDenials;
  return all.filter((one) => one.variables.some(variables.isChanged));
}

/**
 * Drops what is told for an included principal. It isn't if a principal between the two cancels it: for whoever holds still
 * more, it comes back.
 */
function withoutImplied(
  alternatives: readonly Alternative[],
  others: readonly Included[],
  list: (sides: Sides) => readonly Alternative[],
): readonly Alternative[] {
  if (alternatives.length === 0) return alternatives;
  const known = others.map(({ who, sides }) => ({ who, listed: list(sides) }));
  return alternatives.filter(({ variables }) => {
    const hasIt = ({ listed }: (typeof known)[number]) => listed.some((one) => isSubset(one.variables, variables));
    return !known.some((one) => hasIt(one) && known.every((other) => hasIt(other) || !includesWho(other.who, one.who)));
  });
}

function isSameDenied({ denied: one }: State, { denied: other }: State): boolean {
  if (one.isAlways || other.isAlways) return one.isAlways === other.isAlways;
  return isSubset(one.unless, other.unless) && isSubset(other.unless, one.unless);
}

/** Tells whether the denials differ for a principal as they differ for those that it includes. */
function isImpliedGuard(before: State, after: State, others: readonly Pick<Included, "sides">[]): boolean {
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
  const difference = {
    kind,
    before: toAccess(before, toTerms(before, 0), kind),
    after: toAccess(after, toTerms(after, 1), kind),
    terms: { before: toTerms(before, 0), after: toTerms(after, 1) },
    by,
  };
  const variablesOf = ({ alternatives, denied }: State) =>
    kind === "guard" ? [denied.isAlways, denied.unless] : alternatives.map((one) => one.variables.join()).sort();
  return { ...difference, key: JSON.stringify([difference, variablesOf(before), variablesOf(after)]) };
}

/** Names how an access is decided. */
export function toAccess(
  { alternatives, denied, isPublic }: State,
  terms: readonly Terms[],
  kind?: "guard" | string,
): Access {
  if (isPublic) return "public";
  const [first] = terms;
  if (kind !== "guard" && alternatives.length > 0 && first !== undefined) {
    if (terms.some(isUnconditional)) return "allow";
    return terms.some(({ conditions }) => conditions.length === 0) ? "own" : "conditional";
  }
  return denied.isAlways || denied.unless.length > 0 ? "denied" : "none";
}

/**
 * Lists the principals who hold what two others hold, where that makes a difference: one of them is allowed something, and the
 * denials for the other one are not the same on both sides.
 */
function toCombinations(field: Field, single: readonly Explored[]): readonly Explored[] {
  const known = new Set(single.map(({ who }) => formatWho(who)));
  const found = new Map<string, { readonly who: Who; readonly points: Map<string, Point> }>();
  for (const guarded of single) {
    if (guarded.who.atoms.length === 0) continue;
    for (const { point, methods } of listGuardPoints(field, guarded)) {
      for (const { table, grantTree } of field.sides) {
        for (const grant of grantTree.meeting(point)) {
          const met = (grant.methods & methods) === 0 ? undefined : meetOf(point, grant);
          if (met === undefined) continue;
          field.count(grant.name);
          for (const way of grant.roles.flatMap((role) => table.waysTo(role))) {
            const who = mergeWhos(guarded.who, whoOf(way));
            if (who === undefined || known.has(formatWho(who))) continue;
            const one = found.get(formatWho(who)) ?? { who, points: new Map<string, Point>() };
            one.points.set(met.key, met);
            found.set(formatWho(who), one);
          }
        }
      }
    }
  }
  return [...found.values()];
}

/** Lists the points and methods at which the denials for a principal are not the same on both sides. */
function listGuardPoints(
  field: Field,
  { who, points }: Explored,
): readonly { readonly point: Point; readonly methods: number }[] {
  const holders = toHolders(field, who);
  const isLimited = ({ roles, formulas }: ComparedRule) => roles.length > 0 || formulas.length > 0;
  if (!field.sides.some(({ denials }) => denials.some(isLimited))) return [];
  const statesAt = createStates(field, holders);
  const everybodyAt = createStates(field, toHolders(field, AUTHENTICATED));
  return [...points.values()].flatMap((point) => {
    const matching = field.matching(point);
    if (!matching.some(({ denials }) => denials.some(isLimited))) return [];
    return splitMethods(rulesAt(field, point)).flatMap((methods) => {
      const [before, after] = statesAt(point, methods);
      if (before === undefined || after === undefined || isSameDenied(before, after)) return [];
      return isImpliedGuard(before, after, [{ sides: everybodyAt(point, methods) }]) ? [] : [{ point, methods }];
    });
  });
}

/** The most atoms that are tried for what cancels one change. */
const MAX_CANCELLING = 200;

/** Finds what cancels a gain or a loss, if the token carries it, too. */
function toCancelling(field: Field, who: Who, change: Change): Change["not"] {
  if (change.kind !== "gain" && change.kind !== "loss") return [];
  const pattern = toPattern(change.region.path);
  const point = toPoints(pattern, Math.max(field.longest, pattern.segments.length + 1)).at(-1);
  if (point === undefined) return [];
  const methods = splitMethods(rulesAt(field, point)).find((set) => toVerbs(set).some((verb) => hasVerb(change, verb)));
  if (methods === undefined) return [];
  const isChanged = (one: Who) => {
    const [before, after] = createStates(field, toHolders(field, one))(point, methods);
    return (change.kind === "gain" ? toGained(before, after) : toGained(after, before)).length > 0;
  };
  const candidates = new Map<string, Who>();
  for (const [side, { grants, denials }] of field.matching(point).entries()) {
    const { table } = field.sides[side] ?? {};
    if (table === undefined) continue;
    const rules = [...grants, ...denials].filter((rule) => (rule.methods & methods) !== 0);
    const asked = rules.flatMap(({ formulas }) => formulas.flat().flatMap(({ has, lacks }) => [...has, ...lacks]));
    for (const way of [...rules.flatMap(({ roles }) => roles), ...asked].flatMap((role) => table.waysTo(role))) {
      candidates.set(formatWho(whoOf(way)), whoOf(way));
    }
  }
  const compared = new Set(
    [...change.terms.before, ...change.terms.after].flatMap(({ own }) => own.map(([, claim]) => claim)),
  );
  return [...candidates.values()].slice(0, MAX_CANCELLING).flatMap((other) => {
    const merged = mergeWhos(who, other);
    const [atom] = other.atoms;
    if (merged === undefined || atom === undefined || includesWho(who, other) || isChanged(merged)) return [];
    // What the claim is follows from the path.
    if (atom.by === "claim" && compared.has(atom.claim)) return [];
    return [{ ...atom, ...(other.issuer !== undefined && { issuer: other.issuer }) }];
  });
}

function hasVerb({ verbs }: Change, verb: string): boolean {
  return verbs.includes(verb) || (verbs.includes("ANY") && verb !== "CONNECT") || verb === "ANY";
}
