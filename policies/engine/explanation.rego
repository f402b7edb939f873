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
		some at, [name, outcome, params, when] in outcomes.grants
		[_, form_at, roles_at, _, _, _] := candidates.grants[at]
		found := {
			"params": params,
			"roles": outcomes.held(index.compiled.lists[roles_at]),
			"where": outcomes.own(index.compiled.forms[form_at].where, params),
			"when": when,
			"outcome": outcome,
		}
	},
	"denials": {name: found |
		some at, [name, outcome, params, unless] in outcomes.denials
		[_, _, roles_at, _, _, _] := candidates.denials[at]
		found := {
			"params": params,
			"roles": outcomes.held(index.compiled.lists[roles_at]),
			"unless": unless,
			"outcome": outcome,
		}
	},
}
