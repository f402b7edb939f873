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
	"params": {name: params | some [name, "granted", params, _] in outcomes.grants},
	"roles": _roles,
} if {
	count(_denials) == 0
	count(_grants) > 0
}

decision := {
	"effect": "deny",
	"reasons": sort(_failures),
	"denials": [],
	"unmet": {name: _unmet(when) | some [name, "condition.unmet", _, when] in outcomes.grants},
	"roles": _roles,
} if {
	count(_denials) == 0
	count(_grants) == 0
}

_roles := sort(principal.roles) if index.compiled

_denials := {name | some [name, "denial", _, _] in outcomes.denials}

_grants := {name | some [name, "granted", _, _] in outcomes.grants}

_failures contains outcome if some [_, outcome, _, _] in outcomes.grants

_failures contains reason if some reason in _ambiguities

_failures contains "grant.none" if count(candidates.grants) == 0

_ambiguities contains "request.ambiguous" if {
	some condition, false in _undecided[_]
	outcomes.is_ambiguous(condition)
}

# Whether each condition is true, for the grants and denials that turned on conditions.
_undecided contains when if some [_, "condition.unmet", _, when] in outcomes.grants

_undecided contains unless if some [_, "denial", _, unless] in outcomes.denials

_unmet(conditions) := sort({name | some name, is_true in conditions; is_true == false})
