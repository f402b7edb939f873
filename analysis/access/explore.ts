import { type Field, listOwn, toHolders } from "./field.ts";
import { asksForLack } from "./lasting.ts";
import { createLifting, type Lifting } from "./lifting.ts";
import type { Who } from "./model.ts";
import { listOwners, listOwnPoints, toOwner } from "./owners.ts";
import { concerns } from "./passing.ts";
import { meetOf, type Point, toPoints } from "./points.ts";
import { isTrue, toWhos } from "./role-conditions.ts";
import type { ComparedRule } from "./rules.ts";
import { AUTHENTICATED, formatWho, type Holder, mergeWhos, whoOf } from "./who.ts";

/** A principal, and the points at which its access may change. */
export interface Explored {
  readonly who: Who;
  readonly points: ReadonlyMap<string, Point>;
}

/**
 * How many denials meet at a point of a grant: one is enough to find what is different between two policies. The lines of one
 * policy name the conditions of all denials that meet, as far as each asks for something more.
 */
export type Meets = "one" | "all";

/** A denial that is met with a path costs as much as so many tests. */
const TESTS_TO_MEET = 4;

/** Lists the minimal principals of the policies, with their points: those with one atom, and those that conditions ask for. */
export function explore(field: Field, meets: Meets = "one"): readonly Explored[] {
  const whos = new Map(listSingleWhos(field).map((who) => [formatWho(who), who]));
  const register: Register = (who) => {
    if (!whos.has(formatWho(who))) whos.set(formatWho(who), who);
  };
  const lifting = createLifting();
  const found: Explored[] = [];
  // Principals that are registered while the map is read are read, too.
  for (const who of whos.values()) {
    const points = listPoints(field, toHolders(field, who), register, meets === "all" ? lifting : undefined);
    found.push({ who, points });
  }
  return found;
}

/**
 * Names the principals whose access is the same: those that hold the same roles, and include others that do.
 *
 * @returns Undefined for a principal whose claims are compared with segments: they count by themselves.
 */
export function toRolesKey({ sides, compared }: Field, who: Who, included: readonly Who[]): string | undefined {
  const isCompared = who.atoms.some((atom) => atom.by === "claim" && compared.has(atom.claim));
  if (isCompared) return undefined;
  return JSON.stringify(sides.map(({ table }) => [who, ...included].map((one) => [...table.rolesOf(one)].sort())));
}

/** Registers a principal. */
type Register = (who: Who) => void;

/** Lists the minimal principals with one atom or none. */
function listSingleWhos({ sides }: Pick<Field, "sides">): readonly Who[] {
  const ofWays = sides.flatMap(({ table }) => table.ways.map(whoOf));
  const distinct = new Map([AUTHENTICATED, ...ofWays].map((who) => [formatWho(who), who]));
  return [...distinct.values()];
}

/**
 * Lists the points at which the access of a principal may change, and registers the further principals that its conditions ask
 * for.
 *
 * @param lifting - Given if denials that meet at a point of a grant are looked at, too; see {@link Meets}.
 */
function listPoints(
  field: Field,
  holders: readonly Holder[],
  register: Register,
  lifting: Lifting | undefined,
): ReadonlyMap<string, Point> {
  const points = new Map<string, Point>();
  const seen = new Map<string, { readonly methods: number; readonly isMet: boolean }>();
  const add = (point: Point, rule: ComparedRule, isMet: boolean): void => {
    // What a claim is compared with makes points of its own.
    const key = rule.own.length === 0 ? point.key : `${point.key} ${rule.own.map(({ variable }) => variable).join()}`;
    const known = seen.get(key) ?? { methods: 0, isMet: true };
    if ((isMet || !known.isMet) && (rule.methods & ~known.methods) === 0) return;
    seen.set(key, { methods: known.methods | rule.methods, isMet: known.isMet && isMet });
    field.count(rule.name);
    points.set(point.key, point);
    for (const [side, { denialTree }] of field.sides.entries()) {
      const holder = holders[side];
      if (holder === undefined) continue;
      for (const other of listOwnPoints(point, rule, holder)) add(other, rule, isMet);
      const shared = isMet ? [] : listMetByLacking(field, holder, side, rule, point);
      for (const other of [...shared, ...listOwn(field, holders, shared)]) add(other, rule, true);
      const denials = denialTree.meeting(point);
      // To find out what two paths have in common takes longer than to decide one.
      field.count(rule.name, denials.length * (isMet ? 1 : TESTS_TO_MEET));
      // The lines of a principal say what holds for whoever owns the path, who may have further roles by that.
      const { roles } = (lifting && toOwner(holder, rule, point, true)) ?? holder;
      const listOpen = denials.length === 0 ? undefined : lifting?.openAt(field.matching(point)[side]?.denials, roles);
      for (const denial of denials) {
        const methods = denial.methods & rule.methods;
        if (methods === 0 || !concerns(denial, roles)) continue;
        if (concerns(denial, holder.roles)) registerMissing(denial, holder, register);
        const open = listOpen === undefined ? methods : listOpen(denial, methods);
        const met = isMet || open === 0 ? undefined : meetOf(point, denial);
        if (met === undefined || met.key === point.key) continue;
        add(met, { ...rule, methods: open }, lifting === undefined);
      }
    }
  };
  for (const [side, { grantsByRole, denials }] of field.sides.entries()) {
    const holder = holders[side];
    if (holder === undefined) continue;
    const grants = new Set([...holder.roles].flatMap((role) => grantsByRole.get(role) ?? []));
    for (const grant of grants) {
      listOwners(grant, holder).forEach(register);
      registerMissing(grant, holder, register);
      for (const point of toPoints(grant, field.longest)) add(point, grant, false);
    }
    for (const denial of denials) {
      if (!concerns(denial, holder.roles)) continue;
      registerMissing(denial, holder, register);
      // The lines of denials have points of their own.
      if (lifting !== undefined) continue;
      // A denial for everybody is found for the principal without atoms.
      if (denial.roles.length === 0 && denial.formulas.length === 0 && holder.who.atoms.length > 0) continue;
      for (const point of [...toPoints(denial, field.longest), ...listMetDenials(field, holder, denial)]) {
        if (points.has(point.key)) continue;
        field.count(denial.name);
        points.set(point.key, point);
      }
    }
  }
  return points;
}

/**
 * Lists the points that other rules share with a grant that asks that a role is not held: whoever holds the role may be allowed
 * the same by another grant there, or be denied it anyway.
 */
function listMetByLacking(
  { sides, count }: Field,
  { roles, table }: Holder,
  side: number,
  rule: ComparedRule,
  point: Point,
): readonly Point[] {
  const rules = sides[side];
  if (rules === undefined || !asksForLack(rule)) return [];
  const lacked = rule.formulas.flat().flatMap(({ lacks }) => lacks.flatMap((role) => table.leastWith(role)));
  const held = new Set([...roles, ...lacked.flatMap((who) => [...table.rolesOf(who)])]);
  const others = [...rules.lastingBeside(rule).meeting(point), ...rules.denialTree.meeting(point)];
  count(rule.name, others.length * TESTS_TO_MEET);
  return others.flatMap((other) => {
    const isAbout = (other.methods & rule.methods) !== 0 && other.roles.some((role) => held.has(role));
    return isAbout ? (meetOf(point, other) ?? []) : [];
  });
}

/**
 * Lists the points that denials share with one that depends on what the principal holds: what is told of smaller principals
 * leaves out the paths at which these are denied already.
 */
function listMetDenials({ sides, longest, count }: Field, holder: Holder, denial: ComparedRule): readonly Point[] {
  if (denial.roles.length === 0 && denial.formulas.length === 0) return [];
  return toPoints(denial, longest).flatMap((point) => {
    const others = sides.flatMap(({ denialTree }) => denialTree.meeting(point));
    count(denial.name, others.length * TESTS_TO_MEET);
    const met = others.filter((other) => (other.methods & denial.methods) !== 0 && concerns(other, holder.roles));
    return met.flatMap((other) => meetOf(point, other) ?? []);
  });
}

/** Registers the principals for whom a condition that asks for roles has another answer. */
function registerMissing({ formulas }: ComparedRule, { who, roles, table }: Holder, register: Register): void {
  for (const formula of formulas) {
    const others = isTrue(formula, roles)
      ? formula.flatMap(({ lacks }) => lacks.flatMap((role) => table.leastWith(role)))
      : toWhos(formula, table, roles);
    for (const other of others) {
      table.countMade(1 + who.atoms.length);
      const merged = mergeWhos(who, other);
      if (merged !== undefined) register(merged);
    }
  }
}
