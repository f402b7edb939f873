import type { PolicyIndex } from "../../contract/policy-index.ts";

/** A grant or denial with what a test is about; the rest is as most have it. */
export interface Rule {
  readonly roles?: readonly string[];
  readonly verbs?: readonly string[];
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly when?: readonly string[];
  readonly unless?: readonly string[];
}

type Rules = Readonly<Record<string, Rule>>;

/** Whoever is of `Leads` holds what `Users` do; `auditor` and `machine` come by no group. */
const ROLES: PolicyIndex["roles"] = {
  groups: { Users: ["user"], Leads: ["lead", "user"] },
  scopes: { "orders/read": ["machine"] },
  claims: { "custom:department": { Audit: ["auditor", "user"] } },
};

/** An index of grants for `user`, and of denials for all, of the verb GET; nothing can be looked up by a path in it. */
export function toRuleIndex(grants: Rules, denials: Rules = {}, roles = ROLES): PolicyIndex {
  const complete = <Extra extends object>(rules: Rules, extra: Extra) =>
    Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, { verbs: ["GET"], ...extra, ...rule }]));
  const positions = { params: {}, tail: {} };
  return {
    exact: [],
    greedy: [],
    grants: complete(grants, { roles: ["user"], where: {}, when: [], ...positions }),
    denials: complete(denials, { roles: [], unless: [], ...positions }),
    roles,
  };
}
