# METADATA
# title: Engine
# description: Decides requests, explains decisions, lists entitlements, and finds problems in a policy.
# schemas:
# - input: schema.input
package engine

import data.engine.candidates
import data.engine.index
import data.engine.outcomes
import data.engine.principal

# METADATA
# title: The decision on one request of one principal, with the names of its grants or denials
# description: |
#   One denial is enough to deny; else one grant is enough to allow. The decision is undefined
#   without an index: an engine without its policy is a fault, not a reason to deny.
decision := {
	"effect": "deny",
	"reasons": sort({"denial"} | _ambiguities),
	"denials": sort(_denials),
	"unmet": {},
	"roles": _roles,
} if count(_denials) > 0

decision := {
	"effect": "allow",
	"grants": sort(_grants),
	"params": {name: outcomes.grants[name].params | some name in _grants},
	"roles": _roles,
} if {
	count(_denials) == 0
	count(_grants) > 0
}

decision := {
	"effect": "deny",
	"reasons": sort(_failures),
	"denials": [],
	"unmet": {name: _unmet(found.when) |
		some name, found in outcomes.grants
		found.outcome == "condition.unmet"
	},
	"roles": _roles,
} if {
	count(_denials) == 0
	count(_grants) == 0
}

_roles := sort(principal.roles) if index.compiled

_denials contains name if {
	some name, found in outcomes.denials
	found.outcome == "denial"
}

_grants contains name if {
	some name, found in outcomes.grants
	found.outcome == "granted"
}

_failures contains found.outcome if some found in outcomes.grants

_failures contains reason if some reason in _ambiguities

_failures contains "grant.none" if count(candidates.grants) == 0

_ambiguities contains "request.ambiguous" if {
	some condition, false in _undecided[_]
	outcomes.is_ambiguous(condition)
}

# Whether each condition is true, for the grants and denials that turned on conditions.
_undecided contains found.when if {
	some found in outcomes.grants
	found.outcome == "condition.unmet"
}

_undecided contains found.unless if {
	some found in outcomes.denials
	found.outcome == "denial"
}

_unmet(conditions) := sort({name | some name, is_true in conditions; is_true == false})
