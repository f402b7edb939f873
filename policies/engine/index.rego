# METADATA
# title: Index
# description: |
#   Arranges all grants, denials and roles for look-up. WebAssembly tries rules one by one. With a
#   look-up by method and path, the cost of a decision does not depend on the number of grants. The
#   build evaluates `compiled` once and packs it as data under the same path; this package does not ship.
package engine.index

import data.engine.policy
import data.engine.templates

# METADATA
# title: The index
# description: |
#   `all` has the rules for every API, and `apis` those for named ones, by API. Templates are grouped by shape: their number of
#   segments, the positions of their literals, and whether they end in `{name+}`. `by_length[n]` lists the positions of the shapes
#   that match paths of n segments, and `longer` of those that match a path with more segments than any template. The `places` of a
#   shape map a method and the literals, joined by slashes, to the JSON text of a list of grants and a list of denials. `ANY` is a
#   method of its own; `methods` has the methods to look up for the method of a request. A rule is a list: its name, the position of its form in `forms`, and the positions of its roles,
#   conditions, verbs and APIs in `lists`. So a module reads one text for a grant when it starts, and not dozens of values.
#   All values are JSON types, and all lists are sorted.
compiled := {
	"all": _table(_any),
	"apis": {api: _table(api) | some api in object.keys(_places); api != _any},
	"methods": object.union(
		{method: [method] | some method in _verbs; method != "ANY"},
		{method: [verb | some verb in ["ANY", method]; verb in _verbs] | some method in policy.http_methods},
	),
	"forms": [_form_of[form] | some form in _forms],
	"lists": [json.unmarshal(list) | some list in _lists],
	"roles": object.union(
		_held(_any),
		{"issuers": {issuer: _held(issuer) | some issuer in _issuers; issuer != _any}},
	),
}

# METADATA
# title: The public rules
# description: |
#   Only `testing.is_public` reads them. They are here so that a run of the tests can give it public rules as data, other ones among
#   them. No decision depends on them, and the package does not have them.
public := policy.public

# Merged in one go, since OPA copies a partial object for each of its entries. In WebAssembly, no objects have no union.
_places := object.union_n(array.concat([{}], [place |
	some rule in _rules
	entry := array.concat([rule.name, _form_at[rule.form]], [_list_at[list] | some list in rule.lists])
	some method in rule.verbs
	some api in rule.apis
	place := {api: {rule.shape: {method: {rule.literals: {rule.kind: {rule.name: entry}}}}}}
]))

_rules := array.concat(
	[_rule("grants", name, grant, grant.roles, "when") | some name, grant in policy.grants],
	[_rule("denials", name, denial, object.get(denial, "roles", set()), "unless") | some name, denial in policy.denials],
)

_rule(kind, name, rule, roles, conditions) := {
	"kind": kind,
	"name": name,
	"verbs": rule.verbs,
	"apis": object.get(rule, "api", {_any}),
	"shape": _shape(segments),
	"literals": concat("/", [segment | some segment in segments; not templates.parameter(segment)]),
	"form": json.marshal([_around(segments), sort([[name, claim] | some name, claim in where])]),
	"parts": _form(segments, where),
	"lists": [json.marshal(sort(names)) |
		some names in [roles, object.get(rule, conditions, set()), rule.verbs, object.get(rule, "api", set())]
	],
} if {
	segments := templates.segments(rule.path)
	where := object.get(rule, "where", {})
}

_form(segments, where) := {
	"around": _around(segments),
	"params": {name: at |
		some at, segment in segments
		name := templates.parameter(segment)
		not templates.is_greedy(segment)
	},
	"tail": {name: at |
		some at, segment in segments
		name := templates.parameter(segment)
		templates.is_greedy(segment)
	},
	"where": where,
}

# The texts before, between and behind the literals of a path. No name of a parameter has a star.
_around([]) := ["/"]

_around(segments) := split(concat("", [text | some segment in segments; some text in ["/", _open(segment)]]), "*") if {
	count(segments) > 0
}

_open(segment) := segment if templates.parameter(segment)

_open(segment) := "*" if not templates.parameter(segment)

_forms := sort({rule.form | some rule in _rules})

_form_of := {rule.form: rule.parts | some rule in _rules}

_form_at := {form: at | some at, form in _forms}

_lists := sort({list | some rule in _rules; some list in rule.lists})

_list_at := {list: at | some at, list in _lists}

_verbs := {verb | some rule in _rules; some verb in rule.verbs}

_table(api) := {
	"shapes": [_listed(api, shape) | some shape in shapes],
	"by_length": [[at | some at, shape in shapes; _admits(shape, length)] | some length in numbers.range(0, longest)],
	"longer": [at | some at, shape in shapes; _is_greedy(shape)],
} if {
	shapes := sort(object.keys(object.get(_places, api, {})))
	longest := max({_length(shape) | some shape in shapes} | {0})
}

_admits(shape, length) if _length(shape) == length

_admits(shape, length) if {
	_is_greedy(shape)
	_length(shape) < length
}

_is_greedy(shape) := endswith(shape, "/rest")

_listed(api, shape) := {
	"literals": [at | some at, kind in templates.segments(shape); kind == "literal"],
	"places": {method: {literals: _packed(kinds) | some literals, kinds in places} |
		some method, places in _places[api][shape]
	},
}

_packed(kinds) := json.marshal([[entry | some entry in object.get(kinds, kind, {})] | some kind in ["grants", "denials"]])

# A shape is a string, `/literal/parameter/literal` or `/literal/rest`, since OPA is slow with objects as keys.
_shape(segments) := concat("", ["/", concat("/", [_kind(segment) | some segment in segments])])

_kind(segment) := "literal" if not templates.parameter(segment)

_kind(segment) := "parameter" if {
	templates.parameter(segment)
	not templates.is_greedy(segment)
}

_kind(segment) := "rest" if templates.is_greedy(segment)

_length(shape) := count(templates.segments(shape))

_roles_by_group[issuer][group] contains held if {
	some name, role in policy.roles
	some issuer in _issuers_of(role)
	some group in role.groups
	some held in policy.closure(name)
}

_roles_by_scope[issuer][scope] contains held if {
	some name, role in policy.roles
	some issuer in _issuers_of(role)
	some scope in role.scopes
	some held in policy.closure(name)
}

_roles_by_kind[issuer][kind] contains held if {
	some name, role in policy.roles
	some issuer in _issuers_of(role)
	some kind in role.kinds
	some held in policy.closure(name)
}

_roles_by_claim[issuer][claim][value] contains held if {
	some name, role in policy.roles
	some issuer in _issuers_of(role)
	some claim, values in role.claims
	some value in values
	some held in policy.closure(name)
}

_held(issuer) := {
	"groups": {group: sort(held) | some group, held in _roles_by_group[issuer]},
	"scopes": {scope: sort(held) | some scope, held in _roles_by_scope[issuer]},
	"kinds": {kind: sort(held) | some kind, held in _roles_by_kind[issuer]},
	"claims": {claim: {value: sort(held) | some value, held in values} |
		some claim, values in _roles_by_claim[issuer]
	},
}

# Stands for any issuer, and for any API. Neither can have an empty name.
_any := ""

_issuers_of(role) := object.get(role, "issuers", {_any})

_issuers contains issuer if {
	some role in policy.roles
	some issuer in _issuers_of(role)
}
