# METADATA
# title: Keys
# description: Checks keys and types of grants, denials, public rules and roles. Schemas say the same for editors.
package engine.check.keys

import data.engine.policy

# METADATA
# title: Grants, denials, public rules and roles with wrong keys or types
problems contains {"code": "type.wrong", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	not is_object(rule)
	message := concat("", ["a ", kind, " is an object, like {...}"])
}

problems contains {"code": "key.unknown", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	some key, _ in rule
	not _keys[kind][key]
	not _misplaced[kind][key]
	message := concat("", ["a ", kind, " has no key ", json.marshal(key), "; its keys are ", _list(object.keys(_keys[kind]))])
}

problems contains {"code": "key.misplaced", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	some key, _ in rule
	message := concat("", ["a ", kind, " takes no ", json.marshal(key), "; ", _misplaced[kind][key]])
}

problems contains {"code": "key.missing", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	some key in (_required[kind] - object.keys(rule))
	message := concat("", ["a ", kind, " needs ", json.marshal(key)])
}

problems contains {"code": "type.wrong", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	some key, value in rule
	type := _keys[kind][key]
	not fits(type, value)
	message := concat("", [json.marshal(key), " must be ", types[type]])
}

problems contains {"code": "set.empty", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	some key, value in rule
	_keys[kind][key] != "template"
	is_or_has_empty(value)
	message := concat("", [json.marshal(key), " is or holds an empty set, which nothing is in; fill it or leave the key out"])
}

_keys := {
	"grant": {
		"api": "names",
		"roles": "names",
		"verbs": "names",
		"path": "template",
		"where": "claims",
		"when": "names",
	},
	"denial": {"api": "names", "roles": "names", "verbs": "names", "path": "template", "unless": "names"},
	"public rule": {"verbs": "names", "path": "template", "api": "names", "despite": "names"},
	"role": {
		"groups": "names",
		"scopes": "names",
		"kinds": "kinds",
		"claims": "values",
		"issuers": "names",
		"includes": "names",
	},
}

_required := {
	"grant": {"roles", "verbs", "path"},
	"denial": {"verbs", "path"},
	"public rule": {"verbs", "path"},
	"role": set(),
}

_misplaced := {
	"grant": {"unless": "it lifts a denial. The conditions of a grant are its \"when\""},
	"denial": {
		"when": "a missing value would disarm it. Name the good condition and put it in \"unless\"",
		"where": "a missing claim would disarm it. Name the good condition and put it in \"unless\"",
	},
	"public rule": {
		"roles": "it opens a route to everybody, with or without a token. Write a grant for roles",
		"where": "it opens a route to everybody, and no claim is read. Write a grant",
		"when": "it opens a route to everybody, and no condition is evaluated. Write a grant",
		"unless": "it opens a route to everybody, and no condition is evaluated. Write a grant and a denial",
	},
	"role": {},
}

# METADATA
# title: Each type in words, for messages
types := {
	"names": "a set of strings, like {\"a\", \"b\"}",
	"kinds": "a set of \"user\" and \"machine\", like {\"user\"}",
	"template": "a string, like \"/orders/{order_id}\"",
	"claims": "an object from parameters to claims, like {\"customer_id\": \"custom:customer_id\"}",
	"values": "an object from claims to sets of strings, like {\"custom:department\": {\"Audit\"}}",
}

# METADATA
# title: True if a value has a type
fits("names", value) if _is_set_of_names(value)

fits("kinds", value) if {
	is_set(value)
	every item in value { item in {"user", "machine"} }
}

fits("template", value) if is_string(value)

fits("claims", value) if {
	is_object(value)
	every name, claim in value {
		_is_name(name)
		_is_name(claim)
	}
}

fits("values", value) if {
	is_object(value)
	every claim, values in value {
		_is_name(claim)
		_is_set_of_names(values)
	}
}

_is_set_of_names(value) if {
	is_set(value)
	every item in value { _is_name(item) }
}

_is_name(item) if {
	is_string(item)
	item != ""
}

# METADATA
# title: True if a collection is empty, or has an empty set in it
is_or_has_empty(value) if count(value) == 0

is_or_has_empty(value) if {
	some values in value
	is_set(values)
	count(values) == 0
}

_list(names) := concat(", ", sort(names))
