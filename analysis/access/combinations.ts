import { isImpliedGuard, isSameDenied } from "./differences.ts";
import type { Explored } from "./explore.ts";
import { createStates, type Field, listOwn, toHolders } from "./field.ts";
import { createMemory } from "./memory.ts";
import type { Who } from "./model.ts";
import { listOwners } from "./owners.ts";
import { meetOf, type Point } from "./points.ts";
import { toWhos } from "./role-conditions.ts";
import type { ComparedRule } from "./rules.ts";
import { AUTHENTICATED, formatWho, mergeWhos, type RoleTable } from "./who.ts";

/**
 * Lists the principals who hold what two others hold, where that makes a difference: one of them is allowed something, and the
 * denials for the other one are not the same on both sides.
 */
export function toCombinations(field: Field, single: readonly Explored[]): readonly Explored[] {
  const known = new Set(single.map(({ who }) => formatWho(who)));
  const found = new Map<string, { readonly who: Who; readonly points: Map<string, Point> }>();
  const holdersOf = createMemory(
    ({ grant, table }: { readonly grant: ComparedRule; readonly table: RoleTable }) => listHolders(grant, table),
    ({ grant }) => grant,
  );
  for (const guarded of single) {
    if (guarded.who.atoms.length === 0) continue;
    for (const { point, methods } of listGuardPoints(field, guarded)) {
      for (const { table, grantTree } of field.sides) {
        for (const grant of grantTree.meeting(point)) {
          const met = (grant.methods & methods) === 0 ? undefined : meetOf(point, grant);
          if (met === undefined) continue;
          field.count(grant.name);
          for (const holder of holdersOf({ grant, table })) {
            const who = mergeWhos(guarded.who, holder);
            if (who === undefined || known.has(formatWho(who))) continue;
            const one = found.get(formatWho(who)) ?? { who, points: new Map<string, Point>() };
            one.points.set(met.key, met);
            found.set(formatWho(who), one);
          }
        }
      }
    }
  }
  return [...found.values()].map(({ who, points }) => {
    const own = listOwn(field, toHolders(field, who), [...points.values()]);
    return { who, points: new Map([...points, ...own.map((point) => [point.key, point] as const)]) };
  });
}

/**
 * Lists the least principals that a grant is for: each has one of its roles, and those that its conditions ask for. What it compares
 * with a segment may give a role.
 */
function listHolders(grant: ComparedRule, table: RoleTable): readonly Who[] {
  const holding = grant.roles.flatMap((role) => table.leastWith(role));
  let whos = holding.flatMap((who) => [who, ...listOwners(grant, { who, table })]);
  for (const formula of grant.formulas) {
    whos = whos.flatMap((who) =>
      toWhos(formula, table, table.rolesOf(who)).flatMap((more) => mergeWhos(who, more) ?? []),
    );
  }
  return whos;
}

/** Lists the points and methods at which the denials for a principal are not the same on both sides. */
function listGuardPoints(
  field: Field,
  { who, points }: Explored,
): readonly { readonly point: Point; readonly methods: number }[] {
  const holders = toHolders(field, who);
  const isLimited = ({ roles, formulas }: ComparedRule) => roles.length > 0 || formulas.length > 0;
  if (!field.sides.some(({ denials }) => denials.some(isLimited))) return [];
  const statesAt = createStates(field, holders);
  const everybodyAt = createStates(field, toHolders(field, AUTHENTICATED));
  return [...points.values()].flatMap((point) => {
    const matching = field.matching(point);
    if (!matching.some(({ denials }) => denials.some(isLimited))) return [];
    return field.methodsAt(point).flatMap((methods) => {
      const [before, after] = statesAt(point, methods);
      if (before === undefined || after === undefined || isSameDenied(before, after)) return [];
      return isImpliedGuard(before, after, [{ sides: everybodyAt(point, methods) }]) ? [] : [{ point, methods }];
    });
  });
}
