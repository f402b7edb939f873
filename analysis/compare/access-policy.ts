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
export function toAccessPolicy(policy: CheckedPolicy): AccessPolicy {
  const { index, publicRules } = policy;
  const { grants, denials, roles } = index;
  return { grants, denials, roles, publicRules, conditions: toFactsOf(namedConditions(index), policy) };
}

/** Makes the facts of the conditions that the invariants of a policy require, whether or not a rule names them. */
export function toRequiredConditions(policy: CheckedPolicy): AccessPolicy["conditions"] {
  const names = policy.invariants.flatMap(({ statement }) =>
    statement.kind === "requires" ? statement.conditions : [],
  );
  return toFactsOf([...new Set(names)].sort(), policy);
}

function toFactsOf(
  names: readonly string[],
  { index: { roles }, sources, data }: CheckedPolicy,
): AccessPolicy["conditions"] {
  const parsed = parsePolicyData(JSON.parse(data));
  return toConditionFacts(names, { sources, roles, base: parsed.ok ? parsed.value.base : undefined });
}

/** Lists where the rules of a policy are, by kind and name: `grant orders.read`. */
export function toRulePlaces({ sources, publicRules }: CheckedPolicy): ReadonlyMap<string, RulePlace> {
  return new Map([
    ...readRuleValues(sources).map(({ kind, name, file, line }) => [`${kind} ${name}`, { file, line }] as const),
    ...publicRules.map(({ name, file, line }) => [`public ${name}`, { file, line }] as const),
  ]);
}
