import fc from "fast-check";
import type { Condition, Denial, Grant, Input, Policy, Role } from "./oracle.ts";

/** The conditions of generated policies in Rego, and {@link CONDITIONS} the same in TypeScript. */
export const CONDITIONS_REGO = `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

recent if input.now_s - values.number(input.principal.claims.auth_time) < 3600

office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)

own if input.params.p0 == input.principal.claims.sub

senior if values.number(input.principal.claims.level) >= 3
`;

export const CONDITIONS: Readonly<Record<string, Condition>> = {
  recent: ({ now_s, principal }) => {
    const time = numberOf(principal?.claims?.["auth_time"]);
    return time !== undefined && now_s - time < 3600;
  },
  office: ({ request }) => /^203\.0\.113\.\d+$/.test(request.source_ip ?? ""),
  own: ({ principal }, params) => params["p0"] !== undefined && params["p0"] === principal?.claims?.["sub"],
  senior: ({ principal }) => (numberOf(principal?.claims?.["level"]) ?? 0) >= 3,
};

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

const GROUPS = ["G1", "G2", "G3"];
const ROLES = ["r1", "r2", "r3", "r4"];
const LITERALS = ["a", "b", "files", "files+", "caf\u00e9", "..."];
const VALUES = ["a", "b", "7", "files", "files+", "caf\u00e9", "*", "{p0}"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT"];

function someOf<Value>(values: readonly Value[], minLength = 1): fc.Arbitrary<Value[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength: 3 });
}

/** Generates path templates whose parameters are named by their position: `{p0}`, `{p2+}`. */
const template = fc
  .record({
    segments: fc.array(fc.oneof(fc.constantFrom(...LITERALS), fc.constant("{}")), { maxLength: 4 }),
    isGreedy: fc.boolean(),
  })
  .map(({ segments, isGreedy }) => {
    const named = segments.map((segment, at) => {
      if (isGreedy && at === segments.length - 1) return `{p${at}+}`;
      return segment === "{}" ? `{p${at}}` : segment;
    });
    return `/${named.join("/")}`;
  });

const verbs = someOf([...METHODS, "ANY"]);

function singleParameters(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
}

const grant: fc.Arbitrary<Grant> = template.chain((path) => {
  const parameters = singleParameters(path);
  const where =
    parameters.length === 0
      ? fc.constant(undefined)
      : fc.option(fc.dictionary(fc.constantFrom(...parameters), fc.constantFrom("sub", "custom:id"), { minKeys: 1 }), {
          nil: undefined,
        });
  return fc
    .record({
      roles: someOf([...ROLES, "authenticated"]),
      verbs,
      where,
      when: fc.option(someOf(Object.keys(CONDITIONS)), { nil: undefined }),
    })
    .map(({ where, when, ...rest }) => ({ ...rest, path, ...(where && { where }), ...(when && { when }) }));
});

const denial: fc.Arbitrary<Denial> = fc
  .record({
    path: template,
    verbs,
    roles: fc.option(someOf(ROLES), { nil: undefined }),
    unless: fc.option(someOf(Object.keys(CONDITIONS)), { nil: undefined }),
  })
  .map(({ path, verbs, roles, unless }) => ({ path, verbs, ...(roles && { roles }), ...(unless && { unless }) }));

const role: fc.Arbitrary<Role> = fc
  .record({
    groups: fc.option(someOf(GROUPS), { nil: undefined }),
    scopes: fc.option(someOf(["s/1", "s/2"]), { nil: undefined }),
    kinds: fc.option(someOf(["user", "machine"]), { nil: undefined, freq: 2 }),
    claims: fc.option(
      fc.oneof(
        someOf(["Audit", "R&D", "Ops"]).map((values) => ({ "custom:department": values })),
        someOf(["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b,c"]).map((values) => ({ "cognito:roles": values })),
      ),
      { nil: undefined },
    ),
    issuers: fc.option(someOf(["staff", "partner"]), { nil: undefined, freq: 2 }),
  })
  .map(({ groups, scopes, kinds, claims, issuers }) => ({
    ...(groups && { groups }),
    ...(issuers && { issuers }),
    ...(scopes && { scopes }),
    ...(kinds && { kinds }),
    ...(claims && { claims }),
  }));

/** Generates policies of some grants, denials and roles; each role may include later ones. */
export const policy: fc.Arbitrary<Policy> = fc
  .record({
    grants: fc.array(grant, { minLength: 1, maxLength: 12 }),
    denials: fc.array(denial, { maxLength: 3 }),
    roles: fc.tuple(role, role, role, role),
    includes: fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 3 }),
  })
  .map(({ grants, denials, roles, includes }) => ({
    grants: Object.fromEntries(grants.map((rule, at) => [`area${at % 3}.g${at}`, rule])),
    denials: Object.fromEntries(denials.map((rule, at) => [`area${at % 3}.d${at}`, rule])),
    roles: Object.fromEntries(
      roles.map((rule, at) => {
        const later = includes.filter(([from, to]) => from === at && to > at).map(([, to]) => `r${to + 1}`);
        return [`r${at + 1}`, later.length === 0 ? rule : { ...rule, includes: [...new Set(later)] }];
      }),
    ),
  }));

const APIS = ["orders", "billing"];

/** Generates policies of which about half of the rules are for named APIs. */
export const policyOfApis: fc.Arbitrary<Policy> = policy.chain((rules) => {
  const names = [...Object.keys(rules.grants), ...Object.keys(rules.denials)];
  const apis = fc.array(fc.option(someOf(APIS), { nil: undefined, freq: 1 }), {
    minLength: names.length,
    maxLength: names.length,
  });
  return apis.map((drawn) => {
    const withApi = <Rule extends Grant | Denial>([name, rule]: readonly [string, Rule]) => {
      const api = drawn[names.indexOf(name)];
      return [name, api === undefined ? rule : { api, ...rule }] as const;
    };
    return {
      roles: rules.roles,
      grants: Object.fromEntries(Object.entries(rules.grants).map(withApi)),
      denials: Object.fromEntries(Object.entries(rules.denials).map(withApi)),
    };
  });
});

/** Generates the API of a request: one that rules name, another one, or something that is not a name. */
export const apiOfRequest: fc.Arbitrary<unknown> = fc.constantFrom(
  ...APIS,
  ...APIS,
  "other",
  "",
  "orders ",
  7,
  undefined,
);

const department = fc.oneof(
  fc.constantFrom(
    "Audit",
    "[Audit, Ops]",
    "[R%26D]",
    "[x, Audit], y]",
    "[Audit,Ops]",
    "[]",
    "[%zz, Audit]",
    "[R%26D, +Audit]",
    '["Audit","Ops"]',
    '["Audit", "R&D"]',
    '["Audit",7]',
    '["x","Audit\\u0000"]',
  ),
  fc.array(fc.constantFrom("Audit", "Ops", "R&D")),
);

const claims = fc.record(
  {
    "cognito:groups": fc.oneof(fc.subarray(GROUPS), fc.constantFrom("G1", { 0: "G1" }, [["G1"]], ["G1", 7])),
    sub: fc.oneof(fc.constantFrom(...VALUES), fc.constantFrom(7, null, ["a"])),
    "custom:id": fc.oneof(fc.constantFrom(...VALUES), fc.constant(7)),
    "custom:department": department,
    "cognito:roles": fc.constantFrom("arn:aws:iam::1:role/a,arn:aws:iam::1:role/b,c", "x,arn:aws:iam::1:role/a", [
      "arn:aws:iam::1:role/a",
    ]),
    scope: fc.constantFrom("s/1", "s/2 s/1", "s/1\ts/2", " s/2", ["s/1"]),
    auth_time: fc.constantFrom(1000, "1000", 5000, "5000", null, "soon", "1e3", "-1", true),
    level: fc.constantFrom(2, 3, "3", "03", "4.5", "x", null, []),
  },
  { requiredKeys: [] },
);

const principal = fc.record(
  { kind: fc.constantFrom("user" as const, "machine" as const), claims },
  { requiredKeys: [] },
);

/** Generates requests that mostly match a rule of the policy. */
function requestFor({ grants, denials }: Policy): fc.Arbitrary<Input["request"]> {
  const rules = [...Object.values(grants), ...Object.values(denials)];
  const fromRule = fc.constantFrom(...rules).chain((rule) => {
    const segments = rule.path.split("/").slice(1);
    const values = fc.array(fc.constantFrom(...VALUES), {
      minLength: segments.length + 1,
      maxLength: segments.length + 1,
    });
    const filled = values.map((list) =>
      segments.map((segment, at) =>
        segment.endsWith("+}") ? `${list[at]}/${list[at + 1]}` : segment.startsWith("{") ? list[at] : segment,
      ),
    );
    const named = rule.verbs.filter((verb) => verb !== "ANY");
    return fc.record({
      method: fc.constantFrom(...(named.length > 0 ? named : METHODS), ...METHODS),
      path: filled.map((list) => `/${list.join("/")}`),
    });
  });
  const odd = fc.record({
    method: fc.constantFrom(...METHODS, "get", "ANY", ""),
    path: fc.oneof(
      fc.array(fc.constantFrom(...VALUES, ""), { maxLength: 5 }).map((list) => `/${list.join("/")}`),
      fc.constantFrom("", "a", "//", "/a/", "/a//b", "/{p0}", "/*"),
    ),
  });
  const address = fc.constantFrom("203.0.113.7", "198.51.100.1", "2001:db8::1", "here", undefined);
  return fc
    .tuple(fc.oneof({ weight: 4, arbitrary: fromRule }, { weight: 1, arbitrary: odd }), address)
    .map(([request, source_ip]) => ({
      ...request,
      ...(source_ip !== undefined && { source_ip }),
    }));
}

/** Generates inputs for a policy; some have no principal. */
export function inputFor(rules: Policy): fc.Arbitrary<Input> {
  return fc
    .record({
      principal: fc.option(principal, { nil: undefined, freq: 20 }),
      request: requestFor(rules),
      now_s: fc.constantFrom(2000, 6000),
    })
    .map(({ principal, ...rest }) => ({ ...rest, ...(principal && { principal }) }));
}
