import fc from "fast-check";
import type { Denial, Grant, Role } from "../oracle.ts";
import type { AccessCase, Condition, Public } from "./policy.ts";

const ROLES = ["r1", "r2", "r3", "r4"];
const LITERALS = ["a", "Audit"];
const VERBS = ["GET", "PUT", "DELETE", "CONNECT"];
const PARAMS = ["x", "y", "z"];
const CLAIMS = ["sub", "custom:id", "custom:dep"];
export const APIS = ["orders", "billing"];

/** The conditions of generated policies: without parameters, with some, and such that ask for roles only. */
export const CONDITIONS: Readonly<Record<string, Condition>> = {
  office: { digest: "d1", params: [] },
  recent: { digest: "d2", params: [] },
  assigned: { digest: "d3", params: ["x"] },
  linked: { digest: "d4", params: ["y", "x"] },
  has_r2: { digest: "d5", params: [], roles: [{ has: ["r2"], lacks: [] }] },
  not_r3: { digest: "d6", params: [], roles: [{ has: [], lacks: ["r3"] }] },
  either: {
    digest: "d7",
    params: [],
    roles: [
      { has: ["r1", "r2"], lacks: [] },
      { has: ["r4"], lacks: ["r1"] },
    ],
  },
};

/** Generates lists of some of the values. */
export function someOf<Value>(values: readonly Value[], minLength = 1, maxLength = 3): fc.Arbitrary<Value[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength });
}

/** Leaves out a value in most cases. */
function seldom<Value>(arbitrary: fc.Arbitrary<Value>, of = 4): fc.Arbitrary<Value | undefined> {
  return fc.oneof(
    { weight: of - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: arbitrary as fc.Arbitrary<Value | undefined> },
  );
}

/** Generates templates of at most three segments. Names of parameters do not follow from positions. */
export const template: fc.Arbitrary<string> = fc
  .record({
    segments: fc.array(fc.oneof(fc.constantFrom(...LITERALS), fc.constant("")), { minLength: 1, maxLength: 3 }),
    names: fc.shuffledSubarray(PARAMS, { minLength: 3, maxLength: 3 }),
    isGreedy: fc.nat(3).map((drawn) => drawn === 0),
  })
  .map(({ segments, names, isGreedy }) => {
    const texts = segments.map((segment, at) => {
      if (isGreedy && at === segments.length - 1) return `{${names[at]}+}`;
      return segment === "" ? `{${names[at]}}` : segment;
    });
    return `/${texts.join("/")}`;
  });

/** Lists the parameters of a template; the greedy one only if asked for. */
export function parametersOf(path: string, withGreedy = true): readonly string[] {
  return [...path.matchAll(withGreedy ? /\{(\w+)\+?\}/g : /\{(\w+)\}/g)].map(([, name]) => name ?? "");
}

/** Lists the conditions that a rule with this template may name. */
export function conditionsFor(path: string, conditions: AccessCase["conditions"] = CONDITIONS): readonly string[] {
  const names = parametersOf(path);
  return Object.entries(conditions)
    .filter(([, { params }]) => params.every((param) => names.includes(param)))
    .map(([name]) => name);
}

const verbs = fc.oneof(
  { weight: 5, arbitrary: someOf(VERBS, 1, 2) },
  { weight: 2, arbitrary: fc.constantFrom(["ANY"], ["ANY", "CONNECT"], ["ANY", "GET"]) },
);

const api = seldom(someOf(APIS, 1, 2), 6);

export const grant: fc.Arbitrary<Grant> = template.chain((path) => {
  const parameters = parametersOf(path, false);
  const where: fc.Arbitrary<Readonly<Record<string, string>> | undefined> =
    parameters.length === 0
      ? fc.constant(undefined)
      : seldom(fc.dictionary(fc.constantFrom(...parameters), fc.constantFrom(...CLAIMS), { minKeys: 1 }), 3);
  return fc
    .record({
      api,
      roles: fc.oneof(
        { weight: 4, arbitrary: someOf(ROLES, 1, 2) },
        { weight: 1, arbitrary: fc.constant(["authenticated"]) },
      ),
      verbs,
      where,
      when: seldom(someOf(conditionsFor(path), 1, 2), 3),
    })
    .map(({ api, roles, verbs, where, when }) => {
      return { ...(api && { api }), roles, verbs, path, ...(where && { where }), ...(when && { when }) };
    });
});

export const denial: fc.Arbitrary<Denial> = template.chain((path) =>
  fc
    .record({
      api,
      verbs,
      roles: fc.option(someOf(ROLES, 1, 2), { nil: undefined, freq: 2 }),
      unless: fc.option(someOf(conditionsFor(path), 1, 2), { nil: undefined, freq: 2 }),
    })
    .map(({ api, roles, verbs, unless }) => {
      return { ...(api && { api }), ...(roles && { roles }), verbs, path, ...(unless && { unless }) };
    }),
);

export const publicRule: fc.Arbitrary<Public> = fc
  .record({ path: template, verbs: someOf(["GET", "PUT", "ANY"], 1, 2), api })
  .map(({ path, verbs, api }) => ({ ...(api && { api }), verbs, path: path.replaceAll("+}", "}") }));

export const role: fc.Arbitrary<Role> = fc
  .record({
    groups: fc.option(someOf(["G1", "G2", "G3"], 1, 2), { nil: undefined, freq: 2 }),
    scopes: seldom(someOf(["s1", "s2"], 1, 1), 5),
    kinds: seldom(someOf(["user", "machine"], 1, 1), 6),
    claims: seldom(
      fc.oneof(
        someOf(["Audit", "Ops"], 1, 2).map((values) => ({ "custom:dep": values })),
        fc.constant({ "custom:level": ["3"] }),
      ),
      3,
    ),
    issuers: seldom(someOf(["staff", "partner"], 1, 2), 4),
  })
  .map(({ groups, scopes, kinds, claims, issuers }) => ({
    ...(groups && { groups }),
    ...(scopes && { scopes }),
    ...(kinds && { kinds }),
    ...(claims && { claims }),
    ...(issuers && { issuers }),
  }));

/** Generates policies of a few rules; each role may include later ones. */
export const accessCase: fc.Arbitrary<AccessCase> = fc
  .record({
    grants: fc.array(grant, { minLength: 1, maxLength: 5 }),
    denials: fc.array(denial, { maxLength: 2 }),
    publicRules: seldom(fc.array(publicRule, { minLength: 1, maxLength: 2 }), 4),
    roles: fc.tuple(role, role, role, role),
    includes: fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 3 }),
  })
  .map(({ grants, denials, publicRules = [], roles, includes }) => ({
    grants: named("g", grants),
    denials: named("d", denials),
    publicRules: named("p", publicRules),
    roles: Object.fromEntries(
      roles.map((rule, at) => {
        const later = includes.filter(([from, to]) => from === at && to > at).map(([, to]) => `r${to + 1}`);
        return [`r${at + 1}`, later.length === 0 ? rule : { ...rule, includes: [...new Set(later)] }];
      }),
    ),
    conditions: CONDITIONS,
  }));

function named<Rule>(prefix: string, rules: readonly Rule[]): Readonly<Record<string, Rule>> {
  return Object.fromEntries(rules.map((rule, at) => [`${at % 2 === 0 ? "one" : "two"}.${prefix}${at}`, rule]));
}
