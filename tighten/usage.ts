import { err, ok, type Result } from "../contract/result.ts";

/** Decisions that used the same rules in the same way. */
export interface Use {
  /** The grants that allowed them, at least one. */
  readonly grants: readonly string[];
  readonly method: string;
  /** The roles of the principals that at least one of the grants asks for. */
  readonly roles: ReadonlySet<string>;
  /** The template of the documented route; undefined if no document has one. */
  readonly route: string | undefined;
  readonly decisions: number;
}

/** Counts uses. Its size grows with the policy, not with the log. */
export interface UsageCount {
  readonly add: (
    grants: readonly string[],
    method: string,
    roles: readonly string[],
    route: string | undefined,
  ) => void;
  /** Lists the uses; or gives the limit if there were more. */
  readonly uses: () => Result<readonly Use[], number>;
}

/** The most uses that are told apart. */
const MAX_USES = 1_000_000;

/**
 * Creates a count.
 *
 * @param rolesOf - The roles that a grant asks for.
 */
export function createUsageCount(
  rolesOf: (grant: string) => ReadonlySet<string>,
  { maxUses = MAX_USES }: { readonly maxUses?: number } = {},
): UsageCount {
  const uses = new Map<string, Omit<Use, "decisions"> & { decisions: number }>();
  const asked = new Map<string, (role: string) => boolean>();
  let isFull = false;
  return {
    add(grants, method, roles, route) {
      const names = grants.join(" ");
      const known = asked.get(names);
      const isAsked =
        known ??
        (
          (sets) => (role: string) =>
            sets.some((set) => set.has(role))
        )(grants.map(rolesOf));
      if (known === undefined) asked.set(names, isAsked);
      const held = roles.filter(isAsked);
      const key = `${names}\n${method}\n${held.join(" ")}\n${route ?? ""}`;
      const use = uses.get(key);
      if (use !== undefined) use.decisions += 1;
      else if (uses.size >= maxUses) isFull = true;
      else uses.set(key, { grants, method, roles: new Set(held), route, decisions: 1 });
    },
    uses: () => (isFull ? err(maxUses) : ok([...uses.values()])),
  };
}
