import type { CacheKeyDependency } from "../../build/policy/key-dependencies.ts";
import type { Gap } from "../../contract/iam-export.ts";
import { answersOf, type ForEachKey, type IndexedGrant, type PolicyIndex } from "../../contract/policy-index.ts";
import { isTaggable } from "./tags.ts";

/** A grant that whoever holds its roles has without any condition, but that its claims are texts. */
export type Certain = IndexedGrant;

/** Formats what a condition reads. */
type FormatReads = (condition: string) => string;

const canBeExpressed = (): readonly string[] => [];

/** What each key of a grant asks for that no IAM document can. */
function inexpressible(formatReads: FormatReads): ForEachKey<IndexedGrant, readonly string[]> {
  return {
    // A document has the grants of the roles that its holders have.
    roles: canBeExpressed,
    // A resource has a method and a pattern for the path.
    verbs: canBeExpressed,
    path: canBeExpressed,
    params: canBeExpressed,
    tail: canBeExpressed,
    when: ({ when }) => when.map((name) => `asks for ${name}, which IAM can't evaluate (${formatReads(name)})`),
    where: ({ where }) =>
      Object.values(where)
        .filter((claim) => !isTaggable(claim))
        .map((claim) => `asks for ${claim}, which is no text in an ID token, but would be one as a tag`),
  };
}

const INEXPRESSIBLE = inexpressible(() => "");

export function isCertain(grant: IndexedGrant): boolean {
  return answersOf(INEXPRESSIBLE, grant).every((reasons) => reasons.length === 0);
}

export function isHeld(grant: Pick<Certain, "roles">, roles: readonly string[]): boolean {
  return grant.roles.some((role) => roles.includes(role));
}

/** Grants that are not certain, with the documents that they would be in. */
export function listUncertain(
  grants: PolicyIndex["grants"],
  dependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>,
  documents: readonly (readonly [string, readonly string[]])[],
): readonly Gap[] {
  const asked = inexpressible((name) => readsOf(dependencies.get(name) ?? []));
  return Object.entries(grants).flatMap(([where, grant]) => {
    const holders = documents.filter(([, roles]) => isHeld(grant, roles)).map(([name]) => name);
    const reasons = answersOf(asked, grant).flat();
    if (reasons.length === 0 || holders.length === 0) return [];
    return [{ where, what: "grant_missing", reason: reasons.join("; "), documents: holders } satisfies Gap];
  });
}

function readsOf(dependencies: readonly CacheKeyDependency[]): string {
  const references = [...new Set(dependencies.map(({ read }) => read))].sort();
  return references.length > 0 ? `it reads ${references.join(", ")}` : "though it reads nothing but the token";
}
