import { type Alternative, isSubset, toSet } from "./alternatives.ts";
import { createObjectMemory } from "./memory.ts";
import type { Who } from "./model.ts";
import type { ListLifting } from "./passing.ts";
import { isTrue } from "./role-conditions.ts";
import type { RoleVariables } from "./role-variables.ts";
import type { ComparedRule } from "./rules.ts";
import { formatWho, type Holder, includesWho, listLeast } from "./who.ts";

/** A grant that holds for a principal, which may lose it by holding more. */
export interface Ground extends Alternative {
  /** The principal, with the claims that the grant compares with literals. */
  readonly holder: Holder;
  /** The variables that must hold besides, so that no denial does. */
  readonly unless: readonly number[];
}

/** Writes a grant as an alternative of the principal that holds nothing else. */
export function toAlternative({ variables, unless, rules }: Ground): Alternative {
  return { variables: toSet([...variables, ...unless]), rules };
}

/** Lists the variables that a grant asks for. */
export function toDemands({ own, variables }: ComparedRule): readonly number[] {
  return [...own.map(({ variable }) => variable), ...variables];
}

/**
 * Writes grants as alternatives that last for whoever holds more: what a principal must not hold besides is a variable.
 *
 * A grant may ask that a role is not held. Whoever holds it may be allowed the same by another grant, so what must not be held
 * follows from all of them, and not from how they are written: it is the least with which nobody is allowed any more.
 *
 * @param grants - All that are about the point and the method.
 * @param listLifting - Whoever is denied by a denial that nothing lifts need not be named.
 */
export function toLasting(
  who: Who,
  grounds: readonly Ground[],
  grants: readonly ComparedRule[],
  listLifting: ListLifting,
  toRoleVariable: RoleVariables["toVariable"],
): readonly Alternative[] {
  if (!grants.some(asksForLack)) return grounds.map(toAlternative);
  const waiting = [...grounds];
  const known = new Set<string>();
  const found: Alternative[] = [];
  for (const ground of waiting) {
    const { holder, variables, unless, rules } = ground;
    const key = `${toSet(variables).join()} ${formatWho(holder.who)}`;
    if (known.has(key)) continue;
    known.add(key);
    const losing = listLosing(holder, variables, grants, listLifting);
    const besides = losing.map((larger) => toRoleVariable(who, holder.who, larger));
    found.push({ variables: toSet([...variables, ...unless, ...besides]), rules });
    // Whoever loses it may be allowed under more conditions, so that it lasts under these.
    for (const larger of losing) {
      for (const grant of grants) {
        if (grant.own.length > 0 || !isFor(grant, holder.table.rolesOf(larger))) continue;
        waiting.push({ ...ground, variables: [...variables, ...toDemands(grant)], rules: [...rules, grant.name] });
      }
    }
  }
  return found;
}

/** Tells whether a grant asks that a role is not held. */
export function asksForLack({ formulas }: ComparedRule): boolean {
  return formulas.some((formula) => formula.some(({ lacks }) => lacks.length > 0));
}

/** Writes the conditions of a grant that ask that a role is not held, sorted. */
export const formatLacks: (grant: ComparedRule) => readonly string[] = createObjectMemory(({ formulas }) => {
  const lacking = formulas.filter((formula) => formula.some(({ lacks }) => lacks.length > 0));
  return lacking.map((formula) => JSON.stringify(formula)).sort();
});

/** Tells whether whoever loses one grant, since a role must not be held, loses the other one, too. */
export function isLostWith(lost: ComparedRule, other: ComparedRule): boolean {
  const texts = formatLacks(other);
  return formatLacks(lost).every((text) => texts.includes(text));
}

/** Tells whether a grant is for whoever holds these roles. */
export function isFor({ roles, formulas }: ComparedRule, held: ReadonlySet<string>): boolean {
  return roles.some((role) => held.has(role)) && formulas.every((formula) => isTrue(formula, held));
}

/**
 * Lists the least principals that hold what a principal holds, and whom no grant allows it under these variables, nor does a
 * denial that nothing lifts deny it.
 */
function listLosing(
  { who, table }: Holder,
  variables: readonly number[],
  grants: readonly ComparedRule[],
  listLifting: ListLifting,
): readonly Who[] {
  const possible = grants.filter((grant) => isSubset(toSet(toDemands(grant)), variables));
  const found: Who[] = [];
  const seen = new Set<string>();
  const listNext = (one: Who, roles: ReadonlySet<string>): readonly Who[] => {
    const allowing = possible.filter((grant) => isFor(grant, roles)).map((grant) => listLacks(grant, roles));
    const [first] = allowing;
    if (first === undefined) {
      const lifting = listLifting(roles);
      if (lifting === undefined) found.push(one);
      return lifting ?? [];
    }
    // With a grant that nothing takes away, nobody loses it who holds more; or else whoever does holds one of these.
    return allowing.some((lacks) => lacks.length === 0) ? [] : first.flatMap((role) => table.leastWith(role));
  };
  const visit = (one: Who): void => {
    if (seen.has(formatWho(one))) return;
    seen.add(formatWho(one));
    for (const next of listNext(one, table.rolesOf(one))) {
      const more = table.merge(one, next);
      if (more !== undefined && !includesWho(one, more)) visit(more);
    }
  };
  visit(who);
  return listLeast(found);
}

/** Lists the roles of which a principal that has a grant must hold one, so as not to have it. */
function listLacks({ formulas }: ComparedRule, held: ReadonlySet<string>): readonly string[] {
  return formulas.flatMap((formula) => {
    const holding = formula.filter((clause) => isTrue([clause], held));
    const isFirm = holding.some(({ lacks }) => lacks.length === 0);
    return isFirm ? [] : (holding[0]?.lacks ?? []);
  });
}
