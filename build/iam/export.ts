import type { Route } from "../../authorizer/policy/manifest.ts";
import type { Need } from "../cache/needs.ts";
import { toRouteTableId } from "../cache/routes.ts";
import type { RuleIndex } from "../cache/token-answers.ts";
import { toAllowed } from "./allowed.ts";
import { toDenied } from "./denied.ts";
import { listUncertain } from "./held.ts";
import { toPlaces } from "./places.ts";
import { listNoGroups, rolesByGroup } from "./roles.ts";
import { type IamStatement, toStatements } from "./statements.ts";
import { toTags } from "./tags.ts";

/** What IAM roles may do on an API so that they may no more than the policy lets them; `dist/iam.json`. */
export interface IamExport {
  /** Of the policy, as in the manifest. */
  readonly revision: string;
  /** Of the API's routes, as in the manifest's cache contract. With it, the documents are proved for these routes only. */
  readonly route_table?: string;
  /** By Cognito group: every one that a role of the policy names. */
  readonly groups: Readonly<Record<string, IamDocument>>;
  /** For users without a group, and for those whose role can't be told from the token. */
  readonly authenticated: IamDocument;
  /** By claim, the principal tag that has to hold its value: tags that the identity pool must map. */
  readonly tags: Readonly<Record<string, string>>;
  /** Where documents are not what the policy is. Sorted. */
  readonly listed: readonly Listed[];
}

/** What the role of one group, or of none, may do. */
export interface IamDocument {
  /** All roles of the policy that every member of the group holds. */
  readonly roles: readonly string[];
  /** For the action `execute-api:Invoke`. */
  readonly statements: readonly IamStatement[];
}

/** Stands for the document of whoever is in none. No group can be called so, since it has no characters. */
export const NO_GROUP = "";

/** A rule that is not in the documents as it is in the policy. */
export interface Listed {
  /** `orders.refund`, `roles.auditor` */
  readonly where: string;
  /** A grant that is missing, at least for some verbs; a denial that forbids more; a role that no group gives. */
  readonly what: "left_out" | "widened" | "not_a_group";
  readonly reason: string;
  /** Which documents it is missing from: groups, and {@link NO_GROUP}; without it, all that it could concern. */
  readonly documents?: readonly string[];
}

/**
 * Derives what the IAM role of each Cognito group may do, never more than the policy lets every member of it.
 *
 * A session has the role of one group, whatever other groups its user is in. So a group's document has what the group
 * alone is granted, and every denial of the policy, since the session does not show whom else one concerns. What depends
 * on a condition is left out, and denials hold whatever would lift them.
 *
 * @param needs - What conditions read besides the token, by condition.
 * @param routes - Of the API. Without them documents are proved for all canonical paths.
 */
export function toIamExport(
  index: RuleIndex,
  needs: ReadonlyMap<string, readonly Need[]>,
  revision: string,
  routes: readonly Route[] | undefined,
): IamExport {
  const places = toPlaces(routes);
  const tags = toTags(index.grants);
  const groups = rolesByGroup(index.roles);
  const denied = toDenied(index, [...groups.values()], places);
  const listed: Listed[] = [...listNoGroups(index), ...denied.listed];
  const toDocument = (name: string, roles: readonly string[]): IamDocument => {
    const allowed = toAllowed(index.grants, roles, places, tags);
    listed.push(...allowed.listed.map((one) => ({ ...one, documents: [name] })));
    const statements = toStatements(allowed.resources, [...denied.resources, ...allowed.carved]);
    return { roles, statements };
  };
  const authenticated = toDocument(NO_GROUP, ["authenticated"]);
  const documents = [...groups].map(([name, roles]) => [name, toDocument(name, roles)] as const);
  const all = [authenticated, ...documents.map(([, document]) => document)];
  listed.push(...listUncertain(index.grants, needs, [[NO_GROUP, ["authenticated"]], ...groups]));
  return {
    revision,
    ...(routes !== undefined && { route_table: toRouteTableId(routes) }),
    groups: Object.fromEntries(documents),
    authenticated,
    tags: usedTags(tags, all),
    listed: merged(listed),
  };
}

/** Those that a document names. */
function usedTags(tags: ReadonlyMap<string, string>, documents: readonly IamDocument[]): IamExport["tags"] {
  const text = JSON.stringify(documents);
  return Object.fromEntries([...tags].filter(([, tag]) => text.includes(`\${aws:PrincipalTag/${tag}}`)));
}

/** One entry for each rule and reason, whichever documents it is about. */
function merged(listed: readonly Listed[]): readonly Listed[] {
  const byRule = Map.groupBy(listed, ({ where, what, reason }) => JSON.stringify([where, what, reason]));
  return [...byRule]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      const documents = [first, ...others].flatMap((entry) => entry.documents ?? []);
      return [{ ...first, ...(documents.length > 0 && { documents }) }];
    });
}
