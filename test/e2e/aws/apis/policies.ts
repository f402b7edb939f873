// The policy of `apis.e2e.ts`: two APIs with grants of their own for the same route, and a route that is public.

const ROLES = `# METADATA
# title: Roles
package access.roles

# METADATA
# title: Support
support := {"groups": {"Support"}}

# METADATA
# title: Administrators
admin := {"groups": {"Admins"}}
`;

const USERS = `# METADATA
# title: Users
package access.users

# METADATA
# title: Support reads users of orders
grants["of_orders"] := {
	"api": {"orders"},
	"roles": {"support"},
	"verbs": {"GET"},
	"path": "/users/{id}",
}

# METADATA
# title: Administrators read users of billing
grants["of_billing"] := {
	"api": {"billing"},
	"roles": {"admin"},
	"verbs": {"GET"},
	"path": "/users/{id}",
}

# METADATA
# title: Support reads reports
grants["report"] := {
	"api": {"orders"},
	"roles": {"support"},
	"verbs": {"GET"},
	"path": "/reports/{id}",
}
`;

const OPS = `# METADATA
# title: Operations
package access.ops

# METADATA
# title: The load balancer's check
public["health"] := {"api": {"orders"}, "verbs": {"GET"}, "path": "/health"}
`;

/** The files of the policy. */
export const POLICIES = { "access/roles.rego": ROLES, "access/users.rego": USERS, "access/ops.rego": OPS };

/** The document of each API, by its name. */
export const DOCUMENTS = {
  orders: toDocument("/users/{id}", "/reports/{id}", "/health"),
  billing: toDocument("/users/{id}"),
};

function toDocument(...paths: readonly string[]) {
  return {
    openapi: "3.0.3",
    info: { title: "Users", version: "1" },
    paths: Object.fromEntries(paths.map((path) => [path, { get: { responses: {} } }])),
  };
}
