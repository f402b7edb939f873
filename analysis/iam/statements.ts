import { DENY_LIST } from "../../authorizer/gateway/token-document.ts";
import type { IamStatement } from "../../contract/iam-export.ts";

/** What a document allows: a resource, and the principal tags that are in it. */
export interface Allowed {
  readonly resource: string;
  readonly tags: readonly string[];
}

/**
 * Values of a tag with which `${aws:PrincipalTag/…}` would be more, or less, than one segment. STS lets a tag hold
 * slashes and dots, and be empty; it takes no wildcard, so that those are listed for the other ways to have tags.
 *
 * @see AWS STS API reference, `Tag`
 */
const NO_SEGMENTS = ["", ".", "..", "*/*", "*${*}*", "*${?}*"];

/**
 * Puts statements together, none longer than it must be: what another resource takes in is not said twice.
 *
 * @param denied - Besides what is not canonical.
 */
export function toStatements(allowed: readonly Allowed[], denied: readonly string[]): readonly IamStatement[] {
  const free = withoutCovered(allowed.filter(({ tags }) => tags.length === 0).map(({ resource }) => resource));
  const wide = wideOf(free);
  const tagged = Map.groupBy(
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

/** A missing tag satisfies `StringNotLike`, so that it is asked for as well. */
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

/** Those with wildcards. Each stands for whole segments, at least one. */
function wideOf(resources: readonly string[]): readonly Wide[] {
  return resources
    .filter((resource) => /(^|\/)\??\*(\/|$)/.test(resource))
    .map((resource) => {
      const parts = asSegments(resource)
        .split("/")
        .map((part) => (/^\??\*$/.test(part) ? "[^]+" : RegExp.escape(part)));
      return { resource, pattern: new RegExp(`^${parts.join("/")}$`) };
    });
}

/**
 * Whether another resource matches all canonical paths that this one does. A wildcard of this one can only be within
 * one of the other's, since no literal has its characters.
 */
function isCovered(resource: string, wide: readonly Wide[]): boolean {
  return wide.some((other) => other.resource !== resource && other.pattern.test(asSegments(resource)));
}

/** Without the slash of a variable's own, which ends no segment. */
function asSegments(resource: string): string {
  return resource.replaceAll("aws:PrincipalTag/", "aws:PrincipalTag:");
}
