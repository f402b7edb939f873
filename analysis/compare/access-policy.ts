import { toConditionFacts } from "../../build/policy/condition-facts.ts";
import type { CheckedPolicy } from "../../build/policy/read-policy.ts";
import { readRuleValues } from "../../build/policy/rule-values.ts";
import { parsePolicyData } from "../../contract/policy-data.ts";
import type { AccessPolicy } from "../access/model.ts";

/** The file and line of a rule, as the build names them: `policies/access/orders.rego`. */
export interface RulePlace {
  readonly file: string;
  readonly line: number;
}

/** Lists the conditions that grants and denials name, sorted. */
export function namedConditions({ grants, denials }: Pick<AccessPolicy, "grants" | "denials">): readonly string[] {
  const named = [
    ...Object.values(grants).flatMap(({ when }) => when),
    ...Object.values(denials).flatMap(({ unless }) => unless),
  ];
  return [...new Set(named)].sort();
}

/** Makes the policy whose access is compared from a checked one. */
export function toAccessPolicy({ index, publicRules, sources, data }: CheckedPolicy): AccessPolicy {
  const { grants, denials, roles } = index;
  const parsed = parsePolicyData(JSON.parse(data));
  const base = parsed.ok ? parsed.value.base : undefined;
  return {
    grants,
    denials,
    roles,
    publicRules,
    conditions: toConditionFacts(namedConditions(index), { sources, roles, base }),
  };
}

/** Lists where the rules of a policy are, by kind and name: `grant orders.read`. */
export function toRulePlaces({ sources, publicRules }: CheckedPolicy): ReadonlyMap<string, RulePlace> {
  return new Map([
    ...readRuleValues(sources).map(({ kind, name, file, line }) => [`${kind} ${name}`, { file, line }] as const),
    ...publicRules.map(({ name, file, line }) => [`public ${name}`, { file, line }] as const),
  ]);
}
