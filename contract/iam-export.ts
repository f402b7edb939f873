import { closed, is, listOf, mapOf, oneOf, optional, TEXT, TEXTS } from "./checks.ts";

/** A statement for `execute-api:Invoke`; its resources have only the part of the ARN after the stage. */
export interface IamStatement {
  readonly Effect: "Allow" | "Deny";
  /** Such as `GET/orders/?*`; a WebSocket API's is `$connect`, without a verb. */
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The permissions of IAM roles on an API, which never allow more than the policy; `dist/iam.json`. */
export interface IamExport {
  /** The revision of the policy, as in the manifest. */
  readonly revision: string;
  /** The digest of the API's routes, as in the manifest's cache contract. If set, the documents are proved for these routes only. */
  readonly route_table?: string;
  /** By Cognito group, for every group that a role of the policy names. */
  readonly groups: Readonly<Record<string, IamDocument>>;
  /** For users without a group, and for users whose IAM role can't be resolved from the token. */
  readonly authenticated: IamDocument;
  /** By claim, the principal tag that the identity pool must map the claim to. */
  readonly tags: Readonly<Record<string, string>>;
  /** The differences between the documents and the policy. Sorted. */
  readonly gaps: readonly Gap[];
}

/** The permissions of the IAM role of one group, or of users without a group. */
export interface IamDocument {
  /** The roles of the policy that every member of the group holds. */
  readonly roles: readonly string[];
  /** For the action `execute-api:Invoke`. */
  readonly statements: readonly IamStatement[];
}

/** Stands for users without a group. No group has this name, since a name has at least one character. */
export const NO_GROUP = "";

/** A rule that the documents do not express exactly. */
export interface Gap {
  /** The name of the rule, such as `orders.refund` or `roles.auditor`. */
  readonly where: string;
  /** A grant is missing, at least for some verbs; a denial forbids more; or no group gives a role. */
  readonly what: "grant_missing" | "denial_wider" | "role_without_group";
  readonly reason: string;
  /** The groups, and {@link NO_GROUP}, whose documents are affected; default: all that the rule concerns. */
  readonly documents?: readonly string[];
}

const STATEMENT = closed<IamStatement>({
  Effect: is((effect) => effect === "Allow" || effect === "Deny"),
  Resource: TEXTS,
  Condition: optional(mapOf(mapOf(oneOf(TEXT, TEXTS)))),
});

const DOCUMENT = closed<IamDocument>({ roles: TEXTS, statements: listOf(STATEMENT) });

const GAP = closed<Gap>({
  where: TEXT,
  what: is((what) => what === "grant_missing" || what === "denial_wider" || what === "role_without_group"),
  reason: TEXT,
  documents: optional(TEXTS),
});

const EXPORT = closed<IamExport>({
  revision: TEXT,
  route_table: optional(TEXT),
  groups: mapOf(DOCUMENT),
  authenticated: DOCUMENT,
  tags: mapOf(TEXT),
  gaps: listOf(GAP),
});

/**
 * Parses `dist/iam.json`; gives undefined if `value` is not an export of this version, or has an unknown key. A statement
 * with another key, such as `NotResource`, could mean everything.
 */
export function parseIamExport(value: unknown): IamExport | undefined {
  return EXPORT(value) === undefined ? (value as IamExport) : undefined;
}

/** Formats an export for `dist/iam.json`; the inverse of {@link parseIamExport}. */
export function formatIamExport(iam: IamExport): string {
  return `${JSON.stringify(iam, null, 2)}\n`;
}
