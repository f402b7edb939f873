import type { AccessPolicy } from "../../../analysis/access/model.ts";
import { segmentsOf } from "../../../contract/path-template.ts";
import type { PolicyIndex } from "../../../contract/policy-index.ts";
import type { Denial, Grant, Policy } from "../oracle.ts";

/** A public rule as the security team writes it. */
export interface Public {
  readonly api?: readonly string[];
  readonly verbs: readonly string[];
  readonly path: string;
}

/** A condition of a generated policy. Conditions with one digest are one condition, whatever their names are. */
export interface Condition {
  readonly digest: string;
  /** The parameters that it reads. */
  readonly params: readonly string[];
  /** Set for a condition that asks for roles only. */
  readonly roles?: readonly { readonly has: readonly string[]; readonly lacks: readonly string[] }[];
}

/** A policy whose conditions are known by name, digest and parameters. Names of rules start with the area `one` or `two`. */
export interface AccessCase extends Policy {
  readonly publicRules: Readonly<Record<string, Public>>;
  readonly conditions: Readonly<Record<string, Condition>>;
}

/** Names the instance of a condition in a rule: its digest, and where in the path its parameters are. `first(1)`, `rest(2+)` */
export function toInstance(name: string, { digest, params }: Condition, path: string): string {
  const segments = segmentsOf(path);
  const positions = params.map((param) => {
    const at = segments.findIndex((segment) => segment === `{${param}}` || segment === `{${param}+}`);
    if (at === -1) throw new Error(`${name} reads {${param}}, which ${path} does not have`);
    return segments[at]?.endsWith("+}") ? `${at}+` : String(at);
  });
  return positions.length === 0 ? digest : `${digest}(${positions.join(",")})`;
}

/** The policy as the oracle's modules read it: rules by area, and in place of each condition its instance. */
export function toMakerInput(policy: AccessCase): object {
  const named = (names: readonly string[] | undefined, path: string) =>
    names?.map((name) => {
      const condition = policy.conditions[name];
      if (condition === undefined) throw new Error(`no condition ${name}`);
      return condition.roles === undefined ? toInstance(name, condition, path) : name;
    });
  const kinds: Readonly<Record<string, Readonly<Record<string, Grant | Denial | Public>>>> = {
    grants: mapValues(policy.grants, (rule) => ({ ...rule, when: named(rule.when, rule.path) })),
    denials: mapValues(policy.denials, (rule) => ({ ...rule, unless: named(rule.unless, rule.path) })),
    public: policy.publicRules,
  };
  const ofArea = (area: string) =>
    mapValues(kinds, (rules) =>
      Object.fromEntries(
        Object.entries(rules)
          .filter(([name]) => name.startsWith(`${area}.`))
          .map(([name, rule]) => [name.slice(area.length + 1), rule]),
      ),
    );
  return { roles: policy.roles, areas: { one: ofArea("one"), two: ofArea("two") } };
}

/** The policy as the analysis of access reads it. The roles are those that OPA computed for the index. */
export function toAccessPolicy(policy: AccessCase, index: PolicyIndex): AccessPolicy {
  const used = new Set([
    ...Object.values(policy.grants).flatMap(({ when = [] }) => when),
    ...Object.values(policy.denials).flatMap(({ unless = [] }) => unless),
  ]);
  return {
    grants: mapValues(index.grants, (rule, name) => ({ ...rule, when: [...(policy.grants[name]?.when ?? [])].sort() })),
    denials: mapValues(index.denials, (rule, name) => {
      return { ...rule, unless: [...(policy.denials[name]?.unless ?? [])].sort() };
    }),
    roles: index.roles,
    publicRules: Object.entries(policy.publicRules).map(([name, { api, verbs, path }]) => {
      return { name, verbs: [...verbs].sort(), path, ...(api && { apis: [...api].sort() }) };
    }),
    conditions: Object.fromEntries(
      Object.entries(policy.conditions)
        .filter(([name]) => used.has(name))
        .map(([name, { digest, params, roles }]) => {
          return [name, { digest: `sha256:${digest}`, text: digest, params, ...(roles && { roles }) }];
        }),
    ),
  };
}

/** Maps the values of a table. */
export function mapValues<From, To>(
  table: Readonly<Record<string, From>>,
  toValue: (value: From, key: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, toValue(value, key)]));
}
