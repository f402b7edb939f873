import type { IndexedDenial, IndexedGrant, PolicyIndex } from "../../contract/policy-index.ts";
import type { Mutant } from "./mutants.ts";

/** Makes the whole index of a mutant. */
export function toMutatedIndex(index: PolicyIndex, { changed }: Mutant): PolicyIndex {
  const grants: Record<string, IndexedGrant> = { ...index.grants };
  const denials: Record<string, IndexedDenial> = { ...index.denials };
  let { roles } = index;
  for (const one of changed) {
    if (one.kind === "roles") roles = one.roles;
    else if (one.kind === "grant") grants[one.name] = one.rule;
    else if (one.rule !== undefined) denials[one.name] = one.rule;
    else delete denials[one.name];
  }
  return { grants, denials, roles };
}
