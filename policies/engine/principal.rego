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

roles contains role if {
	# The roles of any issuer's tokens, and those of this issuer's.
	of_any := index.compiled.roles
	some table in array.concat([of_any], [of_issuer | of_issuer := of_any.issuers[input.principal.issuer_name]])
	some held in [_by_group(table), _by_scope(table), _by_kind(table), _by_claim(table)]
	some role in held
}

# Without a set of the groups, which `claims.strings` would make: a token may have hundreds, and only strings are in the table.
_by_group(table) := [role |
	groups := input.principal.claims["cognito:groups"]
	is_array(groups)
	by_group := table.groups
	some group in groups
	some role in by_group[group]
]

_by_scope(table) := [role |
	input.principal.kind == "machine"
	some scope in claims.strings("scope", input.principal.claims.scope)
	some role in table.scopes[scope]
]

_by_kind(table) := [role | some role in table.kinds[input.principal.kind]]

_by_claim(table) := [role |
	found := input.principal.claims
	some claim, by_value in table.claims
	some value in claims.strings(claim, found[claim])
	some role in by_value[value]
]

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
