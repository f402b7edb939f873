import { DENY_LIST } from "../../authorizer/gateway/token-document.ts";
import { groupBy } from "../../contract/group-by.ts";
import { type Gap, type IamDocument, type IamExport, NO_GROUP } from "../../contract/iam-export.ts";
import { HTTP_METHODS } from "../../contract/route.ts";
import { MAX_INLINE_CHARS, MAX_MANAGED_CHARS, sizeOf, toPolicyDocument } from "./document.ts";

/** The documents to print, and the API that they are for. */
export interface Wanted {
  /** The one group to print; null for users without a group, undefined for all. */
  readonly group: string | null | undefined;
  readonly arnPrefix: string;
}

/** An ARN of the usual length, so that sizes are about right before there is an API. */
export const SAMPLE_ARN = "arn:aws:execute-api:eu-central-1:123456789012:abcdefghij/prod";

/** Formats the export for people: what each group's role may do, its gaps, and the size of its document. */
export function formatTable(exported: IamExport, { group, arnPrefix }: Wanted): string {
  const lines = documentsOf(exported, group).flatMap(([name, document]) => [
    name === undefined ? "A USER WITHOUT A GROUP" : `GROUP ${name}`,
    `  roles     ${document.roles.join(", ")}`,
    ...labelled("may", allowsOf(document)),
    ...labelled("never", denialsOf(document)),
    ...labelled("gaps", exported.gaps.filter(({ documents }) => documents?.includes(name ?? NO_GROUP)).map(formatGap)),
    `  size      ${formatSize(sizeOf(toPolicyDocument(exported, name, arnPrefix) ?? { Version: "2012-10-17", Statement: [] }))}`,
    "",
  ]);
  const ofKind = (kind: Gap["what"]) => exported.gaps.filter(({ what }) => what === kind).map(formatGap);
  const denial_wider = ofKind("denial_wider");
  const tags = Object.entries(exported.tags).map(([claim, tag]) => `${tag} must have the value of the claim ${claim}`);
  lines.push(
    "ALL DOCUMENTS",
    ...labelled("denials", denial_wider.length > 0 ? denial_wider : ["are as in the policy"]),
    ...labelled("no group", ofKind("role_without_group")),
    ...labelled("tags", tags.length > 0 ? tags : ["none"]),
    "",
    "A session has the role of one group, even if its user is in several. The documents are",
    exported.route_table === undefined
      ? "proved for all methods and paths; with --openapi they are proved for an API's routes, and allow more."
      : `proved for the routes of this API only (${exported.route_table.slice(0, 19)}…).`,
  );
  if (arnPrefix === SAMPLE_ARN) lines.push(`Sizes are for ${SAMPLE_ARN}; give your API's ARN with --api-arn.`);
  return lines.join("\n");
}

/** Formats the export for IAM: the policy document of one group, or those of all groups by name. */
export function formatJson(exported: IamExport, { group, arnPrefix }: Wanted): string {
  const documents = documentsOf(exported, group).map(
    ([name]) => [name, toPolicyDocument(exported, name, arnPrefix)] as const,
  );
  const [first] = documents;
  if (group !== undefined) return JSON.stringify(first?.[1], null, 2);
  const groups = documents.filter(([name]) => name !== undefined);
  const authenticated = toPolicyDocument(exported, undefined, arnPrefix);
  return JSON.stringify({ groups: Object.fromEntries(groups), authenticated }, null, 2);
}

function documentsOf(
  { groups, authenticated }: IamExport,
  group: Wanted["group"],
): readonly (readonly [string | undefined, IamDocument])[] {
  const all = [...Object.entries(groups), [undefined, authenticated] as const];
  return group === undefined ? all : all.filter(([name]) => (name ?? null) === group);
}

function allowsOf({ statements }: IamDocument): readonly string[] {
  const allows = statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Resource }) => Resource);
  return allows.length > 0 ? formatResources(allows) : ["nothing"];
}

/** Formats the denied resources, without those that every document has for paths that are not canonical. */
function denialsOf({ statements }: IamDocument): readonly string[] {
  const denies = statements.filter(({ Effect }) => Effect === "Deny").flatMap(({ Resource }) => Resource);
  return formatResources(denies.filter((resource) => !DENY_LIST.includes(resource)));
}

/** Formats resources by path: `/customers/<customer_id>/orders  GET, PUT`. */
function formatResources(resources: readonly string[]): readonly string[] {
  const byPath = groupBy(resources, (resource) => resource.replace(/^[^/]*(?=\/)/, ""));
  const paths = [...byPath.keys()].sort();
  const width = Math.max(...paths.map((path) => formatPath(path).length));
  return paths.map((path) => {
    const verbs = (byPath.get(path) ?? []).map((resource) => resource.slice(0, resource.length - path.length)).sort();
    const isAny = verbs.includes("*") || verbs.length === HTTP_METHODS.length;
    return `${formatPath(path).padEnd(width)}  ${isAny ? "ANY" : verbs.join(", ")}`.trimEnd();
  });
}

/** Formats the path of a resource. The `$connect` of a WebSocket API has no path and stays as it is. */
function formatPath(path: string): string {
  return path.replaceAll(/\$\{aws:PrincipalTag\/([^}]+)\}/g, "<$1>");
}

function formatGap({ where, what, reason }: Gap): string {
  return what === "grant_missing" ? `${where}: ${reason}` : `${where} ${reason}`;
}

function formatSize(chars: number): string {
  const of = `${chars} of the ${MAX_INLINE_CHARS} characters that a role's inline policies may have`;
  if (chars > MAX_INLINE_CHARS) return `${of}: TOO LONG`;
  return chars > MAX_MANAGED_CHARS ? `${of}, and more than the ${MAX_MANAGED_CHARS} of a managed policy` : of;
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${(at === 0 ? label : "").padEnd(9)} ${line}`);
}
