import { inInvariants, type ProblemEntries } from "./entry.ts";

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
