package engine

import data.engine.index
import data.engine.principal

# METADATA
# title: Everything one principal may do, without a request
# description: |
#   Every grant and denial has its verbs, its path and a `status`: `granted` (for a denial, `denied`),
#   `conditional` on its conditions, or `not_held`. `api` lists the APIs that it is for, unless it is for all.
#   `where` has the values that parameters of the path
#   must have for this principal. A principal who lacks such a claim does not hold the grant.
#   `unmet` lists the conditions that are not true without a request. For a condition that reads the
#   principal alone, that is final. A condition that reads the request, too, is always in `unmet`.
entitlements := {
	"grants": {name: object.union(_entitlement(grant), _apis(grant)) | some [name, grant] in _rules(0)},
	"denials": {name: object.union(_restriction(denial), _apis(denial)) | some [name, denial] in _rules(1)},
	"roles": _roles,
}

# A rule stands in the index once for each of its verbs and APIs; the first of them is taken.
_rules(kind) := [[rule[0], unpacked] |
	some api, table in object.union({"": index.compiled.all}, index.compiled.apis)
	some shape in table.shapes
	some method, places in shape.places
	some literals, text in places
	some rule in json.unmarshal(text)[kind]
	verbs := index.compiled.lists[rule[4]]
	verbs[0] == method
	apis := index.compiled.lists[rule[5]]
	_is_first(api, apis)
	form := index.compiled.forms[rule[1]]
	unpacked := {
		"api": apis,
		"verbs": verbs,
		"path": _path(form.around, array.concat(split(literals, "/"), [""])),
		"where": form.where,
		"roles": index.compiled.lists[rule[2]],
		"conditions": index.compiled.lists[rule[3]],
	}
]

_is_first("", [])

_is_first(api, apis) if apis[0] == api

_path(around, literals) := concat("", [text |
	some at, before in around
	some text in [before, literals[at]]
])

_entitlement(grant) := {
	"verbs": grant.verbs,
	"path": grant.path,
	"where": where,
	"conditions": grant.conditions,
	"unmet": _unmet_alone(grant.conditions),
	"status": _status(holds, grant.conditions, "granted"),
} if {
	where := {parameter: input.principal.claims[claim] |
		some parameter, claim in grant.where
		is_string(input.principal.claims[claim])
	}
	holds := [true |
		_holds_any(grant.roles)
		count(where) == count(grant.where)
	]
}

_restriction(denial) := {
	"verbs": denial.verbs,
	"path": denial.path,
	"conditions": denial.conditions,
	"unmet": _unmet_alone(denial.conditions),
	"status": _status([true | _is_concerned(denial.roles)], denial.conditions, "denied"),
}

_apis(rule) := {"api": rule.api | count(rule.api) > 0}

_unmet_alone(conditions) := [name | some name in conditions; not _is_true_alone(name)]

_is_true_alone(name) if data.access.conditions[name] == true

_status([], _, _) := "not_held"

_status([_], [], effect) := effect

_status([_], conditions, _) := "conditional" if count(conditions) > 0

_holds_any(roles) if {
	some role in roles
	role in principal.roles
}

# A denial without roles is for everyone.
_is_concerned([])

_is_concerned(roles) if _holds_any(roles)
