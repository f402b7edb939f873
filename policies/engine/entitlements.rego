package engine

import data.engine.index
import data.engine.principal

# METADATA
# title: Everything one principal may do, without a request
# description: |
#   Of every grant and denial its verbs, its path and its `status`: `granted` (of a denial: `denied`),
#   `conditional` on the conditions it lists, or `not_held`. `where` has the values that parameters of
#   the path must have for this principal; a grant whose claim the principal lacks is not held.
#   `unmet` are the conditions that are not true of the principal alone. A condition that reads nothing
#   but the principal is settled by that; one that reads the request too is always among them.
entitlements := {
	"grants": {name: _entitlement(grant) | some name, grant in index.compiled.grants},
	"denials": {name: _restriction(denial) | some name, denial in index.compiled.denials},
	"roles": _roles,
}

_entitlement(grant) := {
	"verbs": grant.verbs,
	"path": grant.path,
	"where": where,
	"conditions": grant.when,
	"unmet": _unmet_alone(grant.when),
	"status": _status(holds, grant.when, "granted"),
} if {
	where := {parameter: input.principal.claims[claim] |
		some parameter, claim in grant.where
		is_string(input.principal.claims[claim])
	}
	holds := [true |
		_holds_any(grant.roles)
		count(where) == count(grant.where)
	]
}

_restriction(denial) := {
	"verbs": denial.verbs,
	"path": denial.path,
	"conditions": denial.unless,
	"unmet": _unmet_alone(denial.unless),
	"status": _status([true | _is_concerned(denial.roles)], denial.unless, "denied"),
}

_unmet_alone(conditions) := [name | some name in conditions; not _is_true_alone(name)]

_is_true_alone(name) if data.access.conditions[name] == true

_status([], _, _) := "not_held"

_status([_], [], effect) := effect

_status([_], conditions, _) := "conditional" if count(conditions) > 0

_holds_any(roles) if {
	some role in roles
	role in principal.roles
}

# A denial without roles is for everyone.
_is_concerned([])

_is_concerned(roles) if _holds_any(roles)
