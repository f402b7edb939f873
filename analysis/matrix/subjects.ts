import { explore } from "../access/explore.ts";
import type { Field } from "../access/field.ts";
import type { AccessPolicy, Who } from "../access/model.ts";
import { AUTHENTICATED, formatWho, type Holder, type RoleTable, whoOf } from "../access/who.ts";
import type { MatrixBy } from "./model.ts";

/** A column of a matrix. */
export interface Subject extends Holder {
  readonly name: string;
}

/** Lists the subjects of a matrix, sorted by name; the first holds no role by anything that its tokens carry. */
export function listSubjects(policy: AccessPolicy, field: Field, table: RoleTable, by: MatrixBy): readonly Subject[] {
  if (by === "role") return toRoleSubjects(table);
  const asksForRoles = Object.values(policy.conditions).some(({ roles }) => roles !== undefined);
  return toTokenSubjects(field, table, by, asksForRoles);
}

/** Makes a subject of each role: whoever holds it holds at least the roles that all ways to it give. */
function toRoleSubjects(table: RoleTable): readonly Subject[] {
  const names = [...new Set(table.ways.flatMap(({ roles }) => roles))].sort();
  const ofRoles = names.map((role): Subject => {
    const [first, ...others] = table.waysTo(role).map(({ roles }) => roles);
    const shared = (first ?? []).filter((one) => others.every((roles) => roles.includes(one)));
    return { name: `role ${role}`, who: AUTHENTICATED, roles: new Set(["authenticated", role, ...shared]), table };
  });
  return [{ name: "authenticated", who: AUTHENTICATED, roles: new Set(["authenticated"]), table }, ...ofRoles];
}

/** Makes a subject of each group, or of each thing in a token that gives a role. */
function toTokenSubjects(
  field: Field,
  table: RoleTable,
  by: Exclude<MatrixBy, "role">,
  asksForRoles: boolean,
): readonly Subject[] {
  const ofWays = [AUTHENTICATED, ...table.ways.map(whoOf)];
  // Only conditions that ask for roles make it matter what else a principal holds.
  const all = asksForRoles ? explore(field).map(({ who }) => who) : ofWays;
  const isWanted = ({ atoms }: Who) => by !== "group" || atoms.every((atom) => atom.by === "group");
  const byName = new Map(all.filter(isWanted).map((who) => [formatWho(who), who]));
  const first = formatWho(AUTHENTICATED);
  const names = [...byName.keys()].filter((name) => name !== first).sort();
  return [first, ...names].flatMap((name) => {
    const who = byName.get(name);
    return who === undefined ? [] : [{ name, who, roles: table.rolesOf(who), table }];
  });
}
