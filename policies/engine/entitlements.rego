package engine

import data.engine.index
import data.engine.outcomes
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
	"grants": {rule[0]: entitlement |
		some [0, literals, rule] in _unpacked
		entitlement := _entitlement(rule, _path(index.compiled.forms[rule[1]], literals), index.compiled.lists)
	},
	"denials": {rule[0]: restriction |
		some [1, literals, rule] in _unpacked
		restriction := _restriction(rule, _path(index.compiled.forms[rule[1]], literals), index.compiled.lists)
	},
	"roles": sort(principal.roles),
} if {
	index.compiled
}

# A rule stands in the index once for each of its verbs and APIs; the first of them is taken. Grants are kind 0, denials kind 1.
_unpacked := [[kind, literals, rule] |
	lists := index.compiled.lists
	some api, table in _tables
	some shape in table.shapes
	some method, places in shape.places
	some literals, text in places
	some kind, rules in json.unmarshal(text)
	some rule in rules
	lists[rule[4]][0] == method
	_is_first(api, lists[rule[5]])
]

_tables := object.union({"": index.compiled.all}, index.compiled.apis)

_is_first("", [])

_is_first(api, apis) if apis[0] == api

_path(form, literals) := concat("", [text |
	texts := split(literals, "/")
	last := count(form.around) - 1
	some at, before in form.around
	text := _piece(before, texts, at, last)
])

_piece(before, _, at, at) := before

_piece(before, texts, at, last) := concat("", [before, texts[at]]) if at < last

_entitlement([_, form_at, roles_at, when_at, verbs_at, api_at], path, lists) := _with_apis(lists[api_at], {
	"verbs": lists[verbs_at],
	"path": path,
	"where": where,
	"conditions": lists[when_at],
	"unmet": _unmet_alone(lists[when_at]),
	"status": _status(holds, lists[when_at], "granted"),
}) if {
	own := index.compiled.forms[form_at].where
	where := {parameter: input.principal.claims[claim] |
		some parameter, claim in own
		is_string(input.principal.claims[claim])
	}
	holds := [true |
		outcomes.holds_any(lists[roles_at])
		count(where) == count(own)
	]
}

_restriction([_, _, roles_at, unless_at, verbs_at, api_at], path, lists) := _with_apis(lists[api_at], {
	"verbs": lists[verbs_at],
	"path": path,
	"conditions": lists[unless_at],
	"unmet": _unmet_alone(lists[unless_at]),
	"status": _status([true | outcomes.concerns(lists[roles_at])], lists[unless_at], "denied"),
})

_with_apis([], entitlement) := entitlement

_with_apis(apis, entitlement) := object.union(entitlement, {"api": apis}) if count(apis) > 0

_unmet_alone(conditions) := [name | some name in conditions; not _is_true_alone(name)]

_is_true_alone(name) if data.access.conditions[name] == true

_status([], _, _) := "not_held"

_status([_], [], effect) := effect

_status([_], conditions, _) := "conditional" if count(conditions) > 0
