// The policies of `life.e2e.ts`: one grant, which changes its roles or its condition.

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

const CONDITIONS = {
  in_the_office: `# METADATA
# title: Called from the office network
in_the_office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)
`,
  signed_in_today: `# METADATA
# title: Signed in within a day
signed_in_today if values.within(input.now_s, input.principal.claims.auth_time, 86400)
`,
} as const;

/** Who reads reports, and perhaps when. */
export interface ReportsPolicy {
  readonly roles: readonly ("support" | "admin")[];
  readonly when?: keyof typeof CONDITIONS;
}

/** Writes the files of a policy. */
export function policiesOf({ roles, when }: ReportsPolicy): Readonly<Record<string, string>> {
  const importing = when === "signed_in_today" ? "\nimport data.engine.values\n" : "";
  return {
    "access/roles.rego": ROLES,
    "access/conditions.rego": `# METADATA
# title: Conditions
# schemas:
# - input: schema.input
package access.conditions
${importing}
${when === undefined ? "" : CONDITIONS[when]}`,
    "access/reports.rego": `# METADATA
# title: Reports
package access.reports

# METADATA
# title: Reports are read
grants["read"] := {
	"roles": {${roles.map((role) => `"${role}"`).join(", ")}},
	"verbs": {"GET"},
	"path": "/reports/{id}",${when === undefined ? "" : `\n\t"when": {"${when}"},`}
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
