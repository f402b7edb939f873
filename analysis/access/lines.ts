import { err, ok, type Result } from "../../contract/result.ts";
import { type Alternative, isSubset } from "./alternatives.ts";
import { createBudget, TestLimit } from "./budget.ts";
import { joinApis, listApis } from "./by-api.ts";
import { type StateAt, withConsensus } from "./consensus.ts";
import type { State } from "./decide.ts";
import { toDenyLines } from "./deny-lines.ts";
import { explore, toRolesKey } from "./explore.ts";
import { createField, createStates, type Field, listMet, listMetByOwners, toHolders } from "./field.ts";
import { createIncluded } from "./included.ts";
import { createIsOfOwner, type IsOfOwner } from "./line-owners.ts";
import { createMemory } from "./memory.ts";
import type { AccessLine, AccessPolicy, TooManyTests, Who } from "./model.ts";
import { toEqualSegments } from "./owners.ts";
import { createPassing, type Passing } from "./passing.ts";
import { type Point, toPoints } from "./points.ts";
import { toRegions } from "./regions.ts";
import { createRoleVariables, type RoleVariables } from "./role-variables.ts";
import { toVerbs } from "./rules.ts";
import { createVariables, pairConditions } from "./variables.ts";
import { AUTHENTICATED, includesWho, isIssuerAlone } from "./who.ts";

/** The most lines of one policy's access. */
const MAX_LINES = 500_000;

/**
 * Writes the access of a policy as lines that depend on who may do what, and not on how the rules are written: two policies
 * have the same lines exactly if they decide the same, for conditions with the same names and digests.
 *
 * @returns The lines in no particular order, or which rules need too many tests.
 */
export function toAccessLines(
  policy: AccessPolicy,
  budget = createBudget(),
): Result<readonly AccessLine[], TooManyTests> {
  const variables = createVariables([policy], pairConditions([policy]));
  const apis = listApis([policy]);
  try {
    const lines = joinApis(apis, (api) => linesOf(createField([policy], variables, api, budget)));
    if (lines.length > MAX_LINES) return err({ code: "too_many_lines", limit: MAX_LINES, rules: [] });
    return ok(lines);
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

function linesOf(field: Field): readonly AccessLine[] {
  const ofRoles = createRoleVariables(field.variables);
  // Several principals include the same ones, whose points are decided once.
  const stateAtOf = createMemory(
    (who: Who) => toStateAt(field, who, ofRoles),
    (who) => who,
  );
  const found = withConsensus(field, explore(field, "all"), stateAtOf, ofRoles);
  const listIncluded = createIncluded(
    found.map(({ who }) => who),
    field.count,
  );
  const isOfOwner = createIsOfOwner(field, listIncluded, stateAtOf);
  const known = new Map<string, readonly UnnamedLine[]>();
  // What must not be held besides, and what whoever owns a path has by that, depends on the whole principal: of which issuer it
  // is, and what it would hold then.
  const isAskedForRoles = field.sides.some(({ grants }) => grants.some(({ formulas }) => formulas.length > 0));
  const isGivenByOwn = field.sides.some(({ table }) =>
    [...field.compared].some((claim) => table.valuesOf(claim).length > 0),
  );
  // A line names nobody by an issuer alone.
  const named = found.filter(({ who }) => !isIssuerAlone(who));
  const ofWhos = named.flatMap(({ who, points }) => {
    const included = listIncluded(who);
    const key = isAskedForRoles || isGivenByOwn ? undefined : toRolesKey(field, who, included);
    const others = { included, stateAtOf, isOfOwner, ofRoles };
    const lines = (key === undefined ? undefined : known.get(key)) ?? toWhoLines(field, who, others, points);
    if (key !== undefined) known.set(key, lines);
    return lines.map((line): AccessLine => ({ ...line, who }));
  });
  return [...ofWhos, ...toDenyLines(field), ...toPublicLines(field)];
}

/** A line without its principal: principals with the same roles have the same lines. */
type UnnamedLine = Omit<Extract<AccessLine, { kind: "allow" }>, "who">;

/** The points and methods at which something holds for a principal. */
interface Found {
  readonly variables: readonly number[];
  readonly places: { readonly point: Point; readonly methods: number }[];
}

/** The principals whose lines say what a principal may do, too. */
interface Others {
  /** Those that this one includes. */
  readonly included: readonly Who[];
  readonly stateAtOf: (who: Who) => StateAt;
  readonly isOfOwner: IsOfOwner;
  readonly ofRoles: RoleVariables;
}

function toWhoLines(
  field: Field,
  who: Who,
  { included, stateAtOf, isOfOwner, ofRoles }: Others,
  points: ReadonlyMap<string, Point>,
): readonly UnnamedLine[] {
  const stateAt = toStateAt(field, who, ofRoles);
  const allowed = new Map<string, Found>();
  const ofIssuer = included.filter(isIssuerAlone);
  /** Those whose lines tell what this one has at a point, too. */
  const listTelling = (point: Point, methods: number): readonly Who[] => {
    if (!ofIssuer.some((one) => stateAtOf(one)(point, methods).alternatives.length > 0)) return included;
    const ofEverybody = stateAtOf(AUTHENTICATED)(point, methods).alternatives;
    const besides = ofEverybody.flatMap(({ variables }) => ofRoles.toBesides(variables));
    const isLoser = (one: Who) => besides.some((other) => includesWho(one, other));
    // What all principals of an issuer have is told of those of them who lose what everybody has.
    return isLoser(who) ? included.filter((one) => one.issuer === undefined || isLoser(one)) : included;
  };
  const ownAt = (point: Point, methods: number): readonly Alternative[] => {
    const state = stateAt(point, methods);
    if (state.isPublic || state.alternatives.length === 0) return [];
    field.count("", included.length / 2);
    const passing = toPassing(field, point, methods);
    const implied = listTelling(point, methods).flatMap((other) =>
      stateAtOf(other)(point, methods).alternatives.flatMap((one) => {
        const restricted = ofRoles.restrict(one.variables, who, passing);
        return restricted === undefined ? [] : [restricted];
      }),
    );
    const own = state.alternatives.filter(({ variables }) => !implied.some((one) => isSubset(one, variables)));
    return own.filter(({ variables }) => !isOfOwner(who, variables, point, methods));
  };
  for (const point of points.values()) {
    for (const methods of field.methodsAt(point)) {
      for (const { variables } of ownAt(point, methods)) record(allowed, variables, point, methods);
    }
  }
  return [...allowed.values()].flatMap((one) => toAllowLines(field, who, { points, stateAt, ownAt }, one));
}

/** Finds whom the denials at a point let pass. */
function toPassing(field: Field, point: Point, methods: number): Passing {
  const [side] = field.sides;
  const denials = field.matching(point)[0]?.denials.filter((denial) => (denial.methods & methods) !== 0) ?? [];
  return side === undefined || denials.length === 0 ? (who) => [who] : createPassing(denials, side.table);
}

function record(into: Map<string, Found>, variables: readonly number[], point: Point, methods: number): void {
  const key = variables.join();
  const known = into.get(key) ?? { variables, places: [] };
  known.places.push({ point, methods });
  into.set(key, known);
}

/** Creates a function that decides points for a principal. What other roles would change is a variable. */
function toStateAt(field: Field, who: Who, { toVariable }: RoleVariables): StateAt {
  const statesAt = createStates(field, toHolders(field, who), toVariable);
  return (point, methods) => statesAt(point, methods)[0] ?? NOTHING;
}

const NOTHING: State = {
  alternatives: [],
  denied: { isAlways: false, unless: [], rules: [] },
  isPublic: false,
};

interface At {
  /** Those at which the principal was looked at. */
  readonly points: ReadonlyMap<string, Point>;
  readonly stateAt: StateAt;
  /** Lists the alternatives at a point that no other line tells. */
  readonly ownAt: (point: Point, methods: number) => readonly Alternative[];
}

function toAllowLines(
  field: Field,
  who: Who,
  { points, stateAt, ownAt }: At,
  { variables, places }: Found,
): readonly UnnamedLine[] {
  const terms = field.variables.toTerms(0, variables);
  const holders = toHolders(field, who);
  const suffices = (point: Point, methods: number) =>
    stateAt(point, methods).alternatives.some((one) => isSubset(one.variables, variables));
  const key = variables.join();
  const saidAt = new Map<string, number>();
  for (const { point, methods } of places) saidAt.set(point.key, (saidAt.get(point.key) ?? 0) | methods);
  const regions = toRegions(places, field.longest, {
    holds: suffices,
    isSaid(point, methods) {
      if (points.has(point.key)) return ((saidAt.get(point.key) ?? 0) & methods) !== 0;
      return ownAt(point, methods).some((one) => one.variables.join() === key);
    },
    listExceptions(pattern, methods) {
      const met = listMet(field, holders, pattern, methods, ["denialTree"]);
      const all = [...met, ...listMetByOwners(field, holders, [...toPoints(pattern, field.longest), ...met], methods)];
      // Where equal positions differ, nothing is told, and so nothing is left out.
      return all.filter((point) => toEqualSegments(terms.own, point) !== undefined && !suffices(point, methods));
    },
  });
  return regions.map(({ region, methods }) => ({
    kind: "allow",
    verbs: toVerbs(methods),
    region,
    terms,
    apis: undefined,
  }));
}

function toPublicLines(field: Field): readonly AccessLine[] {
  const rules = field.sides.flatMap(({ publicRules }) => publicRules);
  const places = rules.flatMap((rule) =>
    toPoints(rule, field.longest).map((point) => ({ point, methods: rule.methods })),
  );
  const isOpen = (point: Point, methods: number) =>
    field.matching(point).some(({ publicRules }) => publicRules.some((rule) => (rule.methods & methods) !== 0));
  return toRegions(places, field.longest, { holds: isOpen }).map(({ region, methods }) => ({
    kind: "public",
    verbs: toVerbs(methods),
    region,
    apis: undefined,
  }));
}
