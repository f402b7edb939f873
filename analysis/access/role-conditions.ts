import type { RoleFormula, Who } from "./model.ts";
import { formatWho, includesWho, mergeWhos, type RoleTable, whoOf } from "./who.ts";

/** Tells whether a condition that asks for roles only is true. */
export function isTrue(formula: RoleFormula, roles: ReadonlySet<string>): boolean {
  return formula.some(
    ({ has, lacks }) => has.every((role) => roles.has(role)) && !lacks.some((role) => roles.has(role)),
  );
}

/** Lists the principals that a condition asks for, as far as a principal with some roles can become one. */
export function toWhos(
  formula: RoleFormula,
  table: RoleTable,
  roles: ReadonlySet<string>,
): readonly { readonly who: Who; readonly without: readonly Who[] }[] {
  const possible = formula.filter(({ lacks }) => !lacks.some((role) => roles.has(role)));
  return possible.flatMap(({ has, lacks }) => {
    let whos: readonly Who[] = [{ atoms: [], issuer: undefined }];
    // What the principal holds already need not be added.
    for (const role of has.filter((one) => !roles.has(one))) {
      const ways = table.waysTo(role);
      table.countMade(whos.length * ways.length);
      whos = whos.flatMap((who) => ways.flatMap((way) => mergeWhos(who, whoOf(way)) ?? []));
    }
    const without = lacks.flatMap((role) => table.waysTo(role).map(whoOf));
    return whos.map((who) => ({ who, without }));
  });
}

/** Lists the principals that, held besides, make an answer another one; sorted by their texts, each once. */
export function listCancelling(
  who: Who,
  others: readonly Who[],
  isTrueFor: (who: Who | undefined) => boolean,
  { countMade }: RoleTable,
): readonly Who[] {
  countMade(others.length);
  const cancelling = others.filter((other) => {
    const merged = mergeWhos(who, other);
    return merged !== undefined && !isTrueFor(merged);
  });
  // Whoever holds more than another of them is named with it.
  const least = cancelling.filter(
    (one) => !cancelling.some((other) => includesWho(one, other) && !includesWho(other, one)),
  );
  const byText = new Map(least.map((one) => [formatWho(one), one]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
}
