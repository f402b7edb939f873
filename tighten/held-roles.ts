import { isObject } from "../contract/json.ts";
import type { IndexedRoles } from "../contract/policy-index.ts";
import { listRoleWays } from "../contract/role-ways.ts";

/** Finds the roles of the principal of an input; undefined if the engine can't tell. */
export type FindRoles = (input: Readonly<Record<string, unknown>>) => readonly string[] | undefined;

/** The most principals whose roles are remembered. */
const MAX_KNOWN = 50_000;

/**
 * Creates a search for roles that remembers those of principals who carry the same groups, scopes and claims.
 *
 * @param find - Finds roles with the engine.
 */
export function createFindRoles(roles: IndexedRoles, find: FindRoles): FindRoles {
  const claims = [...new Set(["cognito:groups", "scope", ...listRoleWays(roles).map(({ claim }) => claim)])].sort();
  const known = new Map<string, readonly string[]>();
  return (input) => {
    const { principal } = input;
    if (!isObject(principal)) return [];
    const { kind, issuer_name: issuer, claims: own } = principal;
    const carried = isObject(own) ? own : {};
    const key = JSON.stringify([kind, issuer, ...claims.map((claim) => carried[claim] ?? null)]);
    const held = known.get(key) ?? find(input);
    if (held === undefined) return undefined;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, held);
    return held;
  };
}
