import type { InputReference } from "../../contract/manifest.ts";
import { canHoldWith, referencesByCaller, rolesAskedBy } from "./caller-references.ts";
import { fieldsOfCondition, sortedReferences } from "./input-references.ts";
import type { CheckedPolicy } from "./read-policy.ts";
import { readVocabulary } from "./vocabulary.ts";

/** The parts of an input that a condition depends on. */
export interface ConditionReads {
  /** Fields of the input, such as `["principal", "claims", "auth_time"]`. */
  readonly fields: readonly InputReference[];
  /** The roles that it asks for by `caller.has_role`. */
  readonly roles: readonly string[];
  /** Tells whether it can be true of a principal who holds no roles but these. */
  readonly canHoldWith: (roles: readonly string[]) => boolean;
}

/** Finds what each of some conditions reads, by its name. It runs OPA once for each. */
export async function readConditionReads(
  { opa, sources }: Pick<CheckedPolicy, "opa" | "sources">,
  conditions: readonly string[],
): Promise<ReadonlyMap<string, ConditionReads>> {
  const readers = sources.filter(({ part }) => part === "conditions" || part === "library");
  const vocabulary = readVocabulary(new Map(), readers);
  const reads = conditions.map(async (name) => {
    const own = await fieldsOfCondition(opa, sources, name);
    const fields = sortedReferences([...own, ...referencesByCaller(vocabulary, name)]);
    const canHold: ConditionReads["canHoldWith"] = (roles) => canHoldWith(vocabulary, name, roles);
    return [name, { fields, roles: rolesAskedBy(vocabulary, name), canHoldWith: canHold }] as const;
  });
  return new Map(await Promise.all(reads));
}
