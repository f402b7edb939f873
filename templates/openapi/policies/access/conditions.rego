# METADATA
# title: Conditions
# description: Conditions that a grant asks for (`when`) or that lift a denial (`unless`). There is none yet.
# schemas:
# - input: schema.input
package access.conditions
