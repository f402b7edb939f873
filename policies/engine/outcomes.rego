# METADATA
# title: Outcomes
# description: Finds the outcome of each candidate for this principal and request.
# schemas:
# - input: schema.input
package engine.outcomes

import data.engine.candidates
import data.engine.principal

# METADATA
# title: The outcome of each candidate grant
# description: |
#   A list of the grant's name and its outcome, which is `granted` or the first reason to deny. Behind them are the values of its
#   parameters, and for each of its conditions whether it is true, unless the outcome is `role.missing`.
grants(places, compiled) := [outcome |
	lists := compiled.lists
	forms := compiled.forms
	some place in places
	some [name, form_at, roles_at, when_at, _, _] in place[0]
	outcome := _grant(holds_any(lists[roles_at]), name, forms[form_at], lists[when_at])
]

# METADATA
# title: The outcome of each candidate denial
# description: |
#   A list as for a grant. The outcome is `denial`, `lifted`, or `role.missing` if the principal holds no role of the denial.
denials(places, compiled) := [outcome |
	lists := compiled.lists
	forms := compiled.forms
	some place in places
	some [name, form_at, roles_at, unless_at, _, _] in place[1]
	outcome := _denial(concerns(lists[roles_at]), name, forms[form_at], lists[unless_at])
]

# METADATA
# title: The condition reads a header or query parameter that has several values
# description: |
#   Then it is not true, whatever it says of a value that is missing: the back end may obey a value that it did not see.
is_ambiguous(condition) if condition in input.request.ambiguous[_]

# METADATA
# title: The principal holds a role of a list, or does not
default holds_any(_) := false

holds_any(roles) if {
	some role in roles
	principal.roles[role]
}

# METADATA
# title: A denial for the roles of a list is for the principal, or is not
# description: A denial without roles is for everyone.
concerns(roles) if roles == []

concerns(roles) := holds_any(roles) if roles != []

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

# METADATA
# title: Each condition of a list, and whether it is true for these values of parameters
truths([], _) := {}

truths(conditions, params) := found if {
	conditions != []
	found := {condition: _is_true(condition) | some condition in conditions} with input.params as params
}

default _is_true(_) := false

_is_true(condition) if {
	not is_ambiguous(condition)
	data.access.conditions[condition] == true
}

# Parameters and conditions are not looked at without the role, since many rules match a path and the principal holds few of their roles.
_grant(false, name, _, _) := [name, "role.missing"]

_grant(true, name, form, conditions) := [name, outcome, params, when] if {
	params := candidates.params(form)
	when := truths(conditions, params)
	outcome := _grant_outcome(_is_own(form.where, params), false in when)
}

_grant_outcome(false, _) := "where.mismatch"

_grant_outcome(true, true) := "condition.unmet"

_grant_outcome(true, false) := "granted"

_denial(false, name, _, _) := [name, "role.missing"]

_denial(true, name, form, conditions) := [name, outcome, params, unless] if {
	params := candidates.params(form)
	unless := truths(conditions, params)
	outcome := _denial_outcome(_is_lifted(unless))
}

_denial_outcome(true) := "lifted"

_denial_outcome(false) := "denial"

default _is_own(_, _) := false

_is_own(where, params) if {
	every parameter, claim in where { input.principal.claims[claim] == params[parameter] }
}

default _is_lifted(_) := false

_is_lifted(unless) if {
	count(unless) > 0
	not false in unless
}
