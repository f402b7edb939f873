package engine

import data.engine.outcomes

# METADATA
# title: Why one input is decided as it is
# description: The decision, and what was found about every grant and denial that names this method and path.
explanation := {
	"decision": decision,
	"grants": outcomes.grants,
	"denials": outcomes.denials,
}
