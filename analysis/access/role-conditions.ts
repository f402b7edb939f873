import type { RoleFormula, Who } from "./model.ts";
import { formatWho, type Holder, includesWho, mergeWhos, type RoleTable, whoOf } from "./who.ts";

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

/** Names the principals that, held besides, make an answer another one; sorted, each once. */
export function listCancelling(
  who: Who,
  others: readonly Who[],
  isTrueFor: (who: Who | undefined) => boolean,
  { countMade }: RoleTable,
): readonly string[] {
  countMade(others.length);
  const cancelling = others.filter((other) => {
    const merged = mergeWhos(who, other);
    return merged !== undefined && !isTrueFor(merged);
  });
  return [...new Set(cancelling.map(formatWho))].sort();
}

/**
 * Names those for whom conditions on roles lift a denial, as far as a principal can become one of them; empty if it can't.
 * Whoever is named holds what lifts it, and nothing that is not needed.
 */
export function toLiftingText({ who, roles, table }: Holder, formulas: readonly RoleFormula[]): string {
  let needed: readonly { readonly who: Who; readonly without: readonly Who[] }[] = [
    { who: { atoms: [], issuer: undefined }, without: [] },
  ];
  for (const formula of formulas) {
    const options = toWhos(formula, table, roles);
    table.countMade(needed.length * options.length);
    needed = needed.flatMap((one) =>
      options.flatMap((other) => {
        const merged = mergeWhos(one.who, other.who);
        return merged === undefined ? [] : { who: merged, without: [...one.without, ...other.without] };
      }),
    );
  }
  const isLifting = (one: Who | undefined) =>
    one !== undefined && formulas.every((formula) => isTrue(formula, table.rolesOf(one)));
  const lifting = needed.flatMap((one) => {
    const merged = mergeWhos(who, one.who);
    if (merged === undefined || !isLifting(merged)) return [];
    return { who: one.who, without: listCancelling(merged, one.without, isLifting, table) };
  });
  table.countMade(lifting.length ** 2);
  const least = lifting.filter(
    (one) =>
      !lifting.some((other) => {
        const isLess = includesWho(one.who, other.who) && other.without.every((text) => one.without.includes(text));
        return isLess && formatLifting(other) !== formatLifting(one);
      }),
  );
  return [...new Set(least.map(formatLifting))].sort().join(" or ");
}

function formatLifting({ who, without }: { readonly who: Who; readonly without: readonly string[] }): string {
  const held = who.atoms.length === 0 && who.issuer === undefined ? [] : [formatWho(who)];
  return [...held, ...without.map((text) => `not ${text}`)].join(" + ");
}
