/** A rule by which customers read what is theirs, for peers that have other languages. */
export interface OwnRule {
  readonly verb: string;
  /** A template with one parameter. */
  readonly path: string;
  readonly parameter: string;
  /** The claim that must equal the parameter. */
  readonly claim: string;
}

/** Makes the rules of {@link toPolicies} that grow in number. Their paths differ in the last segment. */
export function toOwnRules(count: number): readonly OwnRule[] {
  return Array.from({ length: count }, (_, at) => ({
    verb: "GET",
    path: `/customers/{customer_id}/orders${at}`,
    parameter: "customer_id",
    claim: "custom:customer_id",
  }));
}

/** Creates a policy of some number of grants: customers read what is theirs, so that an index of them grows. */
export function toPolicies(grants: number): Readonly<Record<string, string>> {
  const rules = toOwnRules(grants).map(
    ({ verb, path, parameter, claim }, at) => `grants["read_${at}"] := {
	"roles": {"customer"},
	"verbs": {"${verb}"},
	"path": "${path}",
	"where": {"${parameter}": "${claim}"},
}
`,
  );
  return {
    "access/roles.rego": `package access.roles

customer := {"groups": {"Customers"}}

auditor := {"claims": {"custom:department": {"Audit"}}}
`,
    "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

signed_in_recently if values.within(input.now_s, input.principal.claims.auth_time, 3600)
`,
    "access/orders.rego": `package access.orders

grants["refund"] := {
	"roles": {"customer"},
	"verbs": {"POST"},
	"path": "/orders/{order_id}/refunds",
	"when": {"signed_in_recently"},
}

${rules.join("\n")}`,
  };
}
