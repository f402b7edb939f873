# METADATA
# title: Explanation
# description: Why one input is decided as it is.
package engine

import data.engine.outcomes

# METADATA
# title: The explanation
# description: The decision, and what was found about every grant and denial that names this method and path.
explanation := {
	"decision": decision,
	"grants": outcomes.grants,
	"denials": outcomes.denials,
}
