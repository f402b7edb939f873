import type { Budget } from "./budget.ts";
import { decide, type Matching, type State, type ToRoleVariable } from "./decide.ts";
import { formatLacks, isLostWith } from "./lasting.ts";
import { createMemory } from "./memory.ts";
import type { AccessPolicy, Who } from "./model.ts";
import { listOwnPoints, toOwner } from "./owners.ts";
import { concerns } from "./passing.ts";
import { meetOf, type Pattern, type Point, toPoints } from "./points.ts";
import { createRuleTree, type RuleTree } from "./rule-tree.ts";
import { type ComparedRule, type ComparedRules, splitMethods, toComparedRules } from "./rules.ts";
import type { Variables } from "./variables.ts";
import { createRoleTable, type Holder, type RoleTable } from "./who.ts";

/** The rules of the policies that are compared, for one API, arranged for look-up. */
export interface Field {
  readonly sides: readonly FieldSide[];
  /** The number of segments of the longest template. */
  readonly longest: number;
  readonly variables: Variables;
  /** Finds the rules of each side that match a point. */
  readonly matching: (point: Point) => readonly Matching[];
  /** Lists the sets of methods that no rule at a point tells apart. */
  readonly methodsAt: (point: Point) => readonly number[];
  /** The claims that segments are compared with. */
  readonly compared: ReadonlySet<string>;
  readonly count: Budget["count"];
  readonly countMade: Budget["countMade"];
}

interface FieldSide extends ComparedRules {
  readonly table: RoleTable;
  readonly denialTree: RuleTree<ComparedRule>;
  /** The grants and the public rules. */
  readonly grantTree: RuleTree<ComparedRule>;
  readonly grantsByRole: ReadonlyMap<string, readonly ComparedRule[]>;
  /** Finds the grants that somebody may keep who loses a grant, since a role must not be held. */
  readonly lastingBeside: (lost: ComparedRule) => RuleTree<ComparedRule>;
}

/** Arranges the rules of the policies that are compared. */
export function createField(
  policies: readonly AccessPolicy[],
  variables: Variables,
  api: string | undefined,
  { count, countMade }: Budget,
): Field {
  const tables = policies.map(({ roles }) => createRoleTable(roles, countMade));
  // A value that gives a role in one policy is a value of its own in the other, too.
  const valuesOf = (claim: string) => [...new Set(tables.flatMap((table) => table.valuesOf(claim)))];
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
      table: { ...(tables[side] ?? createRoleTable(policy.roles, countMade)), valuesOf },
      denialTree: createRuleTree(rules.denials),
      grantTree: createRuleTree([...rules.grants, ...rules.publicRules]),
      grantsByRole,
      lastingBeside: createMemory(
        (lost) => createRuleTree(rules.grants.filter((grant) => !isLostWith(lost, grant))),
        (lost) => formatLacks(lost).join(),
      ),
    };
  });
  const all = sides.flatMap(({ grants, denials, publicRules }) => [...grants, ...denials, ...publicRules]);
  // With many APIs, most of the work is to arrange the rules for each.
  count(all[0]?.name ?? "", all.length);
  const longest = all.reduce((most, rule) => Math.max(most, rule.segments.length + (rule.isGreedy ? 1 : 0)), 0);
  const matching: Field["matching"] = createMemory(
    (point) =>
      sides.map(({ grantTree, denialTree }) => {
        const open = grantTree.matching(point);
        return {
          grants: open.filter(({ kind }) => kind === "grant"),
          denials: denialTree.matching(point),
          publicRules: open.filter(({ kind }) => kind === "public"),
        };
      }),
    ({ key }) => key,
  );
  return {
    sides,
    longest,
    variables,
    count,
    countMade,
    matching,
    methodsAt: createMemory(
      (point) => splitMethods(listRules(matching(point))),
      ({ key }) => key,
    ),
    compared: new Set(all.flatMap(({ own }) => own.map(({ claim }) => claim))),
  };
}

/** Makes a principal with its roles under each policy. */
export function toHolders({ sides }: Field, who: Who): readonly Holder[] {
  return sides.map(({ table }) => ({ who, roles: table.rolesOf(who), table }));
}

/**
 * Lists the points of the paths that a pattern shares with the grants or denials for a principal, in any of the policies, and
 * those at which a segment there can equal a claim.
 *
 * @param methods - Rules for other methods don't count.
 */
export function listMet(
  field: Field,
  holders: readonly Holder[],
  pattern: Pattern,
  methods: number,
  kinds: readonly ("denialTree" | "grantTree")[],
): readonly Point[] {
  const { sides, longest } = field;
  const met = new Map<string, Point>();
  const points = toPoints(pattern, longest);
  for (const point of points) {
    for (const [side, trees] of sides.entries()) {
      for (const rule of kinds.flatMap((kind) => trees[kind].meeting(point))) {
        if ((rule.methods & methods) === 0 || !concerns(rule, holders[side]?.roles ?? new Set())) continue;
        const found = meetOf(point, rule);
        if (found === undefined || found.key === point.key) continue;
        field.count(rule.name);
        met.set(found.key, found);
      }
    }
  }
  const own = listOwn(field, holders, [...points, ...met.values()]);
  return [...met.values(), ...own.filter(({ key }) => !met.has(key))];
}

/** Lists the points at which a segment can equal a claim, inside some points. */
export function listOwn({ matching }: Field, holders: readonly Holder[], points: readonly Point[]): readonly Point[] {
  const found = new Map<string, Point>();
  const waiting = [...points];
  // At a point that is found, another grant may have one.
  for (const point of waiting) {
    for (const [side, { grants }] of matching(point).entries()) {
      const holder = holders[side];
      for (const grant of holder === undefined ? [] : grants.filter(({ own }) => own.length > 0)) {
        for (const other of holder === undefined ? [] : listOwnPoints(point, grant, holder)) {
          if (found.has(other.key)) continue;
          found.set(other.key, other);
          waiting.push(other);
        }
      }
    }
  }
  return [...found.values()];
}

/** Lists the points that denials share with points at which a grant's claim gives a role: for that role, too. */
export function listMetByOwners(
  { sides, matching, count }: Field,
  holders: readonly Holder[],
  points: readonly Point[],
  methods: number,
): readonly Point[] {
  return points.flatMap((point) =>
    matching(point).flatMap(({ grants }, side) => {
      const [holder, tree] = [holders[side], sides[side]?.denialTree];
      if (holder === undefined || tree === undefined) return [];
      return grants.flatMap((grant) =>
        listOwnPoints(point, grant, holder).flatMap((own) => {
          const owner = toOwner(holder, grant, own, true);
          if (owner === undefined || owner === holder) return [];
          const denials = tree.meeting(own).filter((denial) => (denial.methods & methods) !== 0);
          count(grant.name, denials.length);
          return denials.flatMap((denial) => (concerns(denial, owner.roles) ? (meetOf(own, denial) ?? []) : []));
        }),
      );
    }),
  );
}

/** Creates a function that decides points for a principal on each side, each point once. */
export function createStates(
  field: Field,
  holders: readonly Holder[],
  toRoleVariable?: ToRoleVariable,
): (point: Point, methods: number) => readonly State[] {
  const toOwn = toRoleVariable === undefined ? field.variables.own : undefined;
  // By method and point: a map for each method needs no text for both.
  const known = new Map<number, Map<string, readonly State[]>>();
  return (point, methods) => {
    // The methods are not told apart, so that one of them stands for all.
    const method = methods & -methods;
    const ofMethod = known.get(method) ?? new Map<string, readonly State[]>();
    known.set(method, ofMethod);
    const found = ofMethod.get(point.key);
    if (found !== undefined) return found;
    const matching = field.matching(point);
    let tests = 1;
    let rule = "";
    for (const { grants, denials } of matching) {
      tests += grants.length + denials.length;
      rule ||= (denials[0] ?? grants[0])?.name ?? "";
    }
    field.count(rule, tests);
    const states = holders.map((holder, side) =>
      decide(holder, matching[side] ?? NOTHING, point, method, toRoleVariable, toOwn),
    );
    ofMethod.set(point.key, states);
    return states;
  };
}

const NOTHING: Matching = { grants: [], denials: [], publicRules: [] };

function listRules(matching: readonly Matching[]): readonly ComparedRule[] {
  return matching.flatMap(({ grants, denials, publicRules }) => [...grants, ...denials, ...publicRules]);
}
