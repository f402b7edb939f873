import { groupBy } from "../../contract/group-by.ts";
import { createObjectMemory } from "./memory.ts";
import type { Who } from "./model.ts";
import { createPassing, type Passing } from "./passing.ts";
import type { Denial } from "./rules.ts";
import {
  AUTHENTICATED,
  formatWho,
  includesWho,
  isIssuerAlone,
  mergeWhos,
  type RoleTable,
  toConsensus,
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

/**
 * Lists what denials say together, as it follows from whom they deny, and not from how they are written.
 *
 * Whoever is denied whatever conditions are true is lifted by the least that it has to hold besides, so as not to be. Of
 * principals that one includes, only those are named of whom more is said (the prime implicants of a formula, found by consensus).
 *
 * @param table - The roles of the policy, which counts the principals that are made.
 */
export function toSaid(denials: readonly Denial[], table: RoleTable): readonly Denying[] {
  const byVariable = groupBy(
    denials.flatMap((denial) =>
      denial.variables.flatMap((variable) => holdersOf(denial, table).map((who) => ({ variable, who }))),
    ),
    ({ variable }) => variable,
  );
  const passing = createPassing(denials, table);
  const isDenied = (who: Who) => !passing(who).some((one) => includesWho(who, one));
  const first = [
    ...denials.flatMap((denial) => listRefused(denial, table)).filter(isDenied),
    ...[...byVariable.values()].flat().map(({ who }) => who),
  ];
  const whos = withConsensus(first, passing, table);
  // A line names nobody by an issuer alone. What is said of all its principals is said of those who are lifted for everybody: all
  // others are denied.
  const lifted = passing(AUTHENTICATED);
  const isLifted = (who: Who) => lifted.some((one) => includesWho(who, one));
  const toMore = (said: readonly Denying[]): readonly Denying[] => {
    const ofIssuers = said.filter(({ who }) => isIssuerAlone(who));
    const named = said.filter(
      (one) => !isIssuerAlone(one.who) && (isLifted(one.who) || !ofIssuers.some((other) => implies(other, one))),
    );
    return named.filter((one) => !named.some((other) => other !== one && implies(other, one)));
  };
  const always = whos.filter(isDenied).map((who): Denying => ({ who, lifting: passing(who), variable: undefined }));
  const conditional = [...byVariable].flatMap(([variable, ofVariable]) => {
    const isForAll = (who: Who) => passing(who).every((one) => ofVariable.some((other) => includesWho(one, other.who)));
    const denied = whos.filter((who) => passing(who).length > 0 && isForAll(who));
    return toMore(denied.map((who) => ({ who, lifting: [], variable })));
  });
  return [...toMore(always), ...conditional];
}

/** Lists the least principals that a denial is for. */
function holdersOf({ roles }: Denial, table: RoleTable): readonly Who[] {
  return roles.length === 0 ? [AUTHENTICATED] : roles.flatMap((role) => table.leastWith(role));
}

/** Lists principals of whom each that a denial denies, whatever conditions are true, holds at least what one of them holds. */
function listRefused(denial: Denial, table: RoleTable): readonly Who[] {
  const whos = holdersOf(denial, table);
  if (denial.formulas.length === 0) return denial.variables.length === 0 ? whos : [];
  return denial.formulas.flatMap((formula) =>
    // Of each clause, a role is missing, or one is held that it excludes.
    formula.reduce((refused, { lacks }) => {
      const excluded = [AUTHENTICATED, ...lacks.flatMap((role) => table.leastWith(role))];
      table.countMade(refused.length * excluded.length);
      return refused.flatMap((who) => excluded.flatMap((more) => mergeWhos(who, more) ?? []));
    }, whos),
  );
}

/**
 * Adds the principals who are denied by two denials in turn: by one of them as long as they don't hold what lifts it, and by the
 * other one as soon as they do; and those who can't hold what lifts it.
 */
function withConsensus(first: readonly Who[], passing: Passing, table: RoleTable): readonly Who[] {
  const whos = new Map(first.map((who) => [formatWho(who), who]));
  const add = (who: Who | undefined): void => {
    if (who === undefined) return;
    table.countMade(1);
    if (!whos.has(formatWho(who))) whos.set(formatWho(who), who);
  };
  const issuers = [...new Set(table.ways.flatMap(({ issuer }) => issuer ?? []))];
  for (const who of whos.values()) {
    for (const lifted of passing(who)) {
      const besides = without(lifted, who);
      for (const other of listOthers(besides, issuers)) add(mergeWhos(who, other));
      for (const other of whos.values()) {
        const both = toConsensus(who, besides, other);
        add(both);
      }
    }
  }
  return [...whos.values()];
}

/** Lists the principals of other kinds and issuers: they can't hold what a principal holds. */
function listOthers(who: Who, issuers: readonly string[]): readonly Who[] {
  const kinds = ["user", "machine"].map((value): Who => ({ atoms: [{ by: "kind", value }], issuer: undefined }));
  const all = [...kinds, ...issuers.map((issuer): Who => ({ atoms: [], issuer }))];
  return all.filter((other) => mergeWhos(who, other) === undefined);
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
