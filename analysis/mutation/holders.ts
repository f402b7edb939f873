import type { IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import { splitPath } from "./candidates.ts";
import type { Surroundings } from "./surroundings.ts";

/** The groups, scopes and claims of a principal's token, so that the principal holds a role. */
export interface Holder {
  readonly kind: string | undefined;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

const NOBODY: Holder = { kind: undefined, groups: [], scopes: [], claims: {} };

/** The ways to a role that are tried. */
const MAX_WAYS = 2;

/** Lists principals who hold a role; those with fewer other roles come first. */
export function holdersOf(role: string, { roles }: PolicyIndex): readonly Holder[] {
  if (role === "authenticated") return [NOBODY];
  const ways: (readonly [holder: Holder, held: readonly string[]])[] = [
    ...Object.entries(roles.groups).map(([group, held]) => [{ ...NOBODY, groups: [group] }, held] as const),
    ...Object.entries(roles.claims).flatMap(([claim, values]) =>
      Object.entries(values).map(([value, held]) => [{ ...NOBODY, claims: { [claim]: value } }, held] as const),
    ),
    ...Object.entries(roles.kinds).map(([kind, held]) => [{ ...NOBODY, kind }, held] as const),
    ...Object.entries(roles.scopes).map(
      ([scope, held]) => [{ ...NOBODY, kind: "machine", scopes: [scope] }, held] as const,
    ),
  ];
  return ways
    .filter(([, held]) => held.includes(role))
    .sort(([, one], [, other]) => one.length - other.length)
    .slice(0, MAX_WAYS)
    .map(([holder]) => holder);
}

/**
 * Makes the input of a principal's request. The claims of the grant's `where` equal the path's parameters.
 *
 * @param wish - The grant, and the claims that must not equal a parameter.
 */
export function toInput(
  holder: Holder,
  surroundings: Surroundings,
  { method, path }: { readonly method: string; readonly path: string },
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
    principal: { ...surroundings.principal, ...kind, claims },
    request: { ...surroundings.request, method, path },
    ...surroundings.others,
  };
}
