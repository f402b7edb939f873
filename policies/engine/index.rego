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
#   Templates are grouped by shape: their number of segments and the positions of their literals.
#   `exact[n]` lists the shapes with n segments. `greedy` lists the shapes that end in `{name+}`, with
#   their minimum number of segments. The `places` of a shape map its literals, joined by slashes, and
#   a method to the names of grants and denials. Those for named APIs are in `apis`, by API. All values
#   are JSON types, and all lists are sorted.
compiled := {
	"exact": [shapes |
		some length in numbers.range(0, max({_length(shape) | some shape in _exact} | {0}))
		shapes := [_listed(shape) | some shape in _exact; _length(shape) == length]
	],
	"greedy": [_listed(shape) | some shape in (object.keys(_places) - _exact)],
	"grants": {name: _grant(grant) | some name, grant in policy.grants},
	"denials": {name: _denial(denial) | some name, denial in policy.denials},
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

# Merged in one go, since OPA copies a partial object for each of its entries.
_places := object.union_n([place |
	some [kind, rule_name, rule] in _ruled
	some method in policy.methods(rule.verbs)
	some api in _apis_of(rule)
	place := {_shape(rule.path): {_literals(rule.path): {method: {api: {kind: {rule_name: true}}}}}}
])

_ruled := array.concat(
	[["grants", name, grant] | some name, grant in policy.grants],
	[["denials", name, denial] | some name, denial in policy.denials],
)

_listed(shape) := {
	"segments": _length(shape),
	"literals": [at | some at, kind in templates.segments(shape); kind == "literal"],
	"places": {literals: {method: _place(apis) | some method, apis in methods} |
		some literals, methods in _places[shape]
	},
}

_place(apis) := object.union(_names(object.get(apis, _any, {})), _named({api: _names(kinds) | some api, kinds in apis; api != _any}))

_named(apis) := {"apis": apis | count(apis) > 0}

_names(kinds) := {kind: sort(object.keys(names)) | some kind, names in kinds}

# A shape is a string, `/literal/parameter/literal` or `/literal/rest`, since OPA is slow with objects as keys.
_shape(template) := concat("", ["/", concat("/", [_kind(segment) | some segment in templates.segments(template)])])

_kind(segment) := "literal" if not templates.parameter(segment)

_kind(segment) := "parameter" if {
	templates.parameter(segment)
	not templates.is_greedy(segment)
}

_kind(segment) := "rest" if templates.is_greedy(segment)

_exact := {shape | some shape, _ in _places; not endswith(shape, "/rest")}

_length(shape) := count(templates.segments(shape))

_literals(template) := concat("/", [segment |
	some segment in templates.segments(template)
	not templates.parameter(segment)
])

_grant(grant) := object.union(_rule(grant), {
	"where": object.get(grant, "where", {}),
	"when": sort(object.get(grant, "when", set())),
})

_denial(denial) := object.union(_rule(denial), {"unless": sort(object.get(denial, "unless", set()))})

_rule(rule) := {
	"api": sort(object.get(rule, "api", set())),
	"roles": sort(object.get(rule, "roles", set())),
	"verbs": sort(rule.verbs),
	"path": rule.path,
	"params": {name: at |
		some at, segment in templates.segments(rule.path)
		name := templates.parameter(segment)
		not templates.is_greedy(segment)
	},
	"tail": {name: at |
		some at, segment in templates.segments(rule.path)
		name := templates.parameter(segment)
		templates.is_greedy(segment)
	},
}

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

_apis_of(rule) := object.get(rule, "api", {_any})

_issuers_of(role) := object.get(role, "issuers", {_any})

_issuers contains issuer if {
	some role in policy.roles
	some issuer in _issuers_of(role)
}
