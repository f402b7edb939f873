import type { Need } from "../../build/policy/key-dependencies.ts";
import type { Listed } from "../../contract/iam-export.ts";
import type { RuleIndex } from "../cache/token-documents.ts";
import { isTaggable } from "./tags.ts";

/** A grant that whoever holds its roles has without any condition, but that its claims are texts. */
export type Certain = RuleIndex["grants"][string];

export function isCertain({ when, where }: Certain): boolean {
  return when.length === 0 && Object.values(where).every(isTaggable);
}

export function isHeld(grant: Pick<Certain, "roles">, roles: readonly string[]): boolean {
  return grant.roles.some((role) => roles.includes(role));
}

/** Grants that are not certain, with the documents that they would be in. */
export function listUncertain(
  grants: RuleIndex["grants"],
  needs: ReadonlyMap<string, readonly Need[]>,
  documents: readonly (readonly [string, readonly string[]])[],
): readonly Listed[] {
  return Object.entries(grants).flatMap(([where, grant]) => {
    const holders = documents.filter(([, roles]) => isHeld(grant, roles)).map(([name]) => name);
    const values = Object.values(grant.where).filter((claim) => !isTaggable(claim));
    const reasons = [
      ...grant.when.map((name) => `asks for ${name}, which IAM can't evaluate (${readsOf(needs.get(name) ?? [])})`),
      ...values.map((claim) => `asks for ${claim}, which is no text in an ID token, but would be one as a tag`),
    ];
    if (reasons.length === 0 || holders.length === 0) return [];
    return [{ where, what: "left_out", reason: reasons.join("; "), documents: holders } satisfies Listed];
  });
}

function readsOf(needs: readonly Need[]): string {
  const reads = [...new Set(needs.map(({ read }) => read))].sort();
  return reads.length > 0 ? `it reads ${reads.join(", ")}` : "though it reads nothing but the token";
}
