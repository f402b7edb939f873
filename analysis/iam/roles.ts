import type { Gap } from "../../contract/iam-export.ts";
import type { IndexedRoles, NoOtherKeys } from "../../contract/policy-index.ts";

/** Lists the roles of everybody in an identity pool, whose identities are all users. */
export function rolesOfUsers({ kinds }: IndexedRoles): readonly string[] {
  return [...new Set([...(kinds["user"] ?? []), "authenticated"])].sort();
}

/** Lists the roles of a group's members, by group, sorted. */
export function rolesByGroup(indexed: IndexedRoles): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(indexed.groups)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([group, roles]) => [group, [...new Set([...roles, ...rolesOfUsers(indexed)])].sort()]),
  );
}

/** Lists the roles that come from scopes and claims alone. No IAM role of a group can stand for them. */
export function listNoGroups(roles: IndexedRoles): readonly Gap[] {
  const { groups, scopes, kinds, claims, ...others } = roles;
  others satisfies NoOtherKeys;
  const ways = new Map<string, Set<string>>();
  const add = (names: readonly string[], way: string) => {
    for (const name of names) ways.set(name, new Set([...(ways.get(name) ?? []), way]));
  };
  for (const [scope, names] of Object.entries(scopes)) add(names, `the scope ${scope}`);
  for (const [claim, values] of Object.entries(claims)) {
    for (const names of Object.values(values)) add(names, `the claim ${claim}`);
  }
  add(kinds["machine"] ?? [], "the kind machine");
  const ofGroups = new Set([...Object.values(groups).flat(), ...rolesOfUsers(roles)]);
  return [...ways]
    .filter(([role]) => !ofGroups.has(role))
    .map(([role, by]) => ({
      where: `roles.${role}`,
      what: "role_without_group",
      reason: `comes from ${[...by].sort().join(" and ")}, not from a group`,
    }));
}
