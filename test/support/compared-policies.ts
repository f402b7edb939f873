import type { AccessPolicy, ConditionFacts } from "../../analysis/access/model.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { HeldRoles, IndexedDenial, IndexedGrant } from "../../contract/policy-index.ts";
import type { PublicRule } from "../../contract/public-rules.ts";

type Rule<Full> = Partial<Full> & { readonly path: string };

/** The parts of a policy that a test sets; the rest has defaults. */
export interface Parts {
  readonly grants?: Readonly<Record<string, Rule<IndexedGrant>>>;
  readonly denials?: Readonly<Record<string, Rule<IndexedDenial>>>;
  readonly publicRules?: readonly Omit<PublicRule, "name">[];
  readonly roles?: Partial<HeldRoles>;
  readonly issuers?: Readonly<Record<string, Partial<HeldRoles>>>;
  readonly conditions?: Readonly<Record<string, Partial<ConditionFacts>>>;
}

const NOBODY: HeldRoles = { groups: {}, scopes: {}, kinds: {}, claims: {} };

/** Auditors come by a claim, robots by a scope; a lead holds the role of customers, too. */
const ROLES: HeldRoles = {
  groups: { Customers: ["customer"], Admins: ["admin"], Leads: ["customer", "lead"], Contractors: ["contractor"] },
  scopes: { "orders/read": ["robot"] },
  kinds: { user: ["person"] },
  claims: { "custom:department": { Audit: ["auditor"] } },
};

/** Creates a policy as it is compared: grants for `admin`, denials for all, of the verb GET. */
export function toAccessPolicyOf({
  grants = {},
  denials = {},
  publicRules = [],
  roles = {},
  issuers = {},
  conditions = {},
}: Parts) {
  const complete = <Extra extends object>(rules: Readonly<Record<string, { readonly path: string }>>, extra: Extra) =>
    Object.fromEntries(
      Object.entries(rules).map(([name, rule]) => {
        const segments = [...parseTemplate(rule.path).entries()];
        const positions = (wanted: boolean) =>
          Object.fromEntries(
            segments.flatMap(([at, one]) =>
              one.kind === "parameter" && one.isGreedy === wanted ? [[one.name, at]] : [],
            ),
          );
        return [name, { verbs: ["GET"], api: [], params: positions(false), tail: positions(true), ...extra, ...rule }];
      }),
    );
  const policy: AccessPolicy = {
    grants: complete(grants, { roles: ["admin"], where: {}, when: [] }) as AccessPolicy["grants"],
    denials: complete(denials, { roles: [], unless: [] }) as AccessPolicy["denials"],
    publicRules: publicRules.map((rule, at) => ({ name: `open.p${at}`, ...rule })),
    roles: {
      ...ROLES,
      ...roles,
      issuers: Object.fromEntries(Object.entries(issuers).map(([name, held]) => [name, { ...NOBODY, ...held }])),
    },
    conditions: Object.fromEntries(
      Object.entries(conditions).map(([name, facts]) => [
        name,
        { digest: `sha256:${name}`, text: name, params: [], ...facts },
      ]),
    ),
  };
  return policy;
}
