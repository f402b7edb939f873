import { DENY_LIST } from "../../authorizer/gateway/token-document.ts";
import { groupBy } from "../../contract/group-by.ts";
import type { IamStatement } from "../../contract/iam-export.ts";

/** A resource that a document allows, and the principal tags in it. */
export interface Allowed {
  readonly resource: string;
  readonly tags: readonly string[];
}

/**
 * Tag values with which `${aws:PrincipalTag/…}` would not stand for exactly one segment. STS permits slashes, dots and empty
 * values. It refuses wildcards, but tags that were set in another way can have them.
 *
 * @see AWS STS API reference, `Tag`
 */
const NO_SEGMENTS = ["", ".", "..", "*/*", "*${*}*", "*${?}*"];

/** Makes a list of resources, and of some more, without those that another one covers. */
export type ListWith = (more: readonly string[]) => readonly string[];

/**
 * Makes the statements of a document. A resource that another one covers is left out.
 *
 * @param denied - Lists the resources to deny in every document, besides those of paths that are not canonical.
 * @param narrowing - Further resources to deny.
 */
export function toStatements(
  allowed: readonly Allowed[],
  denied: ListWith,
  narrowing: readonly string[],
): readonly IamStatement[] {
  const free = withoutCovered(allowed.filter(({ tags }) => tags.length === 0).map(({ resource }) => resource));
  const wide = wideOf(free);
  const tagged = groupBy(
    allowed.filter(({ resource, tags }) => tags.length > 0 && !isCovered(resource, wide)),
    ({ tags }) => tags.join(" "),
  );
  return [
    ...(free.length > 0 ? [{ Effect: "Allow" as const, Resource: free }] : []),
    ...[...tagged.values()].map((list) => ({
      Effect: "Allow" as const,
      Resource: withoutCovered(list.map(({ resource }) => resource)),
      Condition: guardOf(list[0]?.tags ?? []),
    })),
    { Effect: "Deny", Resource: [...DENY_LIST, ...denied(narrowing)] },
  ];
}

/** Makes the condition that each tag is one path segment. `StringNotLike` is true for a missing tag, so `Null` requires it. */
function guardOf(tags: readonly string[]): NonNullable<IamStatement["Condition"]> {
  const keys = tags.map((tag) => `aws:PrincipalTag/${tag}`);
  return {
    Null: Object.fromEntries(keys.map((key) => [key, "false"])),
    StringNotLike: Object.fromEntries(keys.map((key) => [key, NO_SEGMENTS])),
  };
}

function withoutCovered(resources: readonly string[]): readonly string[] {
  return createListWith(resources)([]);
}

/** Creates a list to which each document adds some resources. Those that all have are compared with each other once. */
export function createListWith(resources: readonly string[]): ListWith {
  const known = new Set(resources);
  const wide = wideOf(resources);
  const own = [...known].filter((resource) => !isCovered(resource, wide));
  return (more) => {
    const added = [...new Set(more)].filter((resource) => !known.has(resource));
    const addedWide = wideOf(added);
    const left = added.filter((resource) => !isCovered(resource, wide) && !isCovered(resource, addedWide));
    return [...own.filter((resource) => !isCovered(resource, addedWide)), ...left].sort();
  };
}

/** Resources with wildcards that begin with the same segments. */
interface Wide {
  /** The resources that end here. */
  readonly here: string[];
  readonly byText: Map<string, Wide>;
  wildcard: Wide | undefined;
}

/** Arranges the resources with wildcards. Each wildcard stands for one or more whole segments. */
function wideOf(resources: readonly string[]): Wide {
  const root = createWide();
  for (const resource of resources) {
    const parts = asSegments(resource).split("/");
    if (!parts.some(isWildcard)) continue;
    let at = root;
    for (const part of parts) {
      const next = (isWildcard(part) ? at.wildcard : at.byText.get(part)) ?? createWide();
      if (isWildcard(part)) at.wildcard = next;
      else at.byText.set(part, next);
      at = next;
    }
    at.here.push(resource);
  }
  return root;
}

function createWide(): Wide {
  return { here: [], byText: new Map(), wildcard: undefined };
}

function isWildcard(part: string): boolean {
  return part === "*" || part === "?*";
}

/**
 * Tells whether another resource matches all canonical paths that this one does. Only a wildcard of the other can match a
 * wildcard of this one, since no literal has these characters.
 */
function isCovered(resource: string, wide: Wide): boolean {
  const texts = asSegments(resource).split("/");
  const visited = texts.map(() => new Set<Wide>());
  const visit = (node: Wide, at: number): boolean => {
    const text = texts[at];
    if (text === undefined) return node.here.some((other) => other !== resource);
    if (visited[at]?.has(node) === true) return false;
    visited[at]?.add(node);
    const next = node.byText.get(text);
    if (next !== undefined && visit(next, at + 1)) return true;
    const { wildcard } = node;
    // The segment behind the slash of the root is empty, and no wildcard stands for it.
    if (wildcard === undefined || text === "") return false;
    return texts.slice(at).some((_, more) => visit(wildcard, at + more + 1));
  };
  return visit(wide, 0);
}

/** Replaces the slash inside a variable, which does not end a segment. */
function asSegments(resource: string): string {
  return resource.replaceAll("aws:PrincipalTag/", "aws:PrincipalTag:");
}
