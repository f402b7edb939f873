import type { IndexedRoles } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";
import { createMemory, createObjectMemory } from "./memory.ts";
import type { Atom, Who } from "./model.ts";
import { formatValue, parseValue, splitUnquoted } from "./quoted.ts";

/** The principal whose token carries nothing that gives a role. */
export const AUTHENTICATED: Who = { atoms: [], issuer: undefined };

/** Formats an atom: `group Admins`, `claim custom:department=Audit`. Principals are compared by these texts. */
export const formatAtom: (atom: Atom) => string = createObjectMemory((atom) => {
  if (atom.by !== "claim") return `${atom.by} ${formatValue(atom.value)}`;
  return `claim ${formatValue(atom.claim)}=${formatValue(atom.value)}`;
});

/** Formats a principal: `group Admins@staff + scope x`, or `authenticated`. */
export const formatWho: (who: Who) => string = createObjectMemory(({ atoms, issuer }) => {
  const tied = issuer === undefined ? "" : `@${formatValue(issuer)}`;
  return atoms.length === 0 ? `authenticated${tied}` : atoms.map((atom) => `${formatAtom(atom)}${tied}`).join(" + ");
});

/** Parses what {@link formatWho} formatted; gives undefined for anything else. */
export function parseWho(text: string): Who | undefined {
  if (text === "authenticated") return AUTHENTICATED;
  const atoms: Atom[] = [];
  const issuers = new Set<string | undefined>();
  for (const term of splitUnquoted(text, " + ")) {
    const [written = "", issuer, ...others] = splitUnquoted(term, "@");
    const atom = parseAtom(written);
    const name = issuer === undefined ? undefined : parseValue(issuer);
    if (atom === undefined || others.length > 0 || (issuer !== undefined && name === undefined)) return undefined;
    atoms.push(atom);
    issuers.add(name);
  }
  const [issuer] = issuers;
  return issuers.size === 1 ? { atoms, issuer } : undefined;
}

function parseAtom(text: string): Atom | undefined {
  const [, by, rest = ""] = /^(group|scope|kind|claim) (.+)$/s.exec(text) ?? [];
  const [first, second, ...others] = splitUnquoted(rest, "=").map(parseValue);
  if (first === undefined || others.length > 0) return undefined;
  if (by === "claim") return second === undefined ? undefined : { by, claim: first, value: second };
  return second === undefined && (by === "group" || by === "scope" || by === "kind") ? { by, value: first } : undefined;
}

/** An atom as JSON has it. */
export type JsonAtom = (
  | { readonly group: string }
  | { readonly scope: string }
  | { readonly claim: readonly [name: string, value: string] }
  | { readonly kind: string }
  | { readonly role: "authenticated" }
) & { readonly issuer?: string };

/** Writes an atom for JSON. */
export function toJsonAtom(atom: Atom, issuer?: string): JsonAtom {
  const tied = issuer === undefined ? {} : { issuer };
  switch (atom.by) {
    case "group":
      return { group: atom.value, ...tied };
    case "scope":
      return { scope: atom.value, ...tied };
    case "kind":
      return { kind: atom.value, ...tied };
    case "claim":
      return { claim: [atom.claim, atom.value], ...tied };
    default:
      return atom satisfies never;
  }
}

/** Writes a principal for JSON: its atoms, which are held together. */
export function toJsonWho({ atoms, issuer }: Who): readonly JsonAtom[] {
  return atoms.length === 0 ? [{ role: "authenticated" }] : atoms.map((atom) => toJsonAtom(atom, issuer));
}

/** Makes the principal that holds what a way to a role asks for. */
export function whoOf(way: RoleWay): Who {
  const { by, claim, value, issuer } = way;
  return { atoms: [by === "claim" ? { by, claim, value } : { by, value }], issuer };
}

/** Makes the principal that holds what both hold; undefined if no token does: of two issuers, or of two kinds. */
export function mergeWhos(one: Who, other: Who): Who | undefined {
  if (one.issuer !== undefined && other.issuer !== undefined && one.issuer !== other.issuer) return undefined;
  const byText = new Map([...one.atoms, ...other.atoms].map((atom) => [formatAtom(atom), atom]));
  const all = [...byText].sort(([first], [second]) => (first < second ? -1 : 1)).map(([, atom]) => atom);
  // A machine is told by its scope.
  const atoms = all.some(({ by }) => by === "scope") ? all.filter((atom) => !isMachine(atom)) : all;
  const kinds = new Set(all.flatMap((atom) => kindOf(atom) ?? []));
  return kinds.size > 1 ? undefined : { atoms, issuer: one.issuer ?? other.issuer };
}

function isMachine(atom: Atom): boolean {
  return atom.by === "kind" && atom.value === "machine";
}

/** Finds the kind of principal that an atom proves: only a machine has scopes. */
function kindOf(atom: Atom): string | undefined {
  if (atom.by === "kind") return atom.value;
  return atom.by === "scope" ? "machine" : undefined;
}

const textsOf: (who: Who) => ReadonlySet<string> = createObjectMemory(({ atoms }) => new Set(atoms.map(formatAtom)));

/** Tells whether a principal holds everything that another one holds. A principal with a scope is a machine. */
export function includesWho(who: Who, { atoms, issuer }: Who): boolean {
  if (issuer !== undefined && issuer !== who.issuer) return false;
  const own = textsOf(who);
  return atoms.every((atom) => {
    return own.has(formatAtom(atom)) || (atom.by === "kind" && who.atoms.some((mine) => kindOf(mine) === atom.value));
  });
}

/** Gives what a principal holds and another one doesn't. */
export function without({ atoms, issuer }: Who, other: Who): Who {
  return {
    atoms: atoms.filter((atom) => !includesWho(other, { atoms: [atom], issuer: undefined })),
    issuer: issuer === other.issuer ? undefined : issuer,
  };
}

/**
 * Makes the principal of whom two others say the same in turn: the first as long as it doesn't hold certain things besides, and the
 * second one as soon as it does.
 *
 * @param besides - What the first one must not hold besides.
 * @returns Undefined if the second doesn't hold any of that, or if no token holds what is left.
 */
export function toConsensus(who: Who, besides: Who, other: Who): Who | undefined {
  const rest = without(other, besides);
  if (rest.atoms.length === other.atoms.length && rest.issuer === other.issuer) return undefined;
  return mergeWhos(who, rest);
}

/** Tells whether a principal is named by nothing but an issuer, by which a line of a lock names nobody. */
export function isIssuerAlone({ atoms, issuer }: Who): boolean {
  return atoms.length === 0 && issuer !== undefined;
}

/** Lists the principals that hold nothing but what others of them hold, too, each once. */
export function listLeast(whos: readonly Who[]): readonly Who[] {
  if (whos.length < 2) return whos;
  const distinct = [...new Map(whos.map((one) => [formatWho(one), one])).values()];
  return distinct.filter((one) => !distinct.some((other) => other !== one && includesWho(one, other)));
}

/** The roles of principals under one policy. */
export interface RoleTable {
  readonly ways: readonly RoleWay[];
  /** Lists the ways to a role. */
  readonly waysTo: (role: string) => readonly RoleWay[];
  /** Lists the least principals that have a role: one for each way, and whoever is authenticated for that role. */
  readonly leastWith: (role: string) => readonly Who[];
  /** Lists the values of a claim that give roles. */
  readonly valuesOf: (claim: string) => readonly string[];
  /** Makes the principal that holds what both hold, once; undefined if no token does. */
  readonly merge: (one: Who, other: Who) => Who | undefined;
  /** Finds the roles that a principal holds. */
  readonly rolesOf: (who: Who) => ReadonlySet<string>;
  /** Counts principals or paths before the comparison that the table is for makes them. */
  readonly countMade: (made: number) => void;
}

/** Arranges the ways to roles by what a token carries. */
export function createRoleTable(roles: IndexedRoles, countMade: RoleTable["countMade"] = () => {}): RoleTable {
  const ways = listRoleWays(roles);
  const byAtom = new Map<string, readonly string[]>();
  const byRole = new Map<string, RoleWay[]>();
  const byClaim = new Map<string, string[]>();
  for (const way of ways) {
    const [atom] = whoOf(way).atoms;
    if (atom !== undefined) byAtom.set(keyOf(atom, way.issuer), way.roles);
    if (way.by === "claim") byClaim.set(way.claim, [...(byClaim.get(way.claim) ?? []), way.value]);
    for (const role of way.roles) byRole.set(role, [...(byRole.get(role) ?? []), way]);
  }
  const mergedWith = createObjectMemory((_: Who) => new Map<string, Who | undefined>());
  return {
    ways,
    countMade,
    waysTo: (role) => byRole.get(role) ?? [],
    leastWith: createMemory(
      (role) => (role === "authenticated" ? [AUTHENTICATED] : (byRole.get(role) ?? []).map(whoOf)),
      (role) => role,
    ),
    valuesOf: (claim) => byClaim.get(claim) ?? [],
    merge(one, other) {
      const known = mergedWith(one);
      const text = formatWho(other);
      if (!known.has(text)) {
        countMade(1);
        known.set(text, mergeWhos(one, other));
      }
      return known.get(text);
    },
    rolesOf: createObjectMemory(({ atoms, issuer }) => {
      const held = new Set(["authenticated"]);
      const hasScope = atoms.some(({ by }) => by === "scope");
      for (const atom of hasScope ? [...atoms, MACHINE] : atoms) {
        for (const role of byAtom.get(keyOf(atom, undefined)) ?? []) held.add(role);
        if (issuer === undefined) continue;
        for (const role of byAtom.get(keyOf(atom, issuer)) ?? []) held.add(role);
      }
      return held;
    }),
  };
}

const MACHINE: Atom = { by: "kind", value: "machine" };

function keyOf(atom: Atom, issuer: string | undefined): string {
  return JSON.stringify([formatAtom(atom), issuer]);
}

/** Who asks: the roles of a principal under one policy. */
export interface Holder {
  readonly who: Who;
  readonly roles: ReadonlySet<string>;
  readonly table: RoleTable;
}
