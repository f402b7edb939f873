import type { Invariant, InvariantWho } from "../../contract/invariants.ts";
import { listAtoms } from "./invariant-whos.ts";
import type { Who } from "./model.ts";
import { formatAtom, type RoleTable, whoOf } from "./who.ts";

/** Lists whom an invariant names. */
export function listWhos({ statement }: Invariant): readonly InvariantWho[] {
  switch (statement.kind) {
    case "requires":
      return [];
    case "disjoint":
      return statement.whos;
    default:
      return [statement.who];
  }
}

/** Lists who holds each role that is named. */
export function toHeld(whos: readonly InvariantWho[], table: RoleTable): Readonly<Record<string, readonly Who[]>> {
  const roles = [...new Set(whos.flatMap((who) => who.roles))].sort();
  return Object.fromEntries(roles.map((role) => [role, table.leastWith(role)]));
}

/** Finds the things that no role comes by, as parts of a sentence: most are misspelt. */
export function listUnknown(whos: readonly InvariantWho[], { ways }: RoleTable): readonly string[] {
  const known = new Set(ways.flatMap((way) => whoOf(way).atoms.map(formatAtom)));
  const issuers = new Set(ways.map(({ issuer }) => issuer));
  const ofAtoms = whos.flatMap((who) =>
    listAtoms(who)
      .map(formatAtom)
      .filter((text) => !known.has(text)),
  );
  const ofIssuers = whos.flatMap((who) => who.issuers.filter((issuer) => !issuers.has(issuer)));
  return [
    ...[...new Set(ofAtoms)].filter((text) => !text.startsWith("kind ")).map((text) => `no role comes by ${text}`),
    ...[...new Set(ofIssuers)].map((issuer) => `no role is tied to the issuer ${issuer}`),
  ];
}
