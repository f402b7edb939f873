/** A fixed policy for tests, which allows something to every kind of event. */
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

signed_in_recently if values.within(input.now_s, input.principal.claims.auth_time, 3600)

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

/** A policy for the users of `npm start`, which does not change with the repository's own policies. */
export const LOCAL_POLICIES: Readonly<Record<string, string>> = {
  "users.yaml": `users:
  admin: {groups: [Admins]}
  support: {groups: [Support]}
  customer: {groups: [Customers], claims: {"custom:customer_id": "42"}}
  auditor: {claims: {"custom:department": "[Audit, Ops]"}}
  nobody:
machines:
  helpdesk: {scopes: [orders/support]}
  idle:
`,
  "access/roles.rego": `package access.roles

admin := {"groups": {"Admins"}}

customer := {"groups": {"Customers"}}

support := {"groups": {"Support"}, "scopes": {"orders/support"}}

auditor := {"claims": {"custom:department": {"Audit"}}}
`,
  "access/conditions.rego": TEST_POLICIES["access/conditions.rego"]?.split("\n\nof_tenant_blue")[0] ?? "",
  "access/home.rego": `package access.home

grants["read"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/home"}
`,
  "access/admin.rego": `package access.admin

grants["open"] := {"roles": {"admin"}, "verbs": {"ANY"}, "path": "/admin"}

grants["administer"] := {"roles": {"admin"}, "verbs": {"ANY"}, "path": "/admin/{proxy+}"}

denials["ledger"] := {"verbs": {"PUT", "DELETE"}, "path": "/admin/ledger/{proxy+}", "unless": {"in_the_office"}}
`,
  "access/orders.rego": `package access.orders

grants["read_own"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/customers/{customer_id}/orders",
	"where": {"customer_id": "custom:customer_id"},
}

grants["read_any"] := {"roles": {"support", "auditor"}, "verbs": {"GET"}, "path": "/customers/{customer_id}/orders"}

grants["refund"] := {
	"roles": {"support"},
	"verbs": {"POST"},
	"path": "/orders/{order_id}/refunds",
	"when": {"signed_in_recently"},
}
`,
};
