/**
 * Creates a policy of some number of grants: customers read what is theirs, on paths that differ in their last segment,
 * so that an index of them grows.
 */
export function toPolicies(grants: number): Readonly<Record<string, string>> {
  const rules = [...Array(grants).keys()].map(
    (at) => `grants["read_${at}"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{customer_id}/orders${at}",
	"where": {"customer_id": "custom:customer_id"},
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
