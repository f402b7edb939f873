/** How large a policy is. */
export interface PolicySize {
  readonly grants: number;
  /** How many of {@link CONDITIONS} each grant asks for. */
  readonly conditions: number;
}

/** The conditions of the policies, with their bodies. The first is always in a policy. */
const CONDITIONS = {
  signed_in_recently: "values.within(input.now_s, input.principal.claims.auth_time, 3600)",
  in_the_office: 'net.cidr_contains("203.0.113.0/24", input.request.source_ip)',
  of_the_tenant: 'input.principal.claims["custom:tenant"] == "acme"',
  with_a_second_factor: 'input.principal.claims["custom:acr"] == "mfa"',
  on_the_full_plan: 'input.principal.claims["custom:plan"] == "full"',
};

const NAMES = Object.keys(CONDITIONS) as readonly (keyof typeof CONDITIONS)[];

/** The path of a grant. Grants differ in the last segment of their paths. */
export function templateOf(at: number): string {
  return `/customers/{customer_id}/orders${at}`;
}

/**
 * Creates a policy of some number of grants: customers read what is theirs, on paths that differ in their last segment,
 * so that an index of them grows. Nobody who is suspended does anything there.
 */
export function toPolicies(grants: number, conditions = 0): Readonly<Record<string, string>> {
  const asked = NAMES.slice(0, conditions);
  // A condition that nothing names is a problem.
  const written = NAMES.slice(0, Math.max(1, conditions));
  const when = asked.length === 0 ? "" : `\n\t"when": {${asked.map((name) => `"${name}"`).join(", ")}},`;
  const rules = [...Array(grants).keys()].map(
    (at) => `grants["read_${at}"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "${templateOf(at)}",
	"where": {"customer_id": "custom:customer_id"},${when}
}
`,
  );
  return {
    "access/roles.rego": `package access.roles

customer := {"groups": {"Customers"}}

suspended := {"groups": {"Suspended"}}

auditor := {"claims": {"custom:department": {"Audit"}}}
`,
    "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

${written.map((name) => `${name} if ${CONDITIONS[name]}\n`).join("\n")}`,
    "access/orders.rego": `package access.orders

denials["suspended"] := {
	"roles": {"suspended"},
	"verbs": {"ANY"},
	"path": "/customers/{customer_id}/{rest+}",
}

grants["refund"] := {
	"roles": {"customer"},
	"verbs": {"POST"},
	"path": "/orders/{order_id}/refunds",
	"when": {"signed_in_recently"},
}

${rules.join("\n")}`,
  };
}
