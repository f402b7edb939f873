import type { IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";
import { type Asked, splitPath } from "./candidates.ts";
import type { Surroundings } from "./surroundings.ts";

/** The groups, scopes and claims of a principal's token, so that the principal holds a role. */
export interface Holder {
  readonly kind: string | undefined;
  /** The name of the issuer that the role is tied to. */
  readonly issuer: string | undefined;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

const NOBODY: Holder = { kind: undefined, issuer: undefined, groups: [], scopes: [], claims: {} };

/** The ways to a role that are tried. */
const MAX_WAYS = 2;

/** Lists principals who hold a role; those with fewer other roles come first. */
export function holdersOf(role: string, { roles }: PolicyIndex): readonly Holder[] {
  if (role === "authenticated") return [NOBODY];
  return listRoleWays(roles)
    .filter(({ roles: held }) => held.includes(role))
    .sort((one, other) => one.roles.length - other.roles.length || USE.indexOf(one.by) - USE.indexOf(other.by))
    .slice(0, MAX_WAYS)
    .map((way) => ({ ...NOBODY, issuer: way.issuer, ...HOLDERS[way.by](way) }));
}

/** The order in which ways are tried. */
const USE: readonly RoleWay["by"][] = ["group", "claim", "kind", "scope"];

const HOLDERS: Readonly<Record<RoleWay["by"], (way: RoleWay) => Partial<Holder>>> = {
  group: ({ value }) => ({ groups: [value] }),
  scope: ({ value }) => ({ kind: "machine", scopes: [value] }),
  kind: ({ value }) => ({ kind: value }),
  claim: ({ claim, value }) => ({ claims: { [claim]: value } }),
};

/**
 * Makes the input of a principal's request. The claims of the grant's `where` equal the path's parameters.
 *
 * @param wish - The grant, and the claims that must not equal a parameter.
 */
export function toInput(
  holder: Holder,
  surroundings: Surroundings,
  { api, method, path }: Asked,
  { grant, unequal }: { readonly grant: IndexedGrant; readonly unequal: readonly string[] },
): object {
  const segments = splitPath(path) ?? [];
  const compared = Object.entries(grant.where).map(([parameter, claim]): readonly [string, unknown] => {
    return [claim, segments[grant.params[parameter] ?? -1]];
  });
  const groups = holder.groups.length > 0 ? { "cognito:groups": holder.groups } : {};
  const scope = holder.scopes.length > 0 ? { scope: holder.scopes.join(" ") } : {};
  const claims: Record<string, unknown> = {
    ...surroundings.claims,
    ...holder.claims,
    ...groups,
    ...scope,
    ...Object.fromEntries(compared),
  };
  for (const claim of unequal) claims[claim] = "another";
  // Surroundings without a kind are those of a principal who is neither a user nor a machine.
  const kind = holder.kind === undefined ? {} : { kind: holder.kind };
  return {
    principal: {
      ...surroundings.principal,
      ...kind,
      ...(holder.issuer !== undefined && { issuer_name: holder.issuer }),
      claims,
    },
    request: { ...surroundings.request, ...(api !== undefined && { api }), method, path },
    ...surroundings.others,
  };
}
