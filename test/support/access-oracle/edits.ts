import fc from "fast-check";
import { HTTP_METHODS } from "../../../contract/route.ts";
import type { Denial, Grant, Role } from "../oracle.ts";
import { conditionsFor, denial, grant, parametersOf, publicRule, role } from "./generated.ts";
import { type AccessCase, mapValues } from "./policy.ts";

/** A change of a policy, or undefined if this policy has nothing to change that way. Numbers choose what is changed. */
type Change = (policy: AccessCase, numbers: readonly number[]) => AccessCase | undefined;

/** Changes of the text of a policy that change no access. */
export const REFACTORINGS: Readonly<Record<string, Change>> = {
  "a role has another name": (policy, [a]) =>
    inRole(policy, a, (name) =>
      "renamed" in policy.roles ? undefined : withRoleNames(policy, (one) => (one === name ? "renamed" : one)),
    ),
  "roles change places": (policy) => ({ ...policy, roles: reversed(policy.roles) }),
  "a grant has another name and area": (policy, [a]) =>
    inRule(policy.grants, a, (name) => ({
      ...policy,
      grants: renamed(policy.grants, name, toOtherArea(name, "moved")),
    })),
  "a denial has another name and area": (policy, [a]) =>
    inRule(policy.denials, a, (name) => ({
      ...policy,
      denials: renamed(policy.denials, name, toOtherArea(name, "kept")),
    })),
  "rules stand in another order": (policy) => ({
    ...policy,
    grants: reversed(policy.grants),
    denials: reversed(policy.denials),
    publicRules: reversed(policy.publicRules),
  }),
  "the parameters that no condition reads have other names": (policy, [a]) =>
    inRule(policy.grants, a, (name, rule) => {
      const read = (rule.when ?? []).flatMap((one) => policy.conditions[one]?.params ?? []);
      const toName = (param: string) => (read.includes(param) ? param : `${param}_id`);
      const where =
        rule.where && Object.fromEntries(Object.entries(rule.where).map(([key, claim]) => [toName(key), claim]));
      const path = rule.path.replaceAll(
        /\{(\w+)(\+?)\}/g,
        (_, param: string, plus: string) => `{${toName(param)}${plus}}`,
      );
      return { ...policy, grants: { ...policy.grants, [name]: { ...rule, path, ...(where && { where }) } } };
    }),
  "a grant is split by its roles": (policy, [a]) => split(policy, "grants", a, "roles"),
  "a grant is split by its verbs": (policy, [a]) => split(policy, "grants", a, "verbs"),
  "a denial is split by its roles": (policy, [a]) => split(policy, "denials", a, "roles"),
  "a denial is split by its verbs": (policy, [a]) => split(policy, "denials", a, "verbs"),
  "a denial is split by what lifts it": (policy, [a]) =>
    inRule(policy.denials, a, (name, rule) => {
      const [first, ...others] = rule.unless ?? [];
      if (first === undefined || others.length === 0) return undefined;
      const parts = {
        [name]: { ...rule, unless: [first] },
        [toOtherArea(name, "rest_unless")]: { ...rule, unless: others },
      };
      return { ...policy, denials: { ...policy.denials, ...parts } };
    }),
  "ANY for all seven": (policy, [a]) =>
    inRule(policy.grants, a, (name, rule) => {
      if (!rule.verbs.includes("ANY")) return undefined;
      const verbs = [...new Set([...rule.verbs.filter((verb) => verb !== "ANY"), ...HTTP_METHODS])];
      return { ...policy, grants: { ...policy.grants, [name]: { ...rule, verbs } } };
    }),
  "all seven for ANY in a denial": (policy, [a]) =>
    inRule(policy.denials, a, (name, rule) => {
      if (!rule.verbs.includes("ANY")) return undefined;
      const verbs = [...new Set([...rule.verbs.filter((verb) => verb !== "ANY"), ...HTTP_METHODS])];
      return { ...policy, denials: { ...policy.denials, [name]: { ...rule, verbs } } };
    }),
  "a role is inlined": (policy, [a]) =>
    inRole(policy, a, (name) => {
      const { includes: [included, ...others] = [], ...own } = policy.roles[name] ?? {};
      if (included === undefined || asksFor(policy, included)) return undefined;
      // Rules name both roles from now on.
      const beside = <Rule extends Grant | Denial>(rule: Rule): Rule =>
        rule.roles?.includes(included) ? { ...rule, roles: [...new Set([...rule.roles, name])] } : rule;
      const includes = [...new Set([...others, ...(policy.roles[included]?.includes ?? [])])];
      return {
        ...policy,
        roles: { ...policy.roles, [name]: { ...own, ...(includes.length > 0 && { includes }) } },
        grants: mapValues(policy.grants, beside),
        denials: mapValues(policy.denials, beside),
      };
    }),
  "a grant stands twice": (policy, [a]) =>
    inRule(policy.grants, a, (name, rule) => ({
      ...policy,
      grants: { ...policy.grants, [toOtherArea(name, "again")]: rule },
    })),
  "a narrower grant is added": (policy, [a, b = 0]) =>
    inRule(policy.grants, a, (name, rule) => {
      const [param] = parametersOf(rule.path, false).filter(
        (one) => !(rule.when ?? []).some((condition) => policy.conditions[condition]?.params.includes(one)),
      );
      const path = param === undefined || rule.where?.[param] ? rule.path : rule.path.replace(`{${param}}`, "a");
      const verbs = rule.verbs.slice(b % rule.verbs.length).slice(0, 1);
      return { ...policy, grants: { ...policy.grants, [toOtherArea(name, "narrow")]: { ...rule, path, verbs } } };
    }),
  "a grant with one more condition is added": (policy, [a, b = 0]) =>
    inRule(policy.grants, a, (name, rule) => {
      const extra = pick(conditionsFor(rule.path, policy.conditions), b);
      const when = [...new Set([...(rule.when ?? []), ...extra])];
      return { ...policy, grants: { ...policy.grants, [toOtherArea(name, "also")]: { ...rule, when } } };
    }),
  "a group that a role has is given by an included one too": (policy, [a]) =>
    inRole(policy, a, (name) => {
      const [included] = policy.roles[name]?.includes ?? [];
      const [group] = policy.roles[name]?.groups ?? [];
      const target = included === undefined ? undefined : policy.roles[included];
      if (included === undefined || group === undefined || target === undefined) return undefined;
      // With issuers of its own, the included role would hold for other tokens.
      if (policy.roles[name]?.issuers || target.issuers) return undefined;
      const groups = [...new Set([...(target.groups ?? []), group])];
      return { ...policy, roles: { ...policy.roles, [included]: { ...target, groups } } };
    }),
  "a condition has another name": (policy, [a]) => {
    const [name] = pick(Object.keys(policy.conditions), a);
    if (name === undefined || "renamed" in policy.conditions) return undefined;
    return withConditionNames(policy, (one) => (one === name ? "renamed" : one));
  },
};

/** Refactorings that change lines, since lines have the names of conditions. */
export const CHANGE_LINES: readonly string[] = ["a condition has another name"];

/** Changes of one thing in a policy, which mostly change access. */
export const EDITS: Readonly<Record<string, Change>> = {
  "a role is added to a grant": (policy, [a, b]) =>
    inRule(policy.grants, a, (name, rule) => {
      const missing = [...Object.keys(policy.roles), "authenticated"].filter((one) => !rule.roles.includes(one));
      return withGrant(policy, name, { ...rule, roles: [...rule.roles, ...pick(missing, b)] });
    }),
  "a role is taken from a grant": (policy, [a]) =>
    inRule(policy.grants, a, (name, rule) =>
      rule.roles.length < 2 ? undefined : withGrant(policy, name, { ...rule, roles: rule.roles.slice(1) }),
    ),
  "a role includes another": (policy, [a, b]) =>
    inRole(policy, a, (name) => {
      const others = Object.keys(policy.roles).filter((one) => one > name);
      const own = policy.roles[name] ?? {};
      const includes = [...new Set([...(own.includes ?? []), ...pick(others, b)])];
      return { ...policy, roles: { ...policy.roles, [name]: { ...own, includes } } };
    }),
  "a role is for another set of tokens": (policy, [a, b]) =>
    inRole(policy, a, (name) => {
      const own = policy.roles[name] ?? {};
      const { includes, ...ways } = own;
      const changed = [
        { ...ways, groups: [...new Set([...(own.groups ?? []), "G1"])] },
        { ...ways, groups: ["G2"] },
        { ...ways, issuers: ["staff"] },
        { ...ways, scopes: ["s1", "s2"] },
        { ...ways, kinds: ["machine"] },
        { ...ways, kinds: ["user"] },
        { ...ways, claims: { "custom:dep": ["Ops"] } },
        withoutIssuers(ways),
      ];
      const [role = ways] = pick(changed, b);
      return { ...policy, roles: { ...policy.roles, [name]: { ...role, ...(includes && { includes }) } } };
    }),
  "a grant has other verbs": (policy, [a, b]) =>
    inRule(policy.grants, a, (name, rule) => {
      const [verbs = ["ANY"]] = pick([["ANY"], ["GET"], [...rule.verbs, "PUT"], ["CONNECT"], rule.verbs.slice(1)], b);
      return verbs.length === 0 ? undefined : withGrant(policy, name, { ...rule, verbs: [...new Set(verbs)] });
    }),
  "a grant has a wider template": (policy, [a]) =>
    inRule(policy.grants, a, (name, rule) => {
      const path = toWider(rule.path);
      // A greedy parameter equals no claim.
      const isCompared = Object.keys(rule.where ?? {}).some((param) => path.includes(`{${param}+}`));
      return isCompared ? undefined : withGrant(policy, name, { ...rule, path });
    }),
  "a denial has a wider template": (policy, [a]) =>
    inRule(policy.denials, a, (name, rule) => withDenial(policy, name, { ...rule, path: toWider(rule.path) })),
  "a where is dropped": (policy, [a]) =>
    inRule(policy.grants, a, (name, { where, ...rule }) =>
      where === undefined ? undefined : withGrant(policy, name, rule),
    ),
  "a where is added": (policy, [a, b]) =>
    inRule(policy.grants, a, (name, rule) => {
      const [param] = pick(parametersOf(rule.path, false), b);
      return param === undefined
        ? undefined
        : withGrant(policy, name, { ...rule, where: { ...rule.where, [param]: "sub" } });
    }),
  "a where is about another claim": (policy, [a]) =>
    inRule(
      policy.grants,
      a,
      (name, { where, ...rule }) =>
        where &&
        withGrant(policy, name, {
          ...rule,
          where: mapValues(where, (claim) => (claim === "sub" ? "custom:dep" : "sub")),
        }),
    ),
  "a grant has other conditions": (policy, [a, b]) =>
    inRule(policy.grants, a, (name, { when = [], ...rule }) => {
      const [extra] = pick(conditionsFor(rule.path, policy.conditions), b);
      const others =
        extra === undefined || when.includes(extra) ? when.filter((one) => one !== extra) : [...when, extra];
      return withGrant(policy, name, others.length === 0 ? rule : { ...rule, when: others });
    }),
  "a condition is replaced": (policy, [a, b]) =>
    inRule(policy.grants, a, (name, { when, ...rule }) => {
      if (when === undefined) return undefined;
      return withGrant(policy, name, { ...rule, when: pick(conditionsFor(rule.path, policy.conditions), b) });
    }),
  "a condition means something else": (policy, [a]) => {
    const [name] = pick(
      Object.keys(policy.conditions).filter((one) => !policy.conditions[one]?.roles),
      a,
    );
    const old = name === undefined ? undefined : policy.conditions[name];
    if (name === undefined || old === undefined) return undefined;
    return { ...policy, conditions: { ...policy.conditions, [name]: { ...old, digest: "changed" } } };
  },
  "a condition asks for other roles": (policy, [a]) => ({
    ...policy,
    conditions: {
      ...policy.conditions,
      not_r3: { digest: "changed", params: [], roles: [{ has: a === 0 ? ["r1"] : [], lacks: ["r2"] }] },
    },
  }),
  "a grant is dropped": (policy, [a]) =>
    inRule(policy.grants, a, (name) => {
      const grants = without(policy.grants, name);
      // OPA has no index of a policy without any rule.
      const isEmpty = Object.keys({ ...grants, ...policy.denials }).length === 0;
      return isEmpty ? undefined : { ...policy, grants };
    }),
  "a denial is dropped": (policy, [a]) =>
    inRule(policy.denials, a, (name) => ({ ...policy, denials: without(policy.denials, name) })),
  "a denial is for other roles": (policy, [a, b]) =>
    inRule(policy.denials, a, (name, { roles, ...rule }) =>
      withDenial(policy, name, roles === undefined ? { ...rule, roles: pick(Object.keys(policy.roles), b) } : rule),
    ),
  "a denial is lifted by other conditions": (policy, [a, b]) =>
    inRule(policy.denials, a, (name, { unless = [], ...rule }) => {
      const [extra] = pick(conditionsFor(rule.path, policy.conditions), b);
      const others =
        extra === undefined || unless.includes(extra) ? unless.filter((one) => one !== extra) : [...unless, extra];
      return withDenial(policy, name, others.length === 0 ? rule : { ...rule, unless: others });
    }),
  "a rule is for another API": (policy, [a]) =>
    inRule(policy.grants, a, (name, { api, ...rule }) =>
      withGrant(policy, name, api === undefined ? { ...rule, api: ["orders"] } : rule),
    ),
  "a public rule is dropped": (policy, [a]) =>
    inRule(policy.publicRules, a, (name) => ({ ...policy, publicRules: without(policy.publicRules, name) })),
};

/** Additions of a generated rule or role. */
const ADDITIONS: fc.Arbitrary<(policy: AccessCase) => AccessCase> = fc.oneof(
  grant.map((rule) => (policy: AccessCase) => withGrant(policy, "two.added", rule)),
  denial.map((rule) => (policy: AccessCase) => withDenial(policy, "two.added", rule)),
  publicRule.map((rule) => (policy: AccessCase) => {
    return { ...policy, publicRules: { ...policy.publicRules, "two.opened": rule } };
  }),
  role.map((rule) => (policy: AccessCase) => ({ ...policy, roles: { ...policy.roles, r1: { ...rule } } })),
);

/** A policy, a changed one, and how it was changed. */
export interface Pair {
  readonly how: readonly string[];
  readonly before: AccessCase;
  readonly after: AccessCase;
}

const numbers = fc.array(fc.nat(30), { minLength: 2, maxLength: 2 });

function steps(changes: Readonly<Record<string, Change>>, most: number) {
  return fc.array(fc.tuple(fc.constantFrom(...Object.keys(changes)), numbers), { minLength: 1, maxLength: most });
}

function applied(
  changes: Readonly<Record<string, Change>>,
  from: AccessCase,
  list: readonly [string, readonly number[]][],
) {
  const how: string[] = [];
  let after = from;
  for (const [name, drawn] of list) {
    const next = changes[name]?.(after, drawn);
    if (next === undefined) continue;
    after = next;
    how.push(name);
  }
  return { how, after };
}

/** Generates pairs of policies that differ by refactorings only. */
export function refactored(policy: fc.Arbitrary<AccessCase>): fc.Arbitrary<Pair> {
  return fc
    .tuple(policy, steps(REFACTORINGS, 3), fc.boolean())
    .map(([before, list, isSwapped]) => turned({ before, ...applied(REFACTORINGS, before, list) }, isSwapped));
}

/** Generates pairs of policies that differ by one edit, which may be without an effect, and perhaps by a refactoring. */
export function edited(policy: fc.Arbitrary<AccessCase>): fc.Arbitrary<Pair> {
  const byTable = steps(EDITS, 1).map((list) => (from: AccessCase) => applied(EDITS, from, list));
  const byAddition = ADDITIONS.map((add) => (from: AccessCase) => ({ how: ["an addition"], after: add(from) }));
  const edit = fc.oneof({ weight: 5, arbitrary: byTable }, { weight: 2, arbitrary: byAddition });
  return fc
    .tuple(policy, edit, fc.option(steps(REFACTORINGS, 1), { nil: [] }), fc.boolean())
    .map(([before, change, list, isSwapped]) => {
      const changed = change(before);
      const { how, after } = applied(REFACTORINGS, changed.after, list);
      return turned({ before, after, how: [...changed.how, ...how] }, isSwapped);
    });
}

/** The other way round, so that what splits also merges, and what is added is also removed. */
function turned({ before, after, how }: Pair, isSwapped: boolean): Pair {
  return isSwapped ? { before: after, after: before, how: [...how, "the other way round"] } : { before, after, how };
}

function pick<Value>(values: readonly Value[], number = 0): readonly Value[] {
  return values.length === 0 ? [] : values.slice(number % values.length).slice(0, 1);
}

function inRule<Rule>(
  rules: Readonly<Record<string, Rule>>,
  number: number | undefined,
  change: (name: string, rule: Rule) => AccessCase | undefined,
): AccessCase | undefined {
  const [entry] = pick(Object.entries(rules), number);
  return entry === undefined ? undefined : change(...entry);
}

function inRole(policy: AccessCase, number: number | undefined, change: (name: string) => AccessCase | undefined) {
  const [name] = pick(Object.keys(policy.roles), number);
  return name === undefined ? undefined : change(name);
}

function withGrant(policy: AccessCase, name: string, rule: Grant): AccessCase {
  return { ...policy, grants: { ...policy.grants, [name]: rule } };
}

function withDenial(policy: AccessCase, name: string, rule: Denial): AccessCase {
  return { ...policy, denials: { ...policy.denials, [name]: rule } };
}

/** Splits a rule into one for its first role or verb, and one for the others. */
function split(policy: AccessCase, kind: "grants" | "denials", number: number | undefined, by: "roles" | "verbs") {
  const rules: Readonly<Record<string, Grant | Denial>> = policy[kind];
  return inRule(rules, number, (name, rule) => {
    const [first, ...others] = rule[by] ?? [];
    if (first === undefined || others.length === 0) return undefined;
    const parts = { [name]: { ...rule, [by]: [first] }, [toOtherArea(name, `rest_${by}`)]: { ...rule, [by]: others } };
    return { ...policy, [kind]: { ...rules, ...parts } };
  });
}

function toOtherArea(name: string, suffix: string): string {
  const [area, key] = name.split(".");
  return `${area === "one" ? "two" : "one"}.${key}_${suffix}`;
}

function toWider(path: string): string {
  const literal = path
    .split("/")
    .slice(1)
    .find((segment) => !segment.startsWith("{"));
  if (literal !== undefined) return path.replace(`/${literal}`, "/{w}");
  return path.replace(/\{(\w+)\}$/, "{$1+}");
}

function withRoleNames(policy: AccessCase, toName: (name: string) => string): AccessCase {
  const all = (names: readonly string[]) => names.map(toName);
  return {
    ...policy,
    roles: Object.fromEntries(
      Object.entries(policy.roles).map(([name, { includes, ...own }]) => {
        return [toName(name), { ...own, ...(includes && { includes: all(includes) }) }];
      }),
    ),
    grants: mapValues(policy.grants, (rule) => ({ ...rule, roles: all(rule.roles) })),
    denials: mapValues(policy.denials, (rule) => ({ ...rule, ...(rule.roles && { roles: all(rule.roles) }) })),
    conditions: mapValues(policy.conditions, (condition) => ({
      ...condition,
      ...(condition.roles && {
        roles: condition.roles.map(({ has, lacks }) => ({ has: all(has), lacks: all(lacks) })),
      }),
    })),
  };
}

function withConditionNames(policy: AccessCase, toName: (name: string) => string): AccessCase {
  return {
    ...policy,
    grants: mapValues(policy.grants, (rule) => ({ ...rule, ...(rule.when && { when: rule.when.map(toName) }) })),
    denials: mapValues(policy.denials, (rule) => ({
      ...rule,
      ...(rule.unless && { unless: rule.unless.map(toName) }),
    })),
    conditions: Object.fromEntries(Object.entries(policy.conditions).map(([name, own]) => [toName(name), own])),
  };
}

function reversed<Value>(table: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(table).reverse());
}

function renamed<Value>(table: Readonly<Record<string, Value>>, from: string, to: string) {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name === from ? to : name, value]));
}

function without<Value>(table: Readonly<Record<string, Value>>, name: string): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(table).filter(([one]) => one !== name));
}

function withoutIssuers({ issuers: _, ...role }: Role): Role {
  return role;
}

/** Tells whether a condition of a rule asks for a role. */
function asksFor({ grants, denials, conditions }: AccessCase, role: string): boolean {
  const used = [
    ...Object.values(grants).flatMap(({ when = [] }) => when),
    ...Object.values(denials).flatMap(({ unless = [] }) => unless),
  ];
  return used.some((name) => conditions[name]?.roles?.some(({ has, lacks }) => [...has, ...lacks].includes(role)));
}
