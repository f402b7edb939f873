import { isMapOf, isText, isTexts } from "./json.ts";

/** A statement for `execute-api:Invoke` on resources of which only what follows the stage is said. */
export interface IamStatement {
  readonly Effect: "Allow" | "Deny";
  /** `GET/orders/?*`; `$connect` of a WebSocket API has no verb. */
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

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
  readonly gaps: readonly Gap[];
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
export interface Gap {
  /** `orders.refund`, `roles.auditor` */
  readonly where: string;
  /** A grant that is missing, at least for some verbs; a denial that forbids more; a role that no group gives. */
  readonly what: "grant_missing" | "denial_wider" | "role_without_group";
  readonly reason: string;
  /** Which documents it is missing from: groups, and {@link NO_GROUP}; without it, all that it could concern. */
  readonly documents?: readonly string[];
}

/** Reads `dist/iam.json`; undefined if `value` is no export. */
export function parseIamExport(value: unknown): IamExport | undefined {
  const { revision, route_table, groups, authenticated, tags, gaps } = Object(value);
  const isExport =
    isText(revision) &&
    (route_table === undefined || isText(route_table)) &&
    isMapOf(groups, isDocument) &&
    isDocument(authenticated) &&
    isMapOf(tags, isText) &&
    Array.isArray(gaps);
  return isExport ? (value as IamExport) : undefined;
}

/** Formats an export for `dist/iam.json`; the inverse of {@link parseIamExport}. */
export function formatIamExport(iam: IamExport): string {
  return `${JSON.stringify(iam, null, 2)}\n`;
}

function isDocument(value: unknown): boolean {
  const { roles, statements } = Object(value);
  return isTexts(roles) && Array.isArray(statements) && statements.every(isStatement);
}

/** One that names no resource could be read as being for everything. */
function isStatement(value: unknown): boolean {
  const { Effect: effect, Resource: resource, NotResource: others } = Object(value);
  return (effect === "Allow" || effect === "Deny") && isTexts(resource) && others === undefined;
}
