# METADATA
# title: Paths
# description: Checks verbs, path templates and the parameters that `where` names.
package engine.check.paths

import data.engine.policy
import data.engine.templates

# METADATA
# title: Grants, denials and public rules that can't match any request
problems contains {"code": "verb.unknown", "where": where, "message": message} if {
	some [_, where, rule] in policy.rules
	some verb in rule.verbs
	not verb in verbs
	message := concat("", [json.marshal(verb), " is not a verb; the verbs are ", concat(", ", sort(verbs))])
}

problems contains {"code": "verb.misplaced", "where": where, "message": message} if {
	some [_, where, rule] in policy.rules
	"CONNECT" in rule.verbs
	rule.path != "/"
	message := "\"CONNECT\" is the $connect of a WebSocket, whose path is \"/\""
}

problems contains {"code": "template.malformed", "where": where, "message": message} if {
	some [_, where, rule] in policy.rules
	is_string(rule.path)
	not templates.is_wellformed(rule.path)
	message := concat(" ", [json.marshal(rule.path), "is not a path template:", grammar])
}

problems contains {"code": "template.repeated_parameter", "where": where, "message": message} if {
	some [_, where, rule] in policy.rules
	names := [templates.parameter(segment) | some segment in templates.segments(rule.path)]
	count(names) > count({name | some name in names})
	some name in names
	count([same | some same in names; same == name]) > 1
	message := concat("", ["the path has two parameters {", name, "}; give each its own name"])
}

problems contains {"code": "where.unknown_parameter", "where": where, "message": message} if {
	some [_, where, rule] in policy.rules
	some name, _ in rule.where
	not name in {templates.parameter(segment) | some segment in templates.segments(rule.path)}
	message := concat("", ["\"where\" names {", name, "}, which the path lacks"])
}

problems contains {"code": "where.greedy_parameter", "where": where, "message": message} if {
	some [_, where, rule] in policy.rules
	some name, _ in rule.where
	concat("", ["{", name, "+}"]) in templates.segments(rule.path)
	message := concat("", ["\"where\" names {", name, "+}, but takes parameters of one segment only"])
}

# METADATA
# title: The verbs of a rule
verbs := policy.http_methods | {"ANY", "CONNECT"}

# METADATA
# title: The form of a path template in words, for messages
grammar := concat(" ", [
	"it starts with a slash; a segment is a literal, {name}, or at the end {name+};",
	"a literal is written decoded, is not empty or a dot segment, does not start with a colon,",
	"and has no { } * ? # ; % \\ or control character",
])
