# METADATA
# title: Principal
# description: Finds the roles of the principal.
# schemas:
# - input: schema.input
package engine.principal

import data.engine.claims
import data.engine.index

# METADATA
# title: The roles that the principal holds
roles contains "authenticated" if is_object(input.principal)

roles contains role if {
	is_array(input.principal.claims["cognito:groups"])
	some group in input.principal.claims["cognito:groups"]
	some role in index.compiled.roles.groups[group]
}

roles contains role if {
	input.principal.kind == "machine"
	some scope in split(input.principal.claims.scope, " ")
	some role in index.compiled.roles.scopes[scope]
}

roles contains role if {
	some claim, roles_by_value in index.compiled.roles.claims
	some value in claims.strings(claim, input.principal.claims[claim])
	some role in roles_by_value[value]
}
