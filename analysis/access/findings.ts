import { err, ok, type Result } from "../../contract/result.ts";
import { createBudget, TestLimit } from "./budget.ts";
import { listApis } from "./by-api.ts";
import { createField, type Field } from "./field.ts";
import type { AccessPolicy, TooManyTests, Who } from "./model.ts";
import { concerns } from "./passing.ts";
import { type Point, toPoints } from "./points.ts";
import { type ComparedRule, splitMethods } from "./rules.ts";
import { createVariables, pairConditions } from "./variables.ts";
import { AUTHENTICATED, createRoleTable, formatWho, type RoleTable, whoOf } from "./who.ts";

/** A rule or role that has no effect of its own. */
export interface Finding {
  readonly code: "grant.redundant" | "grant.shadowed" | "denial.redundant" | "denial.idle" | "role.same";
  /** `orders.read`, or the name of a role. */
  readonly name: string;
  /** The rules or roles that make it so. Sorted. */
  readonly others: readonly string[];
}

/**
 * Finds grants and denials that could be left out, since others do the same, and roles that are one role under two names.
 *
 * A rule is compared with those that match its paths only. Each is judged as if no other were left out: of two that do the same,
 * the second by name is found.
 */
export function findWithoutEffect(policy: AccessPolicy): Result<readonly Finding[], TooManyTests> {
  const variables = createVariables([policy], pairConditions([policy]));
  const budget = createBudget();
  try {
    const fields = listApis([policy]).map((api) => toNamed(createField([policy], variables, api, budget)));
    const ofRules = [
      ...Object.keys(policy.grants).flatMap((name) => judgeGrant(name, fields, (one) => policy.grants[one]?.api ?? [])),
      ...Object.keys(policy.denials).flatMap((name) =>
        judgeDenial(name, fields, (one) => policy.denials[one]?.api ?? []),
      ),
    ];
    return ok([...ofRules, ...findSameRoles(policy)]);
  } catch (error) {
    if (error instanceof TestLimit) return err(error.tooMany);
    throw error;
  }
}

/** A rule, in the rules for one of its APIs. */
interface Placed {
  readonly rule: ComparedRule;
  readonly field: Field;
  readonly table: RoleTable;
}

/** Finds the APIs that a rule is for; none: all. */
type ApisOf = (name: string) => readonly string[];

/** The rules for one API, by kind and name. */
interface NamedField {
  readonly grants: ReadonlyMap<string, Placed>;
  readonly denials: ReadonlyMap<string, Placed>;
}

function toNamed(field: Field): NamedField {
  const byName = (kind: "grants" | "denials") =>
    new Map(
      field.sides.flatMap((side) => side[kind].map((rule) => [rule.name, { rule, field, table: side.table }] as const)),
    );
  return { grants: byName("grants"), denials: byName("denials") };
}

function judgeGrant(name: string, fields: readonly NamedField[], apisOf: ApisOf): readonly Finding[] {
  const placed = fields.flatMap(({ grants }) => grants.get(name) ?? []);
  const shadows = collectEach(placed, ({ rule, field }, who, point, method) => {
    const roles = rolesOf(who, field);
    const { denials } = rulesAt(field, point);
    return denials.filter((denial) => {
      const isAlways = denial.variables.length === 0 && denial.formulas.length === 0;
      return isAlways && (denial.methods & method) !== 0 && concerns(denial, roles) && denial !== rule;
    });
  });
  if (shadows !== undefined) return [{ code: "grant.shadowed", name, others: shadows }];
  const others = collectEach(placed, ({ rule, field }, who, point, method) => {
    const roles = rolesOf(who, field);
    return rulesAt(field, point).grants.filter(
      (other) =>
        other !== rule &&
        (other.methods & method) !== 0 &&
        other.roles.some((role) => roles.has(role)) &&
        isSubset(termsOf(other), termsOf(rule)) &&
        isBefore(other, rule, apisOf),
    );
  });
  return others === undefined ? [] : [{ code: "grant.redundant", name, others }];
}

function judgeDenial(name: string, fields: readonly NamedField[], apisOf: ApisOf): readonly Finding[] {
  const placed = fields.flatMap(({ denials }) => denials.get(name) ?? []);
  const isIdle = placed.every(({ rule, field }) => {
    const points = toPoints(rule, field.longest);
    return field.sides.every(({ grantTree }) =>
      points.every((point) => grantTree.meeting(point).every((grant) => (grant.methods & rule.methods) === 0)),
    );
  });
  if (isIdle) return [{ code: "denial.idle", name, others: [] }];
  const others = collectEach(placed, ({ rule, field }, who, point, method) => {
    const roles = rolesOf(who, field);
    return rulesAt(field, point).denials.filter((other) => {
      if (other === rule || (other.methods & method) === 0 || !isBefore(other, rule, apisOf)) return false;
      const isForAll = rule.roles.length === 0 ? other.roles.length === 0 : concerns(other, roles);
      const [lifts, liftsOther] = [termsOf(rule), termsOf(other)];
      // Whenever this one holds, the other one does: what lifts the other lifts this one, too.
      return isForAll && (liftsOther.length === 0 || (lifts.length > 0 && isSubset(lifts, liftsOther)));
    });
  });
  return others === undefined ? [] : [{ code: "denial.redundant", name, others }];
}

/**
 * Collects, for each minimal principal, point and method of a rule, the first of the other rules that are found there.
 *
 * @returns The names of these rules, sorted; undefined if anywhere there is none.
 */
function collectEach(
  placed: readonly Placed[],
  find: (placed: Placed, who: Who, point: Point, method: number) => readonly ComparedRule[],
): readonly string[] | undefined {
  const names = new Set<string>();
  for (const one of placed) {
    for (const point of toPoints(one.rule, one.field.longest)) {
      const { grants, denials } = rulesAt(one.field, point);
      for (const methods of splitMethods([...grants, ...denials])) {
        if ((methods & one.rule.methods) === 0) continue;
        for (const who of holdersOf(one)) {
          one.field.count(one.rule.name);
          const found = find(one, who, point, methods & -methods);
          const [first] = found;
          if (first === undefined) return undefined;
          if (!found.some(({ name }) => names.has(name))) names.add(first.name);
        }
      }
    }
  }
  return placed.length === 0 ? undefined : [...names].sort();
}

/** Lists the minimal principals that a rule is about. */
function holdersOf({ rule, table }: Placed): readonly Who[] {
  if (rule.roles.length === 0 || rule.roles.includes("authenticated")) return [AUTHENTICATED];
  return rule.roles.flatMap((role) => table.leastWith(role));
}

function rolesOf(who: Who, { sides: [side] }: Field): ReadonlySet<string> {
  return side?.table.rolesOf(who) ?? new Set();
}

function rulesAt(field: Field, point: Point) {
  return field.matching(point)[0] ?? { grants: [], denials: [], publicRules: [] };
}

/** Lists what a rule asks for besides roles: its conditions, and the positions that equal a claim. */
function termsOf({ variables, own, formulas }: ComparedRule): readonly unknown[] {
  return [...variables, ...own.map(({ variable }) => variable), ...formulas];
}

function isSubset(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.every((one) => others.includes(one));
}

/** Tells which of two rules that do the same is kept: the first by name. Of two that differ, either may be found. */
function isBefore(one: ComparedRule, other: ComparedRule, apisOf: ApisOf): boolean {
  const [sizes, others] = [one, other].map(({ name, segments, isGreedy, methods, roles }) =>
    JSON.stringify([segments, isGreedy, methods, [...roles].sort(), apisOf(name)]),
  );
  const [terms, otherTerms] = [termsOf(one), termsOf(other)];
  const isSame = sizes === others && isSubset(terms, otherTerms) && isSubset(otherTerms, terms);
  return !isSame || one.name < other.name;
}

function findSameRoles({ roles }: AccessPolicy): readonly Finding[] {
  const { ways, waysTo } = createRoleTable(roles);
  const names = [...new Set(ways.flatMap((way) => way.roles))].sort();
  const first = new Map<string, string>();
  return names.flatMap((name): readonly Finding[] => {
    const held = waysTo(name)
      .map((way) => formatWho(whoOf(way)))
      .sort()
      .join("\n");
    const known = first.get(held);
    first.set(held, known ?? name);
    return known === undefined ? [] : [{ code: "role.same", name, others: [known] }];
  });
}
