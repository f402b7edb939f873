# METADATA
# title: Invariants
# description: Checks the form of invariants. The build checks the conditions that they name, and `rego-authorizer check` proves them.
package engine.check.invariants

import data.engine.check.apis
import data.engine.check.keys
import data.engine.check.paths
import data.engine.policy
import data.engine.templates

# METADATA
# title: Invariants that don't say one thing about requests that can be, or that are about a role that is not there
problems contains {"code": "invariant.malformed", "where": where, "message": message} if {
	some [where, message] in ((_of_keys | _of_whos) | _of_regions)
}

problems contains {"code": "invariant.unknown_role", "where": where, "message": message} if {
	some [where, _, who] in _whos
	some name in who.roles
	not name in _roles
	message := concat("", ["there is no role ", json.marshal(name), "; there are ", _list(_roles)])
}

_of_keys contains [where, "an invariant is an object, like {...}"] if {
	some where, invariant in policy.invariants
	not is_object(invariant)
}

_of_keys contains [where, message] if {
	some where, invariant in policy.invariants
	some key, value in invariant
	message := _about_value(_keys, key, value, "an invariant")
}

_of_keys contains [where, message] if {
	some where, invariant in policy.invariants
	count(object.keys(invariant) & _statements) != 1
	message := concat("", ["an invariant says one thing: it has one of ", _list(_statements)])
}

_of_keys contains [where, message] if {
	some where, invariant in policy.invariants
	some key in ({"path", "verbs"} - object.keys(invariant))

	# That two things are disjoint can be about all of the policy.
	object.keys(invariant) != {"disjoint"}
	message := concat("", ["an invariant needs ", json.marshal(key), "; only \"disjoint\" can be without both"])
}

_of_keys contains [where, "\"whatever_else\" belongs to \"never\""] if {
	some where, invariant in policy.invariants
	"whatever_else" in object.keys(invariant)
	not "never" in object.keys(invariant)
}

_of_whos contains [where, message] if {
	some [where, statement, who] in _whos
	not is_object(who)
	message := concat("", [json.marshal(statement), " takes an object, like {\"roles\": {\"customer\"}}"])
}

_of_whos contains [where, message] if {
	some [where, statement, who] in _whos
	count(object.keys(who) - {"issuers"}) == 0
	message := concat("", [json.marshal(statement), " names nobody; its keys are ", _list(object.keys(_who_keys))])
}

_of_whos contains [where, message] if {
	some [where, statement, who] in _whos
	some key, value in who
	message := _about_value(_who_keys, key, value, json.marshal(statement))
}

_of_whos contains [where, message] if {
	some [where, _, who] in _whos
	some claim in (object.keys(who.claims) & {"cognito:groups", "scope"})
	message := concat("", [json.marshal(claim), " has a key of its own: \"groups\" for groups, \"scopes\" for scopes"])
}

_of_regions contains [where, message] if {
	some where, invariant in policy.invariants
	some verb in invariant.verbs
	not verb in paths.verbs
	message := concat("", [json.marshal(verb), " is not a verb; the verbs are ", _list(paths.verbs)])
}

_of_regions contains [where, message] if {
	some where, invariant in policy.invariants
	"CONNECT" in invariant.verbs
	invariant.path != "/"
	message := "\"CONNECT\" is the $connect of a WebSocket, whose path is \"/\"; write an invariant of its own for it"
}

_of_regions contains [where, message] if {
	some where, invariant in policy.invariants
	is_string(invariant.path)
	not templates.is_wellformed(invariant.path)
	message := concat(" ", [json.marshal(invariant.path), "is not a path template:", paths.grammar])
}

_of_regions contains [where, message] if {
	some where, invariant in policy.invariants
	names := [templates.parameter(segment) | some segment in templates.segments(invariant.path)]
	some name in names
	count([same | some same in names; same == name]) > 1
	message := concat("", ["the path has two parameters {", name, "}; give each its own name"])
}

_of_regions contains [where, message] if {
	some where, invariant in policy.invariants
	some name in invariant.api
	is_string(name)
	name != ""
	not apis.is_name(name)
	message := concat("", [json.marshal(name), " can't be the name of an API"])
}

_about_value(types, key, _, whose) := concat("", [whose, " has no key ", json.marshal(key), "; its keys are ", _list(object.keys(types))]) if {
	not key in object.keys(types)
}

_about_value(types, key, value, _) := concat("", [json.marshal(key), " must be ", object.union(keys.types, _types)[types[key]]]) if {
	not _fits(types[key], value)
}

_about_value(types, key, value, _) := concat("", [json.marshal(key), " is or holds an empty set, which nothing is in; fill it or leave the key out"]) if {
	types[key] in {"names", "kinds", "values"}
	keys.fits(types[key], value)
	keys.is_or_has_empty(value)
}

_whos contains [where, statement, who] if {
	some where, invariant in policy.invariants
	some statement in {"never", "only", "always"}
	who := invariant[statement]
}

_whos contains [where, "disjoint", who] if {
	some where, invariant in policy.invariants
	is_array(invariant.disjoint)
	some who in invariant.disjoint
}

_statements := {"never", "only", "always", "disjoint", "requires"}

_keys := {
	"never": "who",
	"only": "who",
	"always": "who",
	"disjoint": "whos",
	"requires": "names",
	"whatever_else": "true",
	"verbs": "names",
	"path": "template",
	"api": "names",
}

_who_keys := {
	"roles": "names",
	"groups": "names",
	"scopes": "names",
	"kinds": "kinds",
	"claims": "values",
	"issuers": "names",
}

_types := {
	"whos": "a list of two or more, like [{\"roles\": {\"payer\"}}, {\"roles\": {\"approver\"}}]",
	"true": "true, or is left out",
}

# A who has messages of its own.
_fits("who", _)

_fits("whos", value) if {
	is_array(value)
	count(value) > 1
}

_fits("true", true)

_fits(type, value) if keys.fits(type, value)

_roles := object.keys(policy.roles) | {"authenticated"}

_list(names) := concat(", ", sort(names))
