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

const CONDITIONS = `# METADATA
# title: Conditions
# schemas:
# - input: schema.input
package access.conditions

# METADATA
# title: Called from the office network
in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)
`;

const NO_CONDITIONS = `# METADATA
# title: Conditions
package access.conditions
`;

/** Writes the policy of the life: who reads reports, perhaps under a condition. */
export function policiesOf({ role, when }: { readonly role: "support" | "admin"; readonly when?: "in_the_office" }) {
  const conditions = when === undefined ? "" : `\n\t"when": {"${when}"},`;
  return {
    "access/roles.rego": ROLES,
    "access/conditions.rego": when === undefined ? NO_CONDITIONS : CONDITIONS,
    "access/reports.rego": `# METADATA
# title: Reports
package access.reports

# METADATA
# title: Reports are read
grants["read"] := {
	"roles": {"${role}"},
	"verbs": {"GET"},
	"path": "/reports/{id}",${conditions}
}
`,
  };
}

/** The document of the API, for the build. */
export const REPORTS_API = {
  openapi: "3.0.3",
  info: { title: "Reports", version: "1" },
  paths: { "/reports/{id}": { get: { responses: {} } } },
};
