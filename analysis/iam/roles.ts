import type { Gap } from "../../contract/iam-export.ts";
import type { IndexedRoles } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";

/** Lists the roles of everybody in an identity pool, whose identities are all users. */
export function rolesOfUsers({ kinds }: IndexedRoles): readonly string[] {
  return [...new Set([...(kinds["user"] ?? []), "authenticated"])].sort();
}

/**
 * Lists the roles of a group's members, by group, sorted. A role that is tied to issuers is not among them: the IAM role of a
 * group does not tell whose group it is.
 */
export function rolesByGroup(indexed: IndexedRoles): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(indexed.groups)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([group, roles]) => [group, [...new Set([...roles, ...rolesOfUsers(indexed)])].sort()]),
  );
}

/** Lists the roles that come from scopes, claims and the groups of certain issuers alone. No IAM role of a group can stand for them. */
export function listNoGroups(roles: IndexedRoles): readonly Gap[] {
  const isOfUsers = ({ by, value, issuer }: RoleWay) =>
    issuer === undefined && (by === "group" || (by === "kind" && value === "user"));
  const others = listRoleWays(roles).filter((way) => !isOfUsers(way));
  const ways = new Map<string, RoleWay[]>();
  for (const way of others) for (const name of way.roles) ways.set(name, [...(ways.get(name) ?? []), way]);
  const ofGroups = new Set([...Object.values(roles.groups).flat(), ...rolesOfUsers(roles)]);
  return [...ways]
    .filter(([role]) => !ofGroups.has(role))
    .map(([role, by]) => ({
      where: `roles.${role}`,
      what: "role_without_group",
      reason: `comes from ${[...new Set(by.map(describe))].sort().join(" and ")}, ${by.some(isGroup) ? OF_ISSUERS : "not from a group"}`,
    }));
}

const OF_ISSUERS = "and the IAM role of a group does not tell whose group it is";

function isGroup({ by }: RoleWay): boolean {
  return by === "group";
}

function describe({ by, claim, value, issuer }: RoleWay): string {
  const carrier = by === "claim" ? `the claim ${claim}` : `the ${by} ${value}`;
  return issuer === undefined ? carrier : `${carrier} of the issuer ${issuer}`;
}
