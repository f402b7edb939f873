import type { CacheKeyDependency } from "../../build/policy/key-dependencies.ts";
import type { Gap } from "../../contract/iam-export.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import { deriveEach, type ForEachKey, type IndexedGrant, type PolicyIndex } from "../../contract/policy-index.ts";
import { globOfPattern, globOfTemplate, toPattern } from "../paths/iam-patterns.ts";
import type { Glob } from "../paths/language.ts";
import { isTaggable } from "./tags.ts";

/** A grant that needs no condition, and compares string claims only. */
export interface UnconditionalGrant extends IndexedGrant {
  readonly name: string;
  /** The paths that its template matches. */
  readonly glob: Glob;
  /** The paths that its pattern matches, whatever the claims are. */
  readonly widest: Glob;
  /** Whether its pattern has a wildcard: a greedy parameter, or one that equals no claim. */
  readonly hasWildcard: boolean;
}

/** Formats what a condition reads. */
type FormatReferences = (condition: string) => string;

const canBeExpressed = (): readonly string[] => [];

/** Lists, for each key of a grant, the requirements that no IAM document can express. */
function inexpressible(formatReferences: FormatReferences): ForEachKey<IndexedGrant, readonly string[]> {
  return {
    api: ({ api }) =>
      api.length > 0 ? [`is for ${api.join(", ")}, and the role of a group may be for another API, too`] : [],
    // A document has the grants of the roles that its holders have.
    roles: canBeExpressed,
    // A resource has a method and a pattern for the path.
    verbs: canBeExpressed,
    path: canBeExpressed,
    params: canBeExpressed,
    tail: canBeExpressed,
    when: ({ when }) =>
      when.map((name) => `needs the condition ${name}, which IAM can't evaluate (${formatReferences(name)})`),
    where: ({ where }) =>
      Object.values(where)
        .filter((claim) => !isTaggable(claim))
        .map((claim) => `compares the claim ${claim}, which is not a string in an ID token, but would be one as a tag`),
  };
}

const INEXPRESSIBLE = inexpressible(() => "");

/** Lists the grants that every holder of their roles has, as far as an IAM document can express it. */
export function listUnconditional(grants: PolicyIndex["grants"]): readonly UnconditionalGrant[] {
  return Object.entries(grants).flatMap(([name, grant]) => {
    const isExpressible = deriveEach(INEXPRESSIBLE, grant).every((reasons) => reasons.length === 0);
    return isExpressible
      ? [
          {
            ...grant,
            name,
            glob: globOfTemplate(grant.path),
            widest: globOfPattern(toPattern(grant.path, {}).join("")),
            hasWildcard: parseTemplate(grant.path).some(
              (one) => one.kind === "parameter" && (one.isGreedy || !Object.hasOwn(grant.where, one.name)),
            ),
          },
        ]
      : [];
  });
}

/** Tells whether a grant is for one of these roles. */
export function isHeldBy(grant: Pick<IndexedGrant, "roles">, roles: readonly string[]): boolean {
  return grant.roles.some((role) => roles.includes(role));
}

/** Lists the grants that IAM documents can't express, with the documents that lack them. */
export function listInexpressible(
  grants: PolicyIndex["grants"],
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
  documents: readonly (readonly [string, readonly string[]])[],
): readonly Gap[] {
  const reasonsOf = inexpressible((name) => formatReferences(dependencies.get(name) ?? []));
  return Object.entries(grants).flatMap(([where, grant]) => {
    const holders = documents.filter(([, roles]) => isHeldBy(grant, roles)).map(([name]) => name);
    const reasons = deriveEach(reasonsOf, grant).flat();
    if (reasons.length === 0 || holders.length === 0) return [];
    return [{ where, what: "grant_missing", reason: reasons.join("; "), documents: holders } satisfies Gap];
  });
}

function formatReferences(dependencies: readonly CacheKeyDependency[]): string {
  const references = [...new Set(dependencies.map(({ read }) => read))].sort();
  return references.length > 0 ? `it reads ${references.join(", ")}` : "though it reads nothing but the token";
}
