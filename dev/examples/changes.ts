/** The policies that the examples change. */
export type ExamplePolicy = "sample" | "northwind";

/** A change of a policy, as a pull request makes it. */
export interface ExampleChange {
  /** A sentence about what the pull request does. The comment on it is in the file of this name. */
  readonly name: string;
  readonly policy: ExamplePolicy;
  /** By file of the policies: a text that is there, and the text that replaces it. A file that is not there has no old text. */
  readonly edits: readonly Edit[];
  /** Whether the pull request forgets to write the access lock anew. */
  readonly forgetsLock?: boolean;
}

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const LEDGER = `denials["ledger"] := {
	"verbs": {"PUT", "DELETE"},`;

const READ_ORDER = `# METADATA
# title: Support and auditors read any order and what belongs to it
grants["read_order"] := {
	"roles": {"support", "auditor"},
	"verbs": {"GET"},
	"path": "/orders/{proxy+}",
}

`;

const IMPERSONATE = `
# METADATA
# title: Nobody impersonates but soon after signing in
denials["impersonate"] := {
	"verbs": {"POST"},
	"path": "/admin/impersonate/{user_id}",
	"unless": {"signed_in_recently"},
}
`;

const HEALTH = `# METADATA
# title: Health
package access.health

# METADATA
# title: The load balancer's check
public["check"] := {
	"verbs": {"GET"},
	"path": "/health",
	"despite": {"everywhere.audit", "everywhere.break_glass"},
}
`;

/** Ten changes as reviewers see them. */
export const CHANGES: readonly ExampleChange[] = [
  {
    name: "sample-a-group-more-for-support",
    policy: "sample",
    edits: [
      {
        file: "access/roles.rego",
        from: `support := {"groups": {"Support"}`,
        to: `support := {"groups": {"Support", "Desk"}`,
      },
    ],
  },
  {
    name: "sample-a-sign-in-lasts-for-a-day",
    policy: "sample",
    edits: [{ file: "access/conditions.rego", from: "claims.auth_time, 3600)", to: "claims.auth_time, 86400)" }],
  },
  {
    name: "sample-the-ledger-may-be-written-from-anywhere",
    policy: "sample",
    edits: [{ file: "access/admin.rego", from: LEDGER, to: LEDGER.replace(`"PUT", `, "") }],
  },
  {
    name: "sample-customers-read-orders-without-a-where",
    policy: "sample",
    edits: [{ file: "access/orders.rego", from: `	"where": {"customer_id": "custom:customer_id"},\n`, to: "" }],
  },
  {
    name: "sample-a-grant-moves-into-an-area-of-its-own",
    policy: "sample",
    edits: [
      { file: "access/orders.rego", from: READ_ORDER, to: "" },
      {
        file: "access/archive.rego",
        from: "",
        to: `# METADATA\n# title: The archive\npackage access.archive\n\n${READ_ORDER.trimEnd().replace("read_order", "read").replace("proxy+", "rest+")}\n`,
      },
    ],
  },
  {
    name: "northwind-support-includes-billing",
    policy: "northwind",
    edits: [
      {
        file: "access/roles.rego",
        from: `platform_support := {"groups": {"Support"}}`,
        to: `platform_support := {"groups": {"Support"}, "includes": {"billing_manager"}}`,
      },
    ],
  },
  {
    name: "northwind-impersonating-is-no-longer-denied",
    policy: "northwind",
    edits: [{ file: "access/admin.rego", from: IMPERSONATE, to: "" }],
  },
  {
    name: "northwind-the-health-check-is-public",
    policy: "northwind",
    edits: [{ file: "access/health.rego", from: "", to: HEALTH }],
  },
  {
    name: "northwind-billing-without-a-second-factor",
    policy: "northwind",
    forgetsLock: true,
    edits: [
      {
        file: "access/billing.rego",
        from: `	"path": "/tenants/{tenant}/billing/payment-method",\n	"when": {"stepped_up"},\n`,
        to: `	"path": "/tenants/{tenant}/billing/payment-method",\n`,
      },
    ],
  },
  {
    name: "northwind-an-office-more",
    policy: "northwind",
    edits: [
      { file: "data/office.yaml", from: "    - 203.0.113.0/24\n", to: "    - 203.0.113.0/24\n    - 192.0.2.0/24\n" },
    ],
  },
];
