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

/**
 * Makes the statements of a document. A resource that another one covers is left out.
 *
 * @param denied - Resources to deny, besides those of paths that are not canonical.
 */
export function toStatements(allowed: readonly Allowed[], denied: readonly string[]): readonly IamStatement[] {
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
    { Effect: "Deny", Resource: [...DENY_LIST, ...withoutCovered(denied)] },
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
  const all = [...new Set(resources)].sort();
  const wide = wideOf(all);
  return all.filter((resource) => !isCovered(resource, wide));
}

interface Wide {
  readonly resource: string;
  readonly pattern: RegExp;
}

/** Lists the resources with wildcards. Each wildcard stands for one or more whole segments. */
function wideOf(resources: readonly string[]): readonly Wide[] {
  return resources
    .filter((resource) => /(^|\/)\??\*(\/|$)/.test(resource))
    .map((resource) => {
      const parts = asSegments(resource)
        .split("/")
        .map((part) => (/^\??\*$/.test(part) ? "[^]+" : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")));
      return { resource, pattern: new RegExp(`^${parts.join("/")}$`) };
    });
}

/**
 * Tells whether another resource matches all canonical paths that this one does. Only a wildcard of the other can match a
 * wildcard of this one, since no literal has these characters.
 */
function isCovered(resource: string, wide: readonly Wide[]): boolean {
  return wide.some((other) => other.resource !== resource && other.pattern.test(asSegments(resource)));
}

/** Replaces the slash inside a variable, which does not end a segment. */
function asSegments(resource: string): string {
  return resource.replaceAll("aws:PrincipalTag/", "aws:PrincipalTag:");
}
