# METADATA
# title: Outcomes
# description: Finds the outcome of each candidate for this principal and request, with the reasons.
# schemas:
# - input: schema.input
package engine.outcomes

import data.engine.candidates
import data.engine.principal

# METADATA
# title: The outcome of each candidate grant
# description: |
#   `roles` says for each role whether the principal holds it, `where` for each parameter whether it equals
#   its claim, `when` for each condition whether it is true. `outcome` is `granted` or the first reason to deny.
grants[name] := object.union(found, {"outcome": _grant_outcome(found)}) if {
	some name, grant in candidates.grants
	params := candidates.params(grant)
	found := {
		"params": params,
		"roles": _held(grant.roles),
		"where": {parameter: _equals(params, parameter, claim) | some parameter, claim in grant.where},
		"when": {condition: _is_true(condition, params) | some condition in grant.when},
	}
}

# METADATA
# title: The outcome of each candidate denial
# description: |
#   `roles` and `unless` say for each role whether the principal holds it, and for each condition whether it
#   is true. `outcome` is `denial`, `lifted`, or `role.missing` if the principal holds no role of the denial.
denials[name] := object.union(found, {"outcome": _denial_outcome(found)}) if {
	some name, denial in candidates.denials
	params := candidates.params(denial)
	found := {
		"params": params,
		"roles": _held(denial.roles),
		"unless": {condition: _is_true(condition, params) | some condition in denial.unless},
	}
}

# METADATA
# title: The condition reads a header or query parameter that has several values
# description: |
#   Then it is not true, whatever it says of a value that is missing: the back end may obey a value that it did not see.
is_ambiguous(condition) if condition in input.request.ambiguous[_]

_held(roles) := {role: _is_held(role) | some role in roles}

default _is_held(_) := false

_is_held(role) if role in principal.roles

# An undefined comparison would be absent from `where`, as if it did not exist, so the default is false.
default _equals(_, _, _) := false

# A parameter is a string, so only a string claim can equal it.
_equals(params, parameter, claim) if input.principal.claims[claim] == params[parameter]

default _is_true(_, _) := false

_is_true(condition, params) if {
	not is_ambiguous(condition)
	data.access.conditions[condition] == true with input.params as params
}

_grant_outcome(found) := "role.missing" if not true in found.roles

_grant_outcome(found) := "where.mismatch" if {
	true in found.roles
	false in found.where
}

_grant_outcome(found) := "condition.unmet" if {
	true in found.roles
	not false in found.where
	false in found.when
}

_grant_outcome(found) := "granted" if {
	true in found.roles
	not false in found.where
	not false in found.when
}

_denial_outcome(found) := "role.missing" if not _concerns(found)

_denial_outcome(found) := "lifted" if {
	_concerns(found)
	_is_lifted(found)
}

_denial_outcome(found) := "denial" if {
	_concerns(found)
	not _is_lifted(found)
}

# A denial without roles is for everyone.
_concerns(found) if count(found.roles) == 0

_concerns(found) if true in found.roles

_is_lifted(found) if {
	count(found.unless) > 0
	not false in found.unless
}
