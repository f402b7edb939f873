import type { ProblemEntries } from "./entry.ts";

const ROLES = `# METADATA
# title: Roles
package access.roles

# METADATA
# title: Customers
customer := {"groups": {"Customers"}}
`;
const GRANT = `grants["list"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/orders"}`;
const TITLED_GRANT = `# METADATA\n# title: Customers list orders\n${GRANT}\n`;
const TITLED = `# METADATA\n# title: Orders\npackage access.orders\n\n${TITLED_GRANT}`;

/** The codes of `build/policy/metadata.ts` and `format.ts`. */
export const TITLES = {
  "title.package": {
    title: "A package has no title.",
    why: "People review a policy by its titles, and a list of areas without titles is only a list of file names. Put `# METADATA` and `# title: …` above the package, in one of its files.",
    refused: { "access/roles.rego": ROLES, "access/orders.rego": `package access.orders\n\n${TITLED_GRANT}` },
    instead: { "access/roles.rego": ROLES, "access/orders.rego": TITLED },
  },
  "title.rule": {
    title: "A grant, denial, role or condition has no title.",
    why: "A title says in words what the rule is meant to do, so that a reviewer can check whether it does that. Put `# METADATA` and `# title: …` above it.",
    refused: { "access/roles.rego": ROLES, "access/orders.rego": TITLED.replace(TITLED_GRANT, `${GRANT}\n`) },
    instead: { "access/roles.rego": ROLES, "access/orders.rego": TITLED },
  },
  "format.differs": {
    title: "A file is not formatted as `opa fmt` formats it.",
    why: "In a formatted file, a difference between two versions is a difference of meaning, which is all that reviewers want to read. `rego-authorizer opa fmt --write policies/access` formats all files.",
    refused: {
      "access/roles.rego": ROLES,
      "access/orders.rego": TITLED.replace('"] := {', '"]   :=   {'),
    },
    instead: { "access/roles.rego": ROLES, "access/orders.rego": TITLED },
  },
} satisfies ProblemEntries;
