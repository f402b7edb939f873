# METADATA
# title: Outcomes
# description: Finds the outcome of each candidate for this principal and request, with the reasons.
# schemas:
# - input: schema.input
package engine.outcomes

import data.engine.candidates
import data.engine.index
import data.engine.principal

# METADATA
# title: The outcome of each candidate grant
# description: |
#   `roles` says for each role whether the principal holds it, `where` for each parameter whether it equals
#   its claim, `when` for each condition whether it is true. `outcome` is `granted` or the first reason to deny.
grants[name] := {
	"params": params,
	"roles": roles,
	"where": where,
	"when": when,
	"outcome": _grant_outcome(roles, where, when),
} if {
	some [name, form_at, roles_at, when_at, _, _] in candidates.grants
	form := index.compiled.forms[form_at]
	params := candidates.params(form)
	roles := _held(index.compiled.lists[roles_at])
	where := {parameter: _equals(params, parameter, claim) | some parameter, claim in form.where}
	when := _truths(index.compiled.lists[when_at], params)
}

# METADATA
# title: The outcome of each candidate denial
# description: |
#   `roles` and `unless` say for each role whether the principal holds it, and for each condition whether it
#   is true. `outcome` is `denial`, `lifted`, or `role.missing` if the principal holds no role of the denial.
denials[name] := {
	"params": params,
	"roles": roles,
	"unless": unless,
	"outcome": _denial_outcome(roles, unless),
} if {
	some [name, form_at, roles_at, unless_at, _, _] in candidates.denials
	params := candidates.params(index.compiled.forms[form_at])
	roles := _held(index.compiled.lists[roles_at])
	unless := _truths(index.compiled.lists[unless_at], params)
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

_truths(conditions, params) := {condition: _is_true(condition, params) | some condition in conditions}

default _is_true(_, _) := false

_is_true(condition, params) if {
	not is_ambiguous(condition)
	data.access.conditions[condition] == true with input.params as params
}

_grant_outcome(roles, _, _) := "role.missing" if not true in roles

_grant_outcome(roles, where, _) := "where.mismatch" if {
	true in roles
	false in where
}

_grant_outcome(roles, where, when) := "condition.unmet" if {
	true in roles
	not false in where
	false in when
}

_grant_outcome(roles, where, when) := "granted" if {
	true in roles
	not false in where
	not false in when
}

_denial_outcome(roles, _) := "role.missing" if not _concerns(roles)

_denial_outcome(roles, unless) := "lifted" if {
	_concerns(roles)
	_is_lifted(unless)
}

_denial_outcome(roles, unless) := "denial" if {
	_concerns(roles)
	not _is_lifted(unless)
}

# A denial without roles is for everyone.
_concerns(roles) if count(roles) == 0

_concerns(roles) if true in roles

_is_lifted(unless) if {
	count(unless) > 0
	not false in unless
}
