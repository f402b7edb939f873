package engine

import data.engine.outcomes

# METADATA
# title: The decision on one input, with its reasons
# description: Has the decision, and the outcome of every grant and denial that matches this method and path.
explanation := {
	"decision": decision,
	"grants": outcomes.grants,
	"denials": outcomes.denials,
}
