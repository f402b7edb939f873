import type { Gap } from "../../contract/iam-export.ts";
import type { IndexedRoles, NoOtherKeys } from "../../contract/policy-index.ts";

/** Lists the roles of a group's members, by group, sorted. */
export function rolesByGroup({ groups }: IndexedRoles): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(groups)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([group, roles]) => [group, [...new Set([...roles, "authenticated"])].sort()]),
  );
}

/** Lists the roles that come from scopes and claims alone. No IAM role of a group can stand for them. */
export function listNoGroups(roles: IndexedRoles): readonly Gap[] {
  const { groups, scopes, claims, ...others } = roles;
  others satisfies NoOtherKeys;
  const ways = new Map<string, Set<string>>();
  const add = (names: readonly string[], way: string) => {
    for (const name of names) ways.set(name, new Set([...(ways.get(name) ?? []), way]));
  };
  for (const [scope, names] of Object.entries(scopes)) add(names, `the scope ${scope}`);
  for (const [claim, values] of Object.entries(claims)) {
    for (const names of Object.values(values)) add(names, `the claim ${claim}`);
  }
  const ofGroups = new Set(Object.values(groups).flat());
  return [...ways]
    .filter(([role]) => !ofGroups.has(role))
    .map(([role, by]) => ({
      where: `roles.${role}`,
      what: "role_without_group",
      reason: `comes from ${[...by].sort().join(" and ")}, not from a group`,
    }));
}
