# METADATA
# title: Principal
# description: Finds the roles of the principal, and the values of claims.
# schemas:
# - input: schema.input
package engine.principal

import data.engine.claims
import data.engine.index

# METADATA
# title: The roles that the principal holds
roles contains "authenticated" if is_object(input.principal)

# Without a set of the groups, which `claims.strings` would make: a token may have hundreds, and only strings are in the table.
roles contains role if {
	groups := input.principal.claims["cognito:groups"]
	is_array(groups)
	some table in _tables
	some group in groups
	some role in table.groups[group]
}

roles contains role if {
	input.principal.kind == "machine"
	some table in _tables
	some scope in claims.strings("scope", input.principal.claims.scope)
	some role in table.scopes[scope]
}

roles contains role if {
	some table in _tables
	some role in table.kinds[input.principal.kind]
}

roles contains role if {
	some table in _tables
	some claim, roles_by_value in table.claims
	some value in claims.strings(claim, input.principal.claims[claim])
	some role in roles_by_value[value]
}

# The roles of any issuer's tokens, and those of this issuer's.
_tables := array.concat([table], [of_issuer | of_issuer := table.issuers[input.principal.issuer_name]]) if {
	table := index.compiled.roles
}

# METADATA
# title: The values of each claim, as roles follow from them
# description: |
#   A claim without a value that is not empty is absent, so that nothing can hold because a set is empty. A user's
#   token carries the scopes of its client, so only a machine has scopes.
values[claim] := found if {
	some claim, value in input.principal.claims
	_is_of_principal(claim)
	found := {text | some text in claims.strings(claim, value); text != ""}
	count(found) > 0
}

_is_of_principal(claim) if claim != "scope"

_is_of_principal("scope") if input.principal.kind == "machine"
