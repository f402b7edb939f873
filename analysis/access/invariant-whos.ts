import type { InvariantWho } from "../../contract/invariants.ts";
import type { Atom, Who } from "./model.ts";
import { AUTHENTICATED, formatWho, includesWho, mergeWhos, type RoleTable } from "./who.ts";

/** Lists the minimal principals that hold one of the things an invariant names: each way to a role, and each other thing. */
export function toNamedWhos(named: InvariantWho, table: RoleTable): readonly Who[] {
  const ofRoles = named.roles.flatMap((role) => table.leastWith(role));
  const whos = [...ofRoles, ...listAtoms(named).map((atom): Who => ({ atoms: [atom], issuer: undefined }))];
  const tied =
    named.issuers.length === 0
      ? whos
      : named.issuers.flatMap((issuer) => whos.flatMap((who) => mergeWhos(who, { atoms: [], issuer }) ?? []));
  return [...new Map(tied.map((who) => [formatWho(who), who])).values()];
}

/** Lists the things that an invariant names by themselves, without those that give its roles. */
export function listAtoms({ groups, scopes, kinds, claims }: InvariantWho): readonly Atom[] {
  return [
    ...groups.map((value): Atom => ({ by: "group", value })),
    ...scopes.map((value): Atom => ({ by: "scope", value })),
    ...kinds.map((value): Atom => ({ by: "kind", value })),
    ...claims.map(([claim, value]): Atom => ({ by: "claim", claim, value })),
  ];
}

/** Tells whether a principal holds one of the things that an invariant names. */
export function holdsOne(named: InvariantWho, who: Who, { rolesOf }: RoleTable): boolean {
  if (named.issuers.length > 0 && (who.issuer === undefined || !named.issuers.includes(who.issuer))) return false;
  const roles = rolesOf(who);
  return (
    named.roles.some((role) => roles.has(role)) ||
    listAtoms(named).some((atom) => includesWho(who, { atoms: [atom], issuer: undefined }))
  );
}

/**
 * Lists the principals that hold one or several of some things, and nothing else.
 *
 * @param named - Minimal principals with one thing each, or none.
 * @param known - The principals whose access differs from that of smaller ones.
 */
export function listAlone(named: readonly Who[], known: readonly Who[]): readonly Who[] {
  const isPart = (atom: Atom, issuer: string | undefined) => (one: Who) =>
    includesWho(one, { atoms: [atom], issuer: undefined }) &&
    (one.issuer === undefined || issuer === undefined || one.issuer === issuer);
  const parts = known.flatMap((who): readonly Who[] => {
    const found = who.atoms.map((atom) => named.find(isPart(atom, who.issuer)));
    const whole = found.reduce<Who | undefined>((sum, one) => sum && one && mergeWhos(sum, one), who);
    return whole === undefined ? [] : [whole];
  });
  return listMerged(named, [AUTHENTICATED, ...parts]);
}

/** Lists the principals that hold what one of the first and one of the second hold, as far as a token can. */
export function listMerged(some: readonly Who[], others: readonly Who[]): readonly Who[] {
  const merged = some.flatMap((one) => others.flatMap((other) => mergeWhos(one, other) ?? []));
  return [...new Map(merged.map((who) => [formatWho(who), who])).values()];
}
