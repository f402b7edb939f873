import type { Atom } from "../../../analysis/access/model.ts";
import type { InvariantWho } from "../../../contract/invariants.ts";
import type { AccessCase } from "./policy.ts";
import { carries, type Person } from "./universe.ts";

/** What may give a role, as a policy or an invariant names it. */
interface Named {
  readonly groups?: readonly string[];
  readonly scopes?: readonly string[];
  readonly kinds?: readonly string[];
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}

/** Lists the things by which a role comes. */
export function atomsOfRole({ groups = [], scopes = [], kinds = [], claims = {} }: Named): readonly Atom[] {
  return [
    ...groups.map((value): Atom => ({ by: "group", value })),
    ...scopes.map((value): Atom => ({ by: "scope", value })),
    ...kinds.map((value): Atom => ({ by: "kind", value })),
    ...Object.entries(claims).flatMap(([claim, values]) =>
      values.map((value): Atom => ({ by: "claim", claim, value })),
    ),
  ];
}

/** Lists the things that an invariant names by themselves. */
export function atomsOfWho({ groups, scopes, kinds, claims }: InvariantWho): readonly Atom[] {
  return [
    ...atomsOfRole({ groups, scopes, kinds }),
    ...claims.map(([claim, value]): Atom => ({ by: "claim", claim, value })),
  ];
}

/**
 * Tells whether a principal carries nothing by which a role comes but what an invariant names, itself or by its roles. The value
 * of a claim that a path is compared with counts like any other: only one by which no role comes is nothing.
 */
export function isAlone(person: Person, who: InvariantWho, policy: AccessCase): boolean {
  const roles = Object.entries(policy.roles);
  const isOfIssuer = (issuers: readonly string[] | undefined) =>
    issuers === undefined || issuers.includes(person.issuer_name ?? "");
  const given = roles.flatMap(([name, { issuers, ...role }]) => {
    const all = rolesIn(name, policy);
    return who.roles.some((wanted) => all.has(wanted)) && isOfIssuer(issuers) ? atomsOfRole(role) : [];
  });
  const named = [...given, ...atomsOfWho(who)];
  // Whoever carries a scope that is named is a machine.
  const isNamedMachine = named.some((atom) => atom.by === "scope" && carries(person, atom));
  const texts = new Set(named.map((atom) => JSON.stringify(atom)));
  return roles
    .flatMap(([, role]) => atomsOfRole(role))
    .filter((atom) => carries(person, atom))
    .every((atom) => texts.has(JSON.stringify(atom)) || (atom.by === "kind" && isNamedMachine));
}

/** Lists a role and those that it includes. */
function rolesIn(name: string, policy: AccessCase, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const other of policy.roles[name]?.includes ?? []) rolesIn(other, policy, seen);
  return seen;
}
