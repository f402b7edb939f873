import { createMemory } from "./memory.ts";
import type { Who } from "./model.ts";
import { isTrue, toWhos } from "./role-conditions.ts";
import type { Denial } from "./rules.ts";
import { formatWho, listLeast, mergeWhos, type RoleTable } from "./who.ts";

/** Tells whether a denial is for everybody, or for one of the roles. */
export function concerns({ roles }: Pick<Denial, "roles">, held: ReadonlySet<string>): boolean {
  return roles.length === 0 || roles.some((role) => held.has(role));
}

/** Tells whether a denial denies whoever holds these roles, whatever conditions are true. */
function refuses(denial: Denial, held: ReadonlySet<string>): boolean {
  const { variables, formulas } = denial;
  const isNeverLifted = variables.length + formulas.length === 0;
  return concerns(denial, held) && (isNeverLifted || formulas.some((formula) => !isTrue(formula, held)));
}

/**
 * Lists what a principal must hold besides, so that a denial which denies it whatever conditions are true does not; undefined if
 * no denial does.
 */
export type ListLifting = (held: ReadonlySet<string>) => readonly Who[] | undefined;

/** Creates the function that lists what lifts the first of the denials of whoever holds certain roles. */
export function createListLifting(denials: readonly Denial[], table: RoleTable): ListLifting {
  return (held) => {
    const refusing = denials.find((denial) => refuses(denial, held));
    if (refusing === undefined) return undefined;
    const asked = refusing.formulas.find((formula) => !isTrue(formula, held)) ?? [];
    return toWhos(asked, table, held);
  };
}

/** Lists the least principals that hold what a principal holds, and whom no denial denies whatever conditions are true. */
export type Passing = (who: Who) => readonly Who[];

/** Creates the function that lists whom denials let pass. */
export function createPassing(denials: readonly Denial[], table: RoleTable): Passing {
  const listLifting = createListLifting(denials, table);
  return createMemory((who) => {
    const found: Who[] = [];
    const seen = new Set<string>();
    const visit = (one: Who): void => {
      if (seen.has(formatWho(one))) return;
      seen.add(formatWho(one));
      table.countMade(1);
      const lifting = listLifting(table.rolesOf(one));
      if (lifting === undefined) found.push(one);
      for (const more of lifting ?? []) {
        const larger = mergeWhos(one, more);
        if (larger !== undefined) visit(larger);
      }
    };
    visit(who);
    return listLeast(found);
  }, formatWho);
}
