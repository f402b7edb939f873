# METADATA
# title: Outcomes
# description: Finds the outcome of each candidate for this principal and request.
# schemas:
# - input: schema.input
package engine.outcomes

import data.engine.candidates
import data.engine.index
import data.engine.principal

# METADATA
# title: The outcome of each candidate grant
# description: |
#   A list of the grant's name, its outcome, the values of its parameters, and for each of its conditions whether it is true. The
#   outcome is `granted` or the first reason to deny.
grants := [[name, outcome, params, when] |
	compiled := index.compiled
	some [name, form_at, roles_at, when_at, _, _] in candidates.grants
	form := compiled.forms[form_at]
	params := candidates.params(form)
	when := _truths(compiled.lists[when_at], params)
	outcome := _grant_outcome(_holds_any(compiled.lists[roles_at]), _is_own(form.where, params), false in when)
]

# METADATA
# title: The outcome of each candidate denial
# description: |
#   A list as for a grant. The outcome is `denial`, `lifted`, or `role.missing` if the principal holds no role of the denial.
denials := [[name, outcome, params, unless] |
	compiled := index.compiled
	some [name, form_at, roles_at, unless_at, _, _] in candidates.denials
	params := candidates.params(compiled.forms[form_at])
	unless := _truths(compiled.lists[unless_at], params)
	outcome := _denial_outcome(_concerns(compiled.lists[roles_at]), _is_lifted(unless))
]

# METADATA
# title: The condition reads a header or query parameter that has several values
# description: |
#   Then it is not true, whatever it says of a value that is missing: the back end may obey a value that it did not see.
is_ambiguous(condition) if condition in input.request.ambiguous[_]

# METADATA
# title: Each role of a list, and whether the principal holds it
held(roles) := {role: _is_held(role) | some role in roles}

# METADATA
# title: Each parameter that must equal a claim, and whether it does
own(where, params) := {parameter: _equals(params, parameter, claim) | some parameter, claim in where}

default _is_held(_) := false

_is_held(role) if principal.roles[role]

# An undefined comparison would be absent, as if it did not exist, so the default is false.
default _equals(_, _, _) := false

# A parameter is a string, so only a string claim can equal it.
_equals(params, parameter, claim) if input.principal.claims[claim] == params[parameter]

_truths(conditions, params) := {condition: _is_true(condition, params) | some condition in conditions}

default _is_true(_, _) := false

_is_true(condition, params) if {
	not is_ambiguous(condition)
	data.access.conditions[condition] == true with input.params as params
}

# Whether a role is held, every parameter equals its claim, and a condition is not true.
_grant_outcome(false, _, _) := "role.missing"

_grant_outcome(true, false, _) := "where.mismatch"

_grant_outcome(true, true, true) := "condition.unmet"

_grant_outcome(true, true, false) := "granted"

# Whether a denial concerns the principal, and its conditions lift it.
_denial_outcome(false, _) := "role.missing"

_denial_outcome(true, true) := "lifted"

_denial_outcome(true, false) := "denial"

default _holds_any(_) := false

_holds_any(roles) if {
	some role in roles
	principal.roles[role]
}

default _is_own(_, _) := false

_is_own(where, params) if {
	every parameter, claim in where { input.principal.claims[claim] == params[parameter] }
}

# A denial without roles is for everyone.
_concerns(roles) if roles == []

_concerns(roles) := _holds_any(roles) if roles != []

default _is_lifted(_) := false

_is_lifted(unless) if {
	unless != {}
	not false in unless
}
