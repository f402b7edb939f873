# METADATA
# title: APIs
# description: Checks the names of the APIs that grants and denials are for.
package engine.check.apis

import data.engine.policy

# METADATA
# title: Grants and denials for an API that can't have this name
problems contains {"code": "api.malformed_name", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	kind != "role"
	some name in rule.api
	is_string(name)
	name != ""
	not is_name(name)
	message := concat("", [json.marshal(name), " can't be the name of an API: a name has letters, digits and single hyphens between them, at most 64 characters"])
}

# METADATA
# title: True if an API can have this name
# description: An alias of the authorizer begins with the name, so the name has the characters of an alias.
is_name(name) if {
	count(name) <= 64
	count({character | some character in split(name, ""); not _is_allowed(character)}) == 0
	not "" in split(name, "-")
}

_is_allowed(character) if {
	character >= "0"
	character <= "9"
}

_is_allowed(character) if {
	upper(character) >= "A"
	upper(character) <= "Z"
}

_is_allowed("-")
