/** A policy that tests know by heart, in which every kind of event has something to allow. */
export const TEST_POLICIES: Readonly<Record<string, string>> = {
  "access/roles.rego": `package access.roles

customer := {"groups": {"Customers"}}

service := {"scopes": {"orders/read"}}
`,
  "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

signed_in_recently if input.now_s - values.number(input.principal.claims.auth_time) < 3600

in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)

of_tenant_blue if {
	count(input.request.headers["x-tenant"]) == 1
	input.request.headers["x-tenant"][0] == "blue"
}

first_page if input.request.query.page[0] == "1"

own_customer if input.params.customer_id == input.principal.claims.sub
`,
  "access/orders.rego": `package access.orders

grants["read"] := {"roles": {"customer", "service"}, "verbs": {"GET"}, "path": "/customers/{customer_id}/orders"}

grants["connect"] := {"roles": {"customer", "service"}, "verbs": {"CONNECT"}, "path": "/"}

grants["refund"] := {
	"roles": {"customer"},
	"verbs": {"POST"},
	"path": "/refunds",
	"when": {"signed_in_recently"},
}

grants["tenant"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/tenants/{proxy+}",
	"when": {"of_tenant_blue", "first_page"},
}

grants["self"] := {
	"roles": {"authenticated"},
	"verbs": {"GET"},
	"path": "/self/{customer_id}",
	"when": {"own_customer"},
}

grants["files"] := {"roles": {"customer"}, "verbs": {"ANY"}, "path": "/files/{proxy+}"}

denials["archive"] := {"verbs": {"DELETE"}, "path": "/files/archive/{proxy+}", "unless": {"in_the_office"}}
`,
};
