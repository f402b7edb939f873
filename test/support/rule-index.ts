import type { PolicyIndex } from "../../contract/policy-index.ts";

/** The part of a grant or denial that a test sets; the rest has defaults. */
export interface Rule {
  readonly roles?: readonly string[];
  readonly verbs?: readonly string[];
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly when?: readonly string[];
  readonly unless?: readonly string[];
}

type Rules = Readonly<Record<string, Rule>>;

/** Members of `Leads` also hold the role of `Users`; no group gives `auditor` and `machine`. */
const ROLES: PolicyIndex["roles"] = {
  groups: { Users: ["user"], Leads: ["lead", "user"] },
  scopes: { "orders/read": ["machine"] },
  kinds: {},
  claims: { "custom:department": { Audit: ["auditor", "user"] } },
  issuers: {},
};

/**
 * Creates an index of grants for `user`, and of denials for all, of the verb GET.
 */
export function toRuleIndex(grants: Rules, denials: Rules = {}, roles = ROLES): PolicyIndex {
  const complete = <Extra extends object>(rules: Rules, extra: Extra) =>
    Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, { verbs: ["GET"], ...extra, ...rule }]));
  const positions = { params: {}, tail: {} };
  return {
    grants: complete(grants, { api: [], roles: ["user"], where: {}, when: [], ...positions }),
    denials: complete(denials, { api: [], roles: [], unless: [], ...positions }),
    roles,
  };
}
