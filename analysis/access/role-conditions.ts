import type { RoleFormula, Who } from "./model.ts";
import { AUTHENTICATED, mergeWhos, type RoleTable } from "./who.ts";

/** Tells whether a condition that asks for roles only is true. */
export function isTrue(formula: RoleFormula, roles: ReadonlySet<string>): boolean {
  return formula.some(
    ({ has, lacks }) => has.every((role) => roles.has(role)) && !lacks.some((role) => roles.has(role)),
  );
}

/** Lists the principals that a condition asks for, as far as a principal with some roles can become one. */
export function toWhos(formula: RoleFormula, table: RoleTable, roles: ReadonlySet<string>): readonly Who[] {
  const possible = formula.filter(({ lacks }) => !lacks.some((role) => roles.has(role)));
  return possible.flatMap(({ has }) => {
    let whos: readonly Who[] = [AUTHENTICATED];
    // What the principal holds already need not be added.
    for (const role of has.filter((one) => !roles.has(one))) {
      const ways = table.leastWith(role);
      table.countMade(whos.length * ways.length);
      whos = whos.flatMap((who) => ways.flatMap((way) => mergeWhos(who, way) ?? []));
    }
    return whos;
  });
}
