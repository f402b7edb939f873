import { type Alternative, toMinimal, toSet } from "./alternatives.ts";
import { type Ground, type ListLifting, toAlternative, toDemands, toLasting } from "./lasting.ts";
import type { Access, Terms } from "./model.ts";
import { type PatternSegment, type Point, toPoint } from "./points.ts";
import { isTrue, toWhos } from "./role-conditions.ts";
import type { RoleVariables } from "./role-variables.ts";
import { type ComparedRule, type Denial, isUnconditional } from "./rules.ts";
import { type Holder, mergeWhos, type RoleTable } from "./who.ts";

/** How a point is decided for a principal and a method. */
export interface State {
  /** No alternative is implied by another one. */
  readonly alternatives: readonly Alternative[];
  readonly denied: Denied;
  /** Whether a public rule matches: no authorizer is invoked. */
  readonly isPublic: boolean;
}

/** When a denial holds. */
export interface Denied {
  /** Whether one does that nothing lifts as long as the principal holds nothing else. */
  readonly isAlways: boolean;
  /** The variables that must all hold, so that no denial does. Sorted. */
  readonly unless: readonly number[];
  readonly rules: readonly string[];
}

/** The rules of one side that match a point. */
export interface Matching {
  readonly grants: readonly ComparedRule[];
  readonly denials: readonly ComparedRule[];
  readonly publicRules: readonly ComparedRule[];
}

/** Writes what a principal must not hold besides as a variable. */
export type ToRoleVariable = RoleVariables["toVariable"];

/**
 * Decides a point for a principal and a method.
 *
 * @param toRoleVariable - Given for lines of text: what other roles would change is a variable there. Without it, a condition
 *   that asks for roles is decided by the roles that the principal holds.
 */
export function decide(
  holder: Holder,
  { grants, denials, publicRules }: Matching,
  point: Point,
  method: number,
  toRoleVariable?: ToRoleVariable,
): State {
  const open = publicRules.filter(({ methods }) => (methods & method) !== 0).map(({ name }) => name);
  if (open.length > 0) {
    return { alternatives: [{ variables: [], rules: open }], denied: NEVER_DENIED, isPublic: true };
  }
  const denied = toDenied(holder, denials, method);
  const about = grants.filter(({ methods }) => (methods & method) !== 0);
  const found: Ground[] = [];
  for (const grant of about) {
    const own = toOwner(holder, grant, point, toRoleVariable !== undefined);
    // A role that only the compared claim gives is that of the principal with the claim.
    if (own === undefined || !grant.roles.some((role) => holder.roles.has(role))) continue;
    if (!grant.formulas.every((formula) => isTrue(formula, own.roles))) continue;
    const here = own === holder ? denied : toDenied(own, denials, method);
    // A principal that holds the roles which lift it, too, has a line of its own.
    if (here.isAlways) continue;
    found.push({ holder: own, variables: toDemands(grant), unless: here.unless, rules: [grant.name] });
  }
  const alternatives =
    toRoleVariable === undefined
      ? found.map(toAlternative)
      : toLasting(holder.who, found, about, createListLifting(holder.table, denials, method), toRoleVariable);
  return { alternatives: toMinimal(alternatives), denied, isPublic: false };
}

const NEVER_DENIED: Denied = { isAlways: false, unless: [], rules: [] };

/** Creates the function that lists what lifts the first of the denials that hold for a principal whatever conditions are true. */
function createListLifting(table: RoleTable, denials: readonly ComparedRule[], method: number): ListLifting {
  return (roles) => {
    const always = denials.find((denial) => (denial.methods & method) !== 0 && refuses(denial, roles));
    return always?.formulas.flatMap((formula) => (isTrue(formula, roles) ? [] : toWhos(formula, table, roles)));
  };
}

/** Finds when a denial holds for a principal. */
function toDenied({ roles }: Holder, denials: readonly ComparedRule[], method: number): Denied {
  if (denials.length === 0) return NEVER_DENIED;
  const rules: string[] = [];
  const unless: number[] = [];
  let isAlways = false;
  for (const denial of denials) {
    if ((denial.methods & method) === 0 || !concerns(denial, roles)) continue;
    const isLacking = denial.formulas.some((formula) => !isTrue(formula, roles));
    const isEmpty = denial.variables.length === 0 && !isLacking;
    // All that it asks for holds for these roles.
    if (isEmpty && denial.formulas.length > 0) continue;
    rules.push(denial.name);
    unless.push(...denial.variables);
    if (isEmpty || isLacking) isAlways = true;
  }
  // Beside a denial that nothing lifts, what lifts another one has no effect.
  return { isAlways, unless: isAlways ? [] : toSet(unless), rules };
}

/** Tells whether a denial is for everybody, or for one of the roles. */
export function concerns({ roles }: Pick<ComparedRule, "roles">, held: ReadonlySet<string>): boolean {
  return roles.length === 0 || roles.some((role) => held.has(role));
}

/** Tells whether a denial denies whoever holds these roles, whatever conditions are true. */
export function refuses(denial: Denial, held: ReadonlySet<string>): boolean {
  const { variables, formulas } = denial;
  const isNeverLifted = variables.length + formulas.length === 0;
  return concerns(denial, held) && (isNeverLifted || formulas.some((formula) => !isTrue(formula, held)));
}

/** Tells whether a claim's value gives a role that the principal is not known to hold the value for. */
function isRoleOfOther({ who, table }: Holder, claim: string, value: string): boolean {
  const isHeld = who.atoms.some((atom) => atom.by === "claim" && atom.claim === claim && atom.value === value);
  return !isHeld && table.valuesOf(claim).includes(value);
}

/**
 * Finds the principal whose claims equal the path's segments, where a grant asks for that and the segments are literals: the
 * claim has exactly this value, and may give a role. Undefined if there is none.
 */
export function toOwner(
  holder: Holder,
  { own }: Pick<ComparedRule, "own">,
  point: Point,
  isForLines: boolean,
): Holder | undefined {
  if (own.length === 0) return holder;
  // The point at which all positions have the literal is another one.
  const values = toEqualSegments(
    own.map(({ position, claim }) => [position, claim]),
    point,
  );
  if (values === undefined) return undefined;
  let { who } = holder;
  for (const [claim, value] of values) {
    // The claim has the segment as its only value.
    const isOther = who.atoms.some((atom) => atom.by === "claim" && atom.claim === claim && atom.value !== value);
    if (isOther) return undefined;
    if (value === null) continue;
    // Two policies are compared for the principal with the claim itself, if it may give a role in one of them.
    if (!isForLines && isRoleOfOther(holder, claim, value)) return undefined;
    const merged = mergeWhos(who, { atoms: [{ by: "claim", claim, value }], issuer: undefined });
    if (merged === undefined) return undefined;
    who = merged;
  }
  return who === holder.who ? holder : { ...holder, who, roles: holder.table.rolesOf(who) };
}

/**
 * Finds the segment that each compared claim equals at a point. Positions that equal one claim equal each other, so it is undefined
 * if they differ: no path of the point is anybody's own.
 */
export function toEqualSegments(
  own: Terms["own"],
  { segments }: Point,
): ReadonlyMap<string, PatternSegment> | undefined {
  const values = new Map<string, PatternSegment>();
  for (const [position, claim] of own) {
    const value = segments[position] ?? null;
    if (values.has(claim) && values.get(claim) !== value) return undefined;
    values.set(claim, value);
  }
  return values;
}

/**
 * Lists the points at which a grant's claims can equal segments, beyond the fresh ones: a segment is what the principal is known
 * to have in the claim, what another position has that must equal the same claim, or a value by which the claim gives a role.
 */
export function listOwnPoints(point: Point, { own }: ComparedRule, { who, table }: Holder): readonly Point[] {
  if (own.length === 0) return [];
  let found: readonly (readonly PatternSegment[])[] = [point.segments];
  for (const claim of new Set(own.map((one) => one.claim))) {
    const positions = own.filter((one) => one.claim === claim).map(({ position }) => position);
    const fresh = positions.filter((position) => point.segments[position] === null);
    const twin = positions.map((position) => point.segments[position] ?? null).find((text) => text !== null);
    const held = who.atoms.find((atom) => atom.by === "claim" && atom.claim === claim)?.value ?? twin;
    const values = held === undefined ? table.valuesOf(claim) : [held];
    // A value with a slash is not one segment.
    const possible = fresh.length === 0 ? [] : values.filter((value) => value !== "" && !value.includes("/"));
    table.countMade(possible.length * found.length);
    const equal = possible.flatMap((value) =>
      found.map((segments) => segments.map((segment, at) => (fresh.includes(at) ? value : segment))),
    );
    found = [...found, ...equal];
  }
  return found.slice(1).map((segments) => toPoint(segments, point.isOpen));
}

/** Names how an access is decided. */
export function toAccess(
  { denied, isPublic }: Pick<State, "denied" | "isPublic">,
  alternatives: readonly Terms[],
): Access {
  if (isPublic) return "public";
  if (alternatives.length > 0) return toGranted(alternatives);
  return denied.isAlways || denied.unless.length > 0 ? "denied" : "none";
}

/** Names how an access is granted that has alternatives. */
export function toGranted(alternatives: readonly Terms[]): Access {
  if (alternatives.some(isUnconditional)) return "allow";
  return alternatives.some(({ conditions }) => conditions.length === 0) ? "own" : "conditional";
}
