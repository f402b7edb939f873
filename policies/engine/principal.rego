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

roles contains role if some role in _held(index.compiled.roles, input.principal)

roles contains role if {
	of_issuer := index.compiled.roles.issuers[input.principal.issuer_name]
	some role in _held(of_issuer, input.principal)
}

_held(table, principal) := (({role |
	some group in claims.strings("cognito:groups", principal.claims["cognito:groups"])
	some role in table.groups[group]
} | {role |
	principal.kind == "machine"
	some scope in claims.strings("scope", principal.claims.scope)
	some role in table.scopes[scope]
}) | {role |
	some role in table.kinds[principal.kind]
}) | {role |
	some claim, roles_by_value in table.claims
	some value in claims.strings(claim, principal.claims[claim])
	some role in roles_by_value[value]
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
