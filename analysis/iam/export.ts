import type { CacheKeyDependency } from "../../build/policy/key-dependencies.ts";
import { groupBy } from "../../contract/group-by.ts";
import { type Gap, type IamDocument, type IamExport, NO_GROUP } from "../../contract/iam-export.ts";
import type { NoOtherKeys, PolicyIndex } from "../../contract/policy-index.ts";
import type { Route } from "../../contract/route.ts";
import { createProofs } from "../paths/mismatch.ts";
import { toRouteTableId } from "../paths/route-table.ts";
import { toAllowed } from "./allowed.ts";
import { toDenied } from "./denied.ts";
import { toReachablePaths } from "./reachable-paths.ts";
import { listNoGroups, rolesByGroup, rolesOfUsers } from "./roles.ts";
import { createListWith, toStatements } from "./statements.ts";
import { toTags } from "./tags.ts";
import { listInexpressible, listUnconditional } from "./unconditional-grants.ts";

/**
 * Derives what the IAM role of each Cognito group may do: never more than the policy grants every member of the group.
 *
 * A session has the role of one group, even if its user is in several. So a group's document has the grants of that group
 * alone, and every denial of the policy, since the session does not show the user's other groups. Grants with conditions
 * are left out. Denials apply even if their conditions would lift them.
 *
 * @param dependencies - The cache-key dependencies of each condition, for the reasons of the gaps.
 * @param routes - The API's routes; default: all canonical paths, for which less can be proved.
 */
export function toIamExport(
  index: PolicyIndex,
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
  revision: string,
  routes: readonly Route[] | undefined,
): IamExport {
  const reachable = toReachablePaths(routes);
  const { grants, denials, roles: heldBy, ...others } = index;
  others satisfies NoOtherKeys;
  const tags = toTags(grants);
  const groups = rolesByGroup(heldBy);
  const proofs = createProofs();
  const unconditional = listUnconditional(grants);
  const denied = toDenied(
    { grants, denials },
    [rolesOfUsers(heldBy), ...groups.values()],
    reachable,
    createProofs().steps,
  );
  const toDenials = createListWith(denied.resources);
  const gaps: Gap[] = [...listNoGroups(heldBy), ...denied.gaps];
  const toDocument = (name: string, roles: readonly string[]): IamDocument => {
    const allowed = toAllowed(unconditional, roles, reachable, tags, denied, proofs);
    gaps.push(...allowed.gaps.map((one) => ({ ...one, documents: [name] })));
    return { roles, statements: toStatements(allowed.resources, toDenials, allowed.narrowing) };
  };
  const authenticated = toDocument(NO_GROUP, rolesOfUsers(heldBy));
  const documents = [...groups].map(([name, roles]) => [name, toDocument(name, roles)] as const);
  const all = [authenticated, ...documents.map(([, document]) => document)];
  gaps.push(...listInexpressible(grants, dependencies, [[NO_GROUP, authenticated.roles], ...groups]));
  return {
    revision,
    ...(routes !== undefined && { route_table: toRouteTableId(routes) }),
    groups: Object.fromEntries(documents),
    authenticated,
    tags: usedTags(tags, all),
    gaps: merged(gaps),
  };
}

/** Picks the tags that a document uses. */
function usedTags(tags: ReadonlyMap<string, string>, documents: readonly IamDocument[]): IamExport["tags"] {
  const text = JSON.stringify(documents);
  return Object.fromEntries([...tags].filter(([, tag]) => text.includes(`\${aws:PrincipalTag/${tag}}`)));
}

/** Merges gaps with the same place and reason into one, which names all documents that have it. */
function merged(gaps: readonly Gap[]): readonly Gap[] {
  const byReason = groupBy(gaps, ({ where, what, reason }) => JSON.stringify([where, what, reason]));
  return [...byReason]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      const documents = [first, ...others].flatMap((entry) => entry.documents ?? []);
      return [{ ...first, ...(documents.length > 0 && { documents }) }];
    });
}
