import type { Manifest } from "../contract/manifest.ts";
import { overlaps } from "../contract/path-template.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { listRoleWays } from "../contract/role-ways.ts";
import { methodsOfAll } from "../contract/route.ts";
import type { CountedDecision } from "./decide.ts";

/** Lists which of the fields that a log does not tell could change a decision; empty if the decision is certain. */
export type FindDoubts = (
  decision: CountedDecision,
  request: { readonly method: string; readonly path: string },
  untold: readonly string[],
) => readonly string[];

/**
 * Creates the function that finds doubts. What is missing makes no condition true, so that a field which the log does not tell
 * could make a condition true, give a role, or equal a parameter. A role can open, by a grant, and close, by a denial.
 */
export function createFindDoubts(index: PolicyIndex, manifest: Manifest): FindDoubts {
  const ways = listRoleWays(index.roles);
  const ofRoles = new Set(
    ways.map(({ by, claim }) => (by === "kind" ? "principal.kind" : `principal.claims.${claim}`)),
  );
  const ofWhere = new Set(
    Object.values(index.grants).flatMap(({ where }) =>
      Object.values(where).map((claim) => `principal.claims.${claim}`),
    ),
  );
  const denialsByRole = Object.values(index.denials)
    .filter(({ roles }) => roles.length > 0)
    .map(({ verbs, path }) => ({ methods: methodsOfAll(verbs), path }));
  const opens = manifest.opens_when_missing.length > 0;
  const isReadBy = createIsReadBy(manifest);
  const readBy = (conditions: readonly string[], untold: readonly string[]) =>
    untold.filter((name) => conditions.some((condition) => isReadBy(name, condition)));

  return function findDoubts(decision, { method, path }, untold) {
    if (untold.length === 0) return [];
    // Without the name of the API, grants for named APIs hold nowhere, and denials for them everywhere.
    if (untold.includes("request.api")) return ["request.api"];
    if (decision.effect === "allow") {
      if (opens) return untold;
      const roleFields = untold.filter((name) => ofRoles.has(name));
      const mayDeny = () =>
        denialsByRole.some(({ methods, path: template }) => methods.includes(method) && overlaps(template, path));
      return roleFields.length > 0 && mayDeny() ? roleFields : [];
    }
    const { reasons, denials, unmet } = decision;
    if (denials.length > 0) {
      const lifting = denials.map((name) => readBy(index.denials[name]?.unless ?? [], untold));
      // One denial that stays is enough.
      return lifting.some((fields) => fields.length === 0) ? [] : [...new Set(lifting.flat())];
    }
    const ofReason: Readonly<Record<string, readonly string[]>> = {
      "role.missing": untold.filter((name) => ofRoles.has(name)),
      "where.mismatch": untold.filter((name) => ofWhere.has(name)),
      "condition.unmet": readBy(Object.values(unmet).flat(), untold),
    };
    return [...new Set(reasons.flatMap((reason) => ofReason[reason] ?? []))];
  };
}

/** Creates the function that tells whether a condition may read a field. Of claims, nothing says which conditions read them. */
function createIsReadBy({ request_values: values, cache_contract: contract }: Manifest) {
  const readers = new Map<string, Set<string>>();
  const add = (name: string, conditions: readonly string[]) =>
    readers.set(name, new Set([...(readers.get(name) ?? []), ...conditions]));
  for (const { from, name, conditions } of values) add(`${from} ${name}`, conditions);
  for (const { read, conditions } of contract.routes.flatMap(({ because }) => because)) add(read, conditions);
  return (name: string, condition: string): boolean => {
    const known = [...readers].filter(([read]) => name === read || name.startsWith(`${read}.`));
    return known.length === 0 || known.some(([, conditions]) => conditions.has(condition));
  };
}
