import {
  concerns,
  decide,
  type Holder,
  isTrue,
  listOwnPoints,
  type Matching,
  type State,
  type ToRoleVariable,
  toWhos,
} from "./decide.ts";
import type { AccessPolicy, TooManyTests, Who } from "./model.ts";
import { meetOf, type Pattern, type Point, toPoints } from "./points.ts";
import { createRuleTree, type RuleTree } from "./rule-tree.ts";
import { type ComparedRule, type ComparedRules, toComparedRules } from "./rules.ts";
import type { Variables } from "./variables.ts";
import { AUTHENTICATED, createRoleTable, formatWho, includesWho, mergeWhos, type RoleTable, whoOf } from "./who.ts";

/** The most points that one comparison judges. A policy of 10,000 grants takes some 100,000. */
export const MAX_TESTS = 10_000_000;

/** The rules of the policies that are compared, for one API, arranged for look-up. */
export interface Field {
  readonly sides: readonly FieldSide[];
  /** The number of segments of the longest template. */
  readonly longest: number;
  readonly variables: Variables;
  /** Finds the rules of each side that match a point. */
  readonly matching: (point: Point) => readonly Matching[];
  /** Counts a test of a rule; throws {@link TestLimit} above the limit. */
  readonly count: (rule: string) => void;
}

interface FieldSide extends ComparedRules {
  readonly table: RoleTable;
  readonly denialTree: RuleTree<ComparedRule>;
  /** The grants and the public rules. */
  readonly grantTree: RuleTree<ComparedRule>;
  readonly grantsByRole: ReadonlyMap<string, readonly ComparedRule[]>;
}

/** Ends a comparison that would take too long. It doesn't leave this room. */
export class TestLimit extends Error {
  readonly tooMany: TooManyTests;
  constructor(tooMany: TooManyTests) {
    super(tooMany.code);
    this.tooMany = tooMany;
  }
}

/** Counts the tests of a comparison, by rule. */
export function createCounter(limit = MAX_TESTS): Field["count"] {
  const counts = new Map<string, number>();
  let tests = 0;
  return (rule) => {
    tests += 1;
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    if (tests <= limit) return;
    const most = [...counts].sort(([, one], [, other]) => other - one).slice(0, 5);
    throw new TestLimit({ code: "too_many_tests", limit, rules: most.map(([name]) => name) });
  };
}

/** Arranges the rules of the policies that are compared. */
export function createField(
  policies: readonly AccessPolicy[],
  variables: Variables,
  api: string | undefined,
  count: Field["count"],
): Field {
  const sides = policies.map((policy, side): FieldSide => {
    const rules = toComparedRules(policy, side, variables, api);
    const grantsByRole = new Map<string, ComparedRule[]>();
    for (const grant of [...rules.grants, ...rules.publicRules]) {
      for (const role of grant.roles) {
        const known = grantsByRole.get(role);
        if (known === undefined) grantsByRole.set(role, [grant]);
        else known.push(grant);
      }
    }
    return {
      ...rules,
      table: createRoleTable(policy.roles),
      denialTree: createRuleTree(rules.denials),
      grantTree: createRuleTree([...rules.grants, ...rules.publicRules]),
      grantsByRole,
    };
  });
  const all = sides.flatMap(({ grants, denials, publicRules }) => [...grants, ...denials, ...publicRules]);
  const longest = all.reduce((most, rule) => Math.max(most, rule.segments.length + (rule.isGreedy ? 1 : 0)), 0);
  const known = new Map<string, readonly Matching[]>();
  return {
    sides,
    longest,
    variables,
    count,
    matching(point) {
      const found = known.get(point.key);
      if (found !== undefined) return found;
      const made = sides.map(({ grantTree, denialTree }) => {
        const open = grantTree.matching(point);
        return {
          grants: open.filter(({ kind }) => kind === "grant"),
          denials: denialTree.matching(point),
          publicRules: open.filter(({ kind }) => kind === "public"),
        };
      });
      known.set(point.key, made);
      return made;
    },
  };
}

/** Makes a principal with its roles under each policy. */
export function toHolders({ sides }: Field, who: Who): readonly Holder[] {
  return sides.map(({ table }) => ({ who, roles: table.rolesOf(who), table }));
}

/** Lists the minimal principals with one atom or none. */
function listSingleWhos({ sides }: Pick<Field, "sides">): readonly Who[] {
  const ofWays = sides.flatMap(({ table }) => table.ways.map(whoOf));
  const distinct = new Map([AUTHENTICATED, ...ofWays].map((who) => [formatWho(who), who]));
  return [...distinct.values()];
}

/** Lists the principals that a principal includes, of those that are known. */
export function listIncluded(who: Who, known: readonly Who[]): readonly Who[] {
  return known.filter((other) => other !== who && includesWho(who, other) && !includesWho(other, who));
}

/** Lists the points at which the access of a principal may change, and the further principals that its conditions ask for. */
function listPoints(
  field: Field,
  holders: readonly Holder[],
  register: (who: Who) => void,
): ReadonlyMap<string, Point> {
  const points = new Map<string, Point>();
  const add = (point: Point, rule: ComparedRule): void => {
    if (points.has(point.key)) return;
    field.count(rule.name);
    points.set(point.key, point);
    for (const [side, { denialTree }] of field.sides.entries()) {
      const holder = holders[side];
      if (holder === undefined) continue;
      for (const other of listOwnPoints(point, rule, holder)) add(other, rule);
      for (const denial of denialTree.meeting(point)) {
        if ((denial.methods & rule.methods) === 0 || !concerns(denial, holder.roles)) continue;
        registerMissing(denial, holder, register);
        const met = meetOf(point, denial);
        if (met === undefined || met.key === point.key) continue;
        // At a point that is denied whatever holds, a further denial changes nothing.
        if (denial.variables.length > 0) add(met, { ...rule, methods: rule.methods & denial.methods });
        else if (!points.has(met.key)) {
          field.count(denial.name);
          points.set(met.key, met);
        }
      }
    }
  };
  for (const [side, { grantsByRole, denials }] of field.sides.entries()) {
    const holder = holders[side];
    if (holder === undefined) continue;
    const grants = new Set([...holder.roles].flatMap((role) => grantsByRole.get(role) ?? []));
    for (const grant of grants) {
      registerMissing(grant, holder, register);
      for (const point of toPoints(grant, field.longest)) add(point, grant);
    }
    for (const denial of denials) {
      if (!concerns(denial, holder.roles)) continue;
      registerMissing(denial, holder, register);
      // A denial for everybody is found for the principal without atoms.
      if (denial.roles.length === 0 && denial.formulas.length === 0 && holder.who.atoms.length > 0) continue;
      for (const point of toPoints(denial, field.longest)) {
        if (points.has(point.key)) continue;
        field.count(denial.name);
        points.set(point.key, point);
      }
    }
  }
  return points;
}

/** Registers the principals for whom a condition that asks for roles has another answer. */
function registerMissing(
  { formulas }: ComparedRule,
  { who, roles, table }: Holder,
  register: (who: Who) => void,
): void {
  for (const formula of formulas) {
    const others = isTrue(formula, roles)
      ? formula.flatMap(({ lacks }) => lacks.flatMap((role) => table.waysTo(role).map(whoOf)))
      : toWhos(formula, table, roles).map((one) => one.who);
    for (const other of others) {
      const merged = mergeWhos(who, other);
      if (merged !== undefined) register(merged);
    }
  }
}

/**
 * Lists the points of the paths that a pattern shares with the grants or denials for a principal, in any of the policies, and
 * those at which a segment there can equal a claim.
 *
 * @param methods - Rules for other methods don't count.
 */
export function listMet(
  { sides, longest, count, matching }: Field,
  holders: readonly Holder[],
  pattern: Pattern,
  methods: number,
  kinds: readonly ("denialTree" | "grantTree")[],
): readonly Point[] {
  const found = new Map<string, Point>();
  const addOwn = (point: Point): void => {
    for (const [side, { grants }] of matching(point).entries()) {
      const holder = holders[side];
      for (const grant of holder === undefined ? [] : grants.filter(({ own }) => own.length > 0)) {
        for (const other of holder === undefined ? [] : listOwnPoints(point, grant, holder))
          found.set(other.key, other);
      }
    }
  };
  for (const point of toPoints(pattern, longest)) {
    addOwn(point);
    for (const [side, trees] of sides.entries()) {
      for (const rule of kinds.flatMap((kind) => trees[kind].meeting(point))) {
        if ((rule.methods & methods) === 0 || !concerns(rule, holders[side]?.roles ?? new Set())) continue;
        const met = meetOf(point, rule);
        if (met === undefined || met.key === point.key) continue;
        count(rule.name);
        found.set(met.key, met);
        addOwn(met);
      }
    }
  }
  return [...found.values()];
}

/** A principal, and the points at which its access may change. */
export interface Explored {
  readonly who: Who;
  readonly points: ReadonlyMap<string, Point>;
}

/** Lists the minimal principals of the policies, with their points: those with one atom, and those that conditions ask for. */
export function explore(field: Field): readonly Explored[] {
  const whos = new Map(listSingleWhos(field).map((who) => [formatWho(who), who]));
  const register = (who: Who) => {
    if (!whos.has(formatWho(who))) whos.set(formatWho(who), who);
  };
  const found: Explored[] = [];
  // Principals that are registered while the map is read are read, too.
  for (const who of whos.values()) found.push({ who, points: listPoints(field, toHolders(field, who), register) });
  return found;
}

/**
 * Names the principals whose access is the same: those that hold the same roles, and include others that do.
 *
 * @returns Undefined for a principal whose claims are compared with segments: they count by themselves.
 */
export function toRolesKey({ sides }: Field, who: Who, included: readonly Who[]): string | undefined {
  const isCompared = sides.some(({ grants }) =>
    grants.some(({ own }) =>
      own.some(({ claim }) => who.atoms.some((atom) => atom.by === "claim" && atom.claim === claim)),
    ),
  );
  if (isCompared) return undefined;
  return JSON.stringify(sides.map(({ table }) => [who, ...included].map((one) => [...table.rolesOf(one)].sort())));
}

/** Creates a function that decides points for a principal on each side, each point once. */
export function createStates(
  field: Field,
  holders: readonly Holder[],
  toRoleVariable?: ToRoleVariable,
): (point: Point, methods: number) => readonly State[] {
  const known = new Map<string, readonly State[]>();
  return (point, methods) => {
    // The methods are not told apart, so that one of them stands for all.
    const method = methods & -methods;
    const key = `${method} ${point.key}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const matching = field.matching(point);
    const states = holders.map((holder, side) =>
      decide(holder, matching[side] ?? NOTHING, point, method, toRoleVariable),
    );
    known.set(key, states);
    return states;
  };
}

const NOTHING: Matching = { grants: [], denials: [], publicRules: [] };

/** Lists all rules that match a point. */
export function rulesAt(field: Field, point: Point): readonly ComparedRule[] {
  return field.matching(point).flatMap(({ grants, denials, publicRules }) => [...grants, ...denials, ...publicRules]);
}
