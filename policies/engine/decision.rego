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
decision := _decided(outcomes.denials(places, compiled), places, compiled) if {
	compiled := index.compiled
	places := candidates.places(compiled)
}

# What is used more than once is an argument. A module remembers the value of each rule, which costs more than passing it on.
_decided(denials, places, compiled) := {
	"effect": "deny",
	"reasons": sort({"denial"} | _ambiguities(denials, outcomes.grants(places, compiled))),
	"denials": sort({name | some [name, "denial", _, _] in denials}),
	"unmet": {},
	"roles": sort(principal.roles),
} if {
	_has_denial(denials)
}

_decided(denials, places, compiled) := _undenied(denials, grants, granted) if {
	not _has_denial(denials)
	grants := outcomes.grants(places, compiled)
	granted := {name: params | some [name, "granted", params, _] in grants}
}

_undenied(_, _, granted) := {
	"effect": "allow",
	"grants": sort({name | some name, _ in granted}),
	"params": granted,
	"roles": sort(principal.roles),
} if {
	count(granted) > 0
}

_undenied(denials, grants, granted) := {
	"effect": "deny",
	"reasons": sort(_failures(grants) | _ambiguities(denials, grants)),
	"denials": [],
	"unmet": {name: _unmet(when) | some [name, "condition.unmet", _, when] in grants},
	"roles": sort(principal.roles),
} if {
	count(granted) == 0
}

_has_denial(denials) if some [_, "denial", _, _] in denials

_failures(grants) := {found[1] | some found in grants} | {"grant.none" | grants == []}

# A denial, or the lack of a grant, turned on a condition that could not be told.
_ambiguities(denials, grants) := {"request.ambiguous" |
	some [_, outcome, _, conditions] in array.concat(denials, grants)
	outcome != "where.mismatch"
	some condition, false in conditions
	outcomes.is_ambiguous(condition)
}

_unmet(conditions) := sort({name | some name, is_true in conditions; is_true == false})
