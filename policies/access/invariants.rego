# METADATA
# title: Invariants
# description: Statements that no change of the policy may break. `rego-authorizer check` proves each for every request.
package access.invariants

# METADATA
# title: Customers stay out of the administration
invariants["customers_stay_out"] := {
	"never": {"groups": {"Customers"}},
	"verbs": {"ANY"},
	"path": "/admin/{proxy+}",
}

# METADATA
# title: The ledger changes from the office only
invariants["the_ledger_changes_in_the_office"] := {
	"requires": {"in_the_office"},
	"verbs": {"DELETE", "PUT"},
	"path": "/admin/ledger/{proxy+}",
}

# METADATA
# title: Only administrators delete
invariants["deleting_is_for_administrators"] := {
	"only": {"roles": {"admin"}},
	"verbs": {"DELETE"},
	"path": "/{proxy+}",
}

# METADATA
# title: Auditors change nothing
invariants["auditors_change_nothing"] := {
	"never": {"roles": {"auditor"}},
	"verbs": {"DELETE", "PATCH", "POST", "PUT"},
	"path": "/{proxy+}",
}

# METADATA
# title: Everybody who is signed in comes home
invariants["home_is_for_all"] := {
	"always": {"kinds": {"user"}},
	"verbs": {"GET"},
	"path": "/home",
}

# METADATA
# title: Nobody is administrator and auditor by one group, scope or attribute
invariants["auditors_are_not_administrators"] := {"disjoint": [{"roles": {"admin"}}, {"roles": {"auditor"}}]}
