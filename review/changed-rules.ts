import { isDeepStrictEqual } from "node:util";
import type { AccessPolicy } from "../analysis/access/model.ts";
import { own } from "../contract/json.ts";
import { listRoleWays } from "../contract/role-ways.ts";

/** Lists the rules of a policy that another one has not, or has in another way: `orders.read`, `conditions.recent`, `roles.admin`. */
export function listChangedRules(before: AccessPolicy, after: AccessPolicy): ReadonlySet<string> {
  const conditions = Object.entries(after.conditions).flatMap(([name, { digest }]) =>
    own(before.conditions, name)?.digest === digest ? [] : [name],
  );
  const isChanged = (name: string) => conditions.includes(name);
  const grants = Object.entries(after.grants).flatMap(([name, grant]) =>
    isDeepStrictEqual(before.grants[name], grant) && !grant.when.some(isChanged) ? [] : [name],
  );
  const denials = Object.entries(after.denials).flatMap(([name, denial]) =>
    isDeepStrictEqual(before.denials[name], denial) && !denial.unless.some(isChanged) ? [] : [name],
  );
  const [olds, news] = [waysToRoles(before), waysToRoles(after)];
  const roles = [...news].flatMap(([role, ways]) => (olds.get(role)?.join() === ways.join() ? [] : [role]));
  return new Set([
    ...grants,
    ...denials,
    ...conditions.map((name) => `conditions.${name}`),
    ...roles.map((name) => `roles.${name}`),
  ]);
}

function waysToRoles({ roles }: AccessPolicy): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, string[]>();
  for (const way of listRoleWays(roles))
    for (const role of way.roles)
      ways.set(role, [...(ways.get(role) ?? []), JSON.stringify({ ...way, roles: [] })].sort());
  return ways;
}
