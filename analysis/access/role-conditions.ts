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
): readonly { readonly who: Who; readonly without: readonly string[] }[] {
  const possible = formula.filter(({ lacks }) => !lacks.some((role) => roles.has(role)));
  return possible.flatMap(({ has, lacks }) => {
    let whos: readonly Who[] = [{ atoms: [], issuer: undefined }];
    // What the principal holds already need not be added.
    for (const role of has.filter((one) => !roles.has(one))) {
      whos = whos.flatMap((who) => table.waysTo(role).flatMap((way) => mergeWhos(who, whoOf(way)) ?? []));
    }
    const without = [
      ...new Set(lacks.flatMap((role) => table.waysTo(role).map((way) => formatWho(whoOf(way))))),
    ].sort();
    return whos.map((who) => ({ who, without }));
  });
}

/**
 * Names those for whom conditions on roles lift a denial, as far as a principal can become one of them; empty if it can't.
 * Whoever is named holds what lifts it, and nothing that is not needed.
 */
export function toLiftingText({ who, roles, table }: Holder, formulas: readonly RoleFormula[]): string {
  let needed: readonly { readonly who: Who; readonly without: readonly string[] }[] = [
    { who: { atoms: [], issuer: undefined }, without: [] },
  ];
  for (const formula of formulas) {
    const options = toWhos(formula, table, roles);
    needed = needed.flatMap((one) =>
      options.flatMap((other) => {
        const merged = mergeWhos(one.who, other.who);
        return merged === undefined
          ? []
          : { who: merged, without: [...new Set([...one.without, ...other.without])].sort() };
      }),
    );
  }
  const lifting = needed.filter((one) => {
    const merged = mergeWhos(who, one.who);
    return merged !== undefined && formulas.every((formula) => isTrue(formula, table.rolesOf(merged)));
  });
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
