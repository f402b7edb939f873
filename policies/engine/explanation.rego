package engine

import data.engine.candidates
import data.engine.index
import data.engine.outcomes

# METADATA
# title: The decision on one input, with its reasons
# description: |
#   Has the decision, and every grant and denial that matches this method and path. `roles` says for each role whether the
#   principal holds it, `where` for each parameter whether it equals its claim, and `when` or `unless` for each condition whether
#   it is true. `outcome` is `granted` or the first reason to deny; for a denial it is `denial`, `lifted` or `role.missing`.
explanation := {
	"decision": decision,
	"grants": {name: found |
		held := outcomes.grants(places, compiled)
		some at, [name, form_at, roles_at, when_at, _, _] in [grant | some place in places; some grant in place[0]]
		form := compiled.forms[form_at]
		params := candidates.params(form)
		found := {
			"params": params,
			"roles": outcomes.held(compiled.lists[roles_at]),
			"where": outcomes.own(form.where, params),
			"when": outcomes.truths(compiled.lists[when_at], params),
			"outcome": held[at][1],
		}
	},
	"denials": {name: found |
		held := outcomes.denials(places, compiled)
		some at, [name, form_at, roles_at, unless_at, _, _] in [denial | some place in places; some denial in place[1]]
		params := candidates.params(compiled.forms[form_at])
		found := {
			"params": params,
			"roles": outcomes.held(compiled.lists[roles_at]),
			"unless": outcomes.truths(compiled.lists[unless_at], params),
			"outcome": held[at][1],
		}
	},
} if {
	compiled := index.compiled
	places := candidates.places(compiled)
}
