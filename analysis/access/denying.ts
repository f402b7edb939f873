import { createObjectMemory } from "./memory.ts";
import type { RoleFormula, Who } from "./model.ts";
import type { ComparedRule } from "./rules.ts";
import {
  AUTHENTICATED,
  formatWho,
  includesWho,
  listLeast,
  mergeWhos,
  type RoleTable,
  waysOf,
  without,
} from "./who.ts";

/** One thing that denials say: whoever holds what `who` holds is denied, but for those named below. */
export interface Denying {
  readonly who: Who;
  /** Principals who hold more, and aren't denied by this. */
  readonly lifting: readonly Who[];
  /** The number of what lifts it for everybody. */
  readonly variable: number | undefined;
}

/** Formats what is said, so that any two that differ have different texts. */
export const formatDenying: (denying: Denying) => string = createObjectMemory(({ who, lifting, variable }) => {
  return JSON.stringify([formatWho(who), who.issuer, lifting.map(formatWho).sort(), variable]);
});

/** Lists what a denial says: for each way to one of its roles, one thing for each condition that lifts it. */
export function toDenying({ roles, variables, formulas }: ComparedRule, table: RoleTable): readonly Denying[] {
  const whos = roles.length === 0 ? [AUTHENTICATED] : roles.flatMap((role) => waysOf(role, table));
  const always = { who: AUTHENTICATED, lifting: [], variable: undefined };
  const parts: readonly Denying[] = [
    ...(variables.length + formulas.length === 0 ? [always] : []),
    ...variables.map((variable) => ({ ...always, variable })),
    ...formulas.flatMap((formula) => toRefused(formula, table)),
  ];
  table.countMade(whos.length * parts.length);
  return whos.flatMap((who) => parts.flatMap((part) => join(who, part) ?? []));
}

/** Lists whom a condition that asks for roles refuses: those who lack one role, or hold another, of each of its clauses. */
function toRefused(formula: RoleFormula, table: RoleTable): readonly Denying[] {
  let refused: readonly Denying[] = [{ who: AUTHENTICATED, lifting: [], variable: undefined }];
  for (const { has, lacks } of formula) {
    const lacking = has.map((role) => ({ who: AUTHENTICATED, lifting: waysOf(role, table) }));
    const holding = lacks.flatMap((role) => waysOf(role, table).map((who) => ({ who, lifting: [] })));
    const options = [...lacking, ...holding];
    table.countMade(refused.length * options.length);
    refused = refused.flatMap((one) =>
      options.flatMap(({ who, lifting }) => join(who, { ...one, lifting: [...one.lifting, ...lifting] }) ?? []),
    );
  }
  return refused;
}

/** Says something of fewer principals, who hold more; undefined if there is none of whom it could be true. */
function join(more: Who, { who, lifting, variable }: Denying): Denying | undefined {
  const all = mergeWhos(who, more);
  if (all === undefined) return undefined;
  const possible = lifting.flatMap((one) => mergeWhos(all, one) ?? []);
  if (possible.some((one) => includesWho(all, one))) return undefined;
  return { who: all, lifting: listLeast(possible), variable };
}

/** Tells whether one says all that another says. */
export function implies(one: Denying, other: Denying): boolean {
  if (one.variable !== undefined && one.variable !== other.variable) return false;
  if (!includesWho(other.who, one.who)) return false;
  return one.lifting.every((lifted) => {
    const both = mergeWhos(lifted, other.who);
    return both === undefined || other.lifting.some((least) => includesWho(both, least));
  });
}

/**
 * Lists the least that says what denials say together, and that depends on nothing but whom they deny: all that follows from
 * them and that nothing else implies (the prime implicates of a formula, found by resolution).
 *
 * @param count - Is told how many were compared.
 */
export function toLeast(said: readonly Denying[], count: (compared: number) => void): readonly Denying[] {
  const hasLifting = said.some(({ lifting }) => lifting.length > 0);
  let kept: Denying[] = [];
  const waiting = [...said];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const next = one;
    count(1 + kept.length * (hasLifting ? 10 : 1));
    if (kept.some((known) => implies(known, next))) continue;
    kept = [...kept.filter((known) => !implies(next, known)), next];
    if (hasLifting) {
      const both = kept.flatMap((known) => [[next, known] as const, [known, next] as const]);
      waiting.push(...both.flatMap(([first, second]) => [...follow(first, second), ...tie(first, second)]));
    }
  }
  // What asks for a condition or a role follows from two that ask for one of them each.
  return withoutIssuersAlone(kept.filter(({ lifting, variable }) => lifting.length === 0 || variable === undefined));
}

/**
 * Says what is said of all principals of an issuer of those who are lifted for everybody: a line of a lock names nobody by an
 * issuer alone, and all others are denied.
 */
function withoutIssuersAlone(said: readonly Denying[]): readonly Denying[] {
  const ofIssuers = said.filter(({ who }) => isIssuerAlone(who));
  if (ofIssuers.length === 0) return said;
  const others = said.filter(({ who }) => !isIssuerAlone(who));
  const lifted = others.flatMap(({ who, lifting }) => (who.atoms.length === 0 ? lifting : []));
  const ofLifted = ofIssuers.flatMap((one) => lifted.flatMap((who) => join(who, one) ?? []));
  const distinct = [...new Map(ofLifted.map((one) => [formatDenying(one), one])).values()];
  return [
    ...others,
    ...distinct.filter(
      (one) =>
        !others.some((other) => implies(other, one)) &&
        !distinct.some((other) => other !== one && implies(other, one) && !implies(one, other)),
    ),
  ];
}

function isIssuerAlone({ atoms, issuer }: Who): boolean {
  return atoms.length === 0 && issuer !== undefined;
}

/** Lists what follows where those whom the first lets pass are denied by the second. */
function follow(first: Denying, second: Denying): readonly Denying[] {
  if (first.variable !== undefined && second.variable !== undefined && first.variable !== second.variable) return [];
  return first.lifting.flatMap((lifted) => {
    if (mergeWhos(second.who, lifted) === undefined) return [];
    const rest = without(second.who, lifted);
    const possible = second.lifting.filter((one) => mergeWhos(one, lifted) !== undefined);
    // The second says more of those whom the first lets pass than of others: it is for them, or they can't hold what lifts it.
    const saysMore = rest.atoms.length < second.who.atoms.length || rest.issuer !== second.who.issuer;
    const all =
      saysMore || possible.length < second.lifting.length ? mergeWhos(first.who, rest) : undefined;
    if (all === undefined) return [];
    // Who is lifted by the second must be lifted by the first, too, which the first says already.
    const lifting = [
      ...first.lifting.filter((one) => one !== lifted),
      ...possible.map((one) => toRest(one, lifted)),
    ];
    return join(all, { who: first.who, lifting, variable: first.variable ?? second.variable }) ?? [];
  });
}

/** Ties those who lift the second to an issuer, where the first lets pass only principals of this issuer. */
function tie(first: Denying, second: Denying): readonly Denying[] {
  const issuer = first.lifting[0]?.issuer;
  if (issuer === undefined || first.variable !== undefined || !includesWho(second.who, first.who)) return [];
  if (!first.lifting.every((one) => one.issuer === issuer)) return [];
  if (second.lifting.every((one) => one.issuer !== undefined)) return [];
  const lifting = second.lifting.flatMap((one) => mergeWhos(one, { atoms: [], issuer }) ?? []);
  const tied = join(second.who, { ...second, lifting });
  return tied === undefined ? [] : [tied];
}

/** Gives what a principal holds and another one doesn't, or all of it if that is nothing but an issuer. */
function toRest(one: Who, other: Who): Who {
  const rest = without(one, other);
  return rest.atoms.length === 0 ? one : rest;
}

/** Names those who lift what is denied, each by what they hold besides. */
export function formatLifting({ who, lifting }: Denying): string {
  const texts = lifting.map((one) => formatWho({ ...toRest(one, who), issuer: one.issuer }));
  return [...new Set(texts)].sort().join(" or ");
}
