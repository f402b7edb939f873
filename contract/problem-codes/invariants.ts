import { inInvariants, type ProblemEntries } from "./entry.ts";

const ROLES = `# METADATA
# title: Roles
package access.roles

# METADATA
# title: Customers
customer := {"groups": {"Customers"}}
`;
const ORDERS = `# METADATA
# title: Orders
package access.orders

# METADATA
# title: Customers list orders
grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}
`;
const toInvariants = (path: string) => `# METADATA
# title: Invariants
package access.invariants

# METADATA
# title: Customers stay out
invariants["customers_stay_out"] := {"never": {"roles": {"customer"}}, "verbs": {"ANY"}, "path": "${path}"}
`;
const STAY_OUT = `invariants["customers_stay_out"] := {"never": {"roles": {"customer"}}, "verbs": {"ANY"}, "path": "/admin/{rest+}"}`;

/** The codes of `policies/engine/check/invariants.rego`. */
export const INVARIANTS = {
  "invariant.malformed": {
    title: "An invariant does not have its form.",
    why: "An invariant says one thing (`never`, `only`, `always`, `disjoint` or `requires`) about the requests of `verbs` and `path`, and perhaps of the APIs in `api`. A key, verb or path that is not understood would leave something unproved that its author takes for proved. `rego-authorizer check` exits with 2, since it can't judge the policy.",
    refused: inInvariants(STAY_OUT.replace("never", "nevr")),
    instead: inInvariants(STAY_OUT),
  },
  "invariant.unknown_role": {
    title: "An invariant is about a role that is not defined.",
    why: "Nobody holds a role that does not exist, so most statements about it hold, whatever the policy allows. `rego-authorizer check` exits with 2, since it can't judge the policy.",
    refused: inInvariants(STAY_OUT.replace('"customer"', '"custommer"')),
    instead: inInvariants(STAY_OUT),
  },
} satisfies ProblemEntries;

/** The code of `build/policy/condition-names.ts` about invariants. */
export const INVARIANT_NAMES = {
  "invariant.unknown_condition": {
    title: "An invariant requires a condition that is not defined.",
    why: "No access has a condition that does not exist. The name is misspelt, or the condition was renamed or removed. `rego-authorizer check` exits with 2, since it can't judge the policy.",
    refused: inInvariants(
      `invariants["office"] := {"requires": {"in_the_ofice"}, "verbs": {"DELETE"}, "path": "/admin/{rest+}"}`,
    ),
    instead: {
      "access/conditions.rego": `in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)\n`,
      "access/orders.rego": `grants["clean"] := {"roles": {"customer"}, "verbs": {"DELETE"}, "path": "/admin/{rest+}", "when": {"in_the_office"}}\n`,
      "access/invariants.rego": `invariants["office"] := {"requires": {"in_the_office"}, "verbs": {"DELETE"}, "path": "/admin/{rest+}"}\n`,
    },
  },
} satisfies ProblemEntries;

/** The code of `analysis/access/invariants.ts`. */
export const BROKEN_INVARIANTS = {
  "invariant.broken": {
    title: "An invariant does not hold.",
    why: "The message has the grants that break it, who gets in by them, and a request that shows it, as an input of the engine. Change the grants, or, if they are right, the invariant. The policy builds all the same, so that an emergency does not wait for a statement about it. Not proved: what an issuer puts into a token, what a condition means, and API Gateway itself.",
    refused: {
      "access/roles.rego": ROLES,
      "access/orders.rego": ORDERS,
      "access/invariants.rego": toInvariants("/orders"),
    },
    instead: {
      "access/roles.rego": ROLES,
      "access/orders.rego": `${ORDERS}
# METADATA
# title: Customers list what they pay
grants["bills"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/bills"}
`,
      "access/invariants.rego": toInvariants("/bills/{bill}"),
    },
  },
} satisfies ProblemEntries;

/** The code of `analysis/access/invariants.ts` about invariants that say nothing. */
export const IDLE_INVARIANTS = {
  "invariant.idle": {
    title: "An invariant holds because it is about nothing.",
    why: "No role comes by the group, scope or value that it names, or no grant and no public rule is about its requests. That may be what its author wants to keep, or a misspelling: then it proves nothing.",
    refused: inInvariants(STAY_OUT.replace('{"roles": {"customer"}}', '{"groups": {"Custommers"}}')),
    instead: inInvariants(
      `invariants["everybody_is_at_home"] := {"always": {"groups": {"Customers"}}, "verbs": {"GET"}, "path": "/home"}`,
    ),
  },
} satisfies ProblemEntries;
