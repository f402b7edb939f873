# METADATA
# title: Invariants
# description: Statements that no change of the policy may break. `rego-authorizer check` proves each for every request.
package access.invariants

# METADATA
# title: Only editors delete
invariants["deleting_is_for_editors"] := {
	"only": {"roles": {"editor"}},
	"verbs": {"DELETE"},
	"path": "/{proxy+}",
}

# METADATA
# title: Machines that import read nothing
invariants["importers_read_nothing"] := {
	"never": {"roles": {"importer"}},
	"verbs": {"GET", "HEAD"},
	"path": "/{proxy+}",
}

# METADATA
# title: Whoever deletes has signed in recently
invariants["deleting_needs_a_recent_sign_in"] := {
	"requires": {"signed_in_recently"},
	"verbs": {"DELETE"},
	"path": "/{proxy+}",
}
