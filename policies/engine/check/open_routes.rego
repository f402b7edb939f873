# METADATA
# title: Open routes
# description: |
#   Checks public rules against grants and denials. No grant or denial is evaluated for a request to a public route, so a rule for
#   such a request would be in the policy and not in force.
package engine.check.open_routes

import data.engine.policy
import data.engine.templates

# METADATA
# title: Public rules that open more than a reader sees, or what another rule is about
problems contains {"code": "public.greedy", "where": where, "message": message} if {
	some where, rule in policy.public
	some segment in templates.segments(rule.path)
	templates.parameter(segment)
	templates.is_greedy(segment)
	message := concat("", [segment, " would open every route below, and those that the API gets later; write a public rule for each path"])
}

problems contains {"code": "public.connect", "where": where, "message": message} if {
	some where, rule in policy.public
	"CONNECT" in rule.verbs
	message := "whoever may connect may send every message, so a WebSocket's $connect can't be public; write a grant, or give the API a route over HTTP"
}

problems contains {"code": "public.same_name", "where": where, "message": message} if {
	some where, _ in policy.public
	some [kind, name, _] in _others
	name == where
	message := concat("", ["a ", kind, " of this area has the same name; give each its own"])
}

problems contains {"code": "public.overlap", "where": where, "message": message} if {
	some where, rule in policy.public
	some [kind, name, other] in _overlapping(rule)
	templates.covers(rule.path, other.path)
	message := concat("", [
		_about(kind, name, rule, other), ", and a public route evaluates no ", kind,
		": for these verbs every path of it would be open, so take the verbs out of one of the two, or remove it",
	])
}

# An exception to wider rules names them, so that a reader sees what it sets aside.
problems contains {"code": "public.overlap", "where": where, "message": message} if {
	some where, rule in policy.public
	wider := {[kind, name, other] |
		some [kind, name, other] in _overlapping(rule)
		not templates.covers(rule.path, other.path)
	}
	names := {name | some [_, name, _] in wider}
	count(names - object.get(rule, "despite", set())) > 0
	message := concat("", [
		concat("; ", sort([_about(kind, name, rule, other) |
			some [kind, name, other] in wider
			not name in object.get(rule, "despite", set())
		])),
		". A public route evaluates neither grants nor denials: narrow the rules, or, if this route is an exception to them, say \"despite\": {",
		concat(", ", [json.marshal(name) | some name in sort(names)]), "}",
	])
}

problems contains {"code": "public.despite", "where": where, "message": message} if {
	some where, rule in policy.public
	some name in rule.despite
	not name in {other | some [_, other, _] in _overlapping(rule)}
	message := concat("", ["\"despite\" names ", json.marshal(name), ", and no grant or denial of that name is about the same requests; take it out"])
}

_others contains ["grant", name, grant] if some name, grant in policy.grants

_others contains ["denial", name, denial] if some name, denial in policy.denials

_overlapping(rule) := {[kind, name, other] |
	some [kind, name, other] in _others
	_overlaps(rule, other)
}

_about(kind, name, rule, other) := concat("", [
	"the ", kind, " ", name, " is about the same requests (", concat(", ", sort(_shared(rule, other))), " on ", other.path, ")",
])

_overlaps(rule, other) if {
	count(_shared(rule, other)) > 0
	templates.overlaps(rule.path, other.path)
	policy.share_api(rule, other)
}

_shared(rule, other) := policy.methods(rule.verbs) & policy.methods(other.verbs)
