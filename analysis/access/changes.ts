import { err, ok, type Result } from "../../contract/result.ts";
import { createBudget, TestLimit } from "./budget.ts";
import { joinApis, listApis } from "./by-api.ts";
import { toCancelling } from "./cancelling.ts";
import { toCombinations } from "./combinations.ts";
import { createDiffer, type Differ, type Difference } from "./differences.ts";
import { explore, toRolesKey } from "./explore.ts";
import { createField, createStates, type Field, listMet, toHolders } from "./field.ts";
import { createIncluded } from "./included.ts";
import { createMemory } from "./memory.ts";
import type { AccessPolicy, Change, TooManyTests, Who } from "./model.ts";
import { toEqualSegments } from "./owners.ts";
import { meetOf, type Pattern, type Point, toPattern } from "./points.ts";
import { type Stated, type Tells, toRegions } from "./regions.ts";
import { toVerbs } from "./rules.ts";
import { createVariables, pairConditions } from "./variables.ts";
import { formatWho } from "./who.ts";

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
  const budget = createBudget();
  try {
    return ok(joinApis(apis, (api) => changesOf(createField(policies, variables, api, budget))));
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

function changesOf(field: Field): readonly Change[] {
  const single = explore(field);
  const found = [...single, ...toCombinations(field, single)];
  const listIncluded = createIncluded(
    found.map(({ who }) => who),
    field.count,
  );
  const known = new Map<string, readonly Change[]>();
  // Several principals include the same ones, whose points are decided once.
  const statesOf = createMemory((who: Who) => createStates(field, toHolders(field, who)), formatWho);
  const isSingle = new Set(single.map(({ who }) => who));
  const isFound = new Set(found.map(({ who }) => formatWho(who)));
  const all: Change[] = [];
  // Principals that are found while the list is read are read, too.
  for (const { who, points } of found) {
    const included = listIncluded(who);
    const key = points.size === 0 ? undefined : toRolesKey(field, who, included);
    const keyed = key === undefined ? undefined : `${key} ${isSingle.has(who) ? "" : formatWho(who)}`;
    const find = () => toWhoChanges(field, who, createDiffer(field, who, included, statesOf), points);
    const changes = (keyed === undefined ? undefined : known.get(keyed)) ?? find();
    if (keyed !== undefined) known.set(keyed, changes);
    for (const change of changes) {
      const { not, again } = toCancelling(field, who, change);
      all.push({ ...change, who, not });
      for (const one of again.filter((other) => !isFound.has(formatWho(other.who)))) {
        isFound.add(formatWho(one.who));
        found.push(one);
      }
    }
  }
  return all;
}

function toWhoChanges(field: Field, who: Who, differ: Differ, points: ReadonlyMap<string, Point>): readonly Change[] {
  const holders = toHolders(field, who);
  const places = [...points.values()].flatMap((point) =>
    field.methodsAt(point).map((methods): Place => ({ point, methods })),
  );
  const listInside = (pattern: Pattern, method: number) =>
    listMet(field, holders, pattern, method, ["grantTree", "denialTree"]);
  const statesAt = createStates(field, holders);
  // Where nobody can have any of the told alternatives, and nothing else is allowed, the change is not wrong.
  const isOther = ({ terms }: Difference, point: Point, method: number) => {
    const told = [...terms.before, ...terms.after];
    return (
      told.length === 0 ||
      told.some(({ own }) => toEqualSegments(own, point) !== undefined) ||
      statesAt(point, method).some(({ alternatives }) => alternatives.length > 0)
    );
  };
  const told: KeyedChange[] = [];
  const visited = new Set<string>();
  let waiting: readonly Place[] = places;
  while (waiting.length > 0) {
    // Inside an exception, there may be another difference, or the same again.
    const inside = new Map<string, Place>();
    for (const { difference, places: found } of byDifference(waiting, differ)) {
      const { key } = difference;
      const holds: Tells = (point, method) => differ(point, method).some((one) => one.key === key);
      const untold = found.filter(
        ({ point, methods }) => !told.some((one) => one.key === key && isIn(one, point, methods)),
      );
      const changes = toChanges(difference, who, untold, field.longest, {
        holds,
        listExceptions(pattern, method) {
          const met = listInside(pattern, method);
          const outside = met.filter((point) => !holds(point, method) && isOther(difference, point, method));
          for (const point of outside.length === 0 ? [] : met) {
            inside.set(`${method} ${point.key}`, { point, methods: method });
          }
          return outside;
        },
      });
      told.push(...changes);
    }
    waiting = [...inside].flatMap(([key, place]) => (visited.has(key) ? [] : [place]));
    for (const key of inside.keys()) visited.add(key);
  }
  return told.map(({ key: _, methods, ...change }) => ({ ...change, verbs: toVerbs(methods) }));
}

interface Place {
  readonly point: Point;
  readonly methods: number;
}

/** A change, with the key of its difference. */
interface KeyedChange extends Change, Pick<Difference, "key"> {
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
  longest: number,
  stated: Stated,
): readonly KeyedChange[] {
  return toRegions(places, longest, stated).map(({ region, methods }) => {
    return { ...difference, who, not: [], verbs: [], methods, region, apis: undefined };
  });
}

/** Tells whether a change is told for a point. */
function isIn({ region, methods }: KeyedChange, point: Point, method: number): boolean {
  if ((methods & method) === 0) return false;
  const matches = (path: string) => meetOf(point, toPattern(path))?.key === point.key;
  return matches(region.path) && !region.except.some(matches);
}
