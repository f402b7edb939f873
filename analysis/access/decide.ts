import { type Alternative, toMinimal, toSet } from "./alternatives.ts";
import { type Ground, toAlternative, toDemands, toLasting } from "./lasting.ts";
import type { Access, Terms } from "./model.ts";
import { toOwner } from "./owners.ts";
import { concerns, createListLifting } from "./passing.ts";
import type { Point } from "./points.ts";
import { isTrue } from "./role-conditions.ts";
import type { RoleVariables } from "./role-variables.ts";
import { type ComparedRule, isUnconditional } from "./rules.ts";
import type { Variables } from "./variables.ts";
import type { Holder } from "./who.ts";

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
 * @param toOwn - Given for comparisons: a claim that equals one of two equal literals is known to equal the other.
 */
export function decide(
  holder: Holder,
  { grants, denials, publicRules }: Matching,
  point: Point,
  method: number,
  toRoleVariable?: ToRoleVariable,
  toOwn?: Variables["own"],
): State {
  const open = publicRules.filter(({ methods }) => (methods & method) !== 0).map(({ name }) => name);
  if (open.length > 0) {
    return { alternatives: [{ variables: [], rules: open }], denied: NEVER_DENIED, isPublic: true };
  }
  const about = grants.filter(({ methods }) => (methods & method) !== 0);
  const against = denials.filter(({ methods }) => (methods & method) !== 0);
  const denied = toDenied(holder, against);
  const found: Ground[] = [];
  for (const grant of about) {
    const own = toOwner(holder, grant, point, toRoleVariable !== undefined);
    // A role that only the compared claim gives is that of the principal with the claim.
    if (own === undefined || !grant.roles.some((role) => holder.roles.has(role))) continue;
    if (!grant.formulas.every((formula) => isTrue(formula, own.roles))) continue;
    const here = own === holder ? denied : toDenied(own, against);
    // A principal that holds the roles which lift it, too, has a line of its own.
    if (here.isAlways) continue;
    found.push({ holder: own, variables: toDemandsAt(grant, point, toOwn), unless: here.unless, rules: [grant.name] });
  }
  const alternatives =
    toRoleVariable === undefined
      ? found.map(toAlternative)
      : toLasting(holder.who, found, about, createListLifting(against, holder.table), toRoleVariable);
  return { alternatives: toMinimal(alternatives), denied, isPublic: false };
}

/** Lists the variables that a grant asks for at a point. */
function toDemandsAt(grant: ComparedRule, { segments }: Point, toOwn: Variables["own"] | undefined): readonly number[] {
  if (toOwn === undefined || grant.own.length === 0) return toDemands(grant);
  const own = grant.own.map(({ position, claim, variable }) => {
    const literal = segments[position] ?? null;
    const first = literal === null ? position : segments.indexOf(literal);
    return first === position ? variable : toOwn(first, claim);
  });
  return [...own, ...grant.variables];
}

const NEVER_DENIED: Denied = { isAlways: false, unless: [], rules: [] };

/** Finds when a denial holds for a principal. */
function toDenied({ roles }: Holder, denials: readonly ComparedRule[]): Denied {
  if (denials.length === 0) return NEVER_DENIED;
  const rules: string[] = [];
  const unless: number[] = [];
  let isAlways = false;
  for (const denial of denials) {
    if (!concerns(denial, roles)) continue;
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
