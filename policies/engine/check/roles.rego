# METADATA
# title: Roles
# description: Checks the names, claims and inclusion of roles.
package engine.check.roles

import data.engine.policy

# METADATA
# title: Roles that are unknown, circular, built in, or that nobody can hold
problems contains {"code": "role.unknown", "where": where, "message": message} if {
	some [kind, where, rule] in policy.rules
	some key in {"roles", "includes"}
	some name in rule[key]
	not name in _known(kind)
	message := concat("", ["there is no role ", json.marshal(name), "; there are ", concat(", ", sort(_known(kind)))])
}

problems contains {"code": "role.cycle", "where": where, "message": message} if {
	some name, role in policy.roles
	where := concat(".", ["roles", name])
	some included in role.includes
	name in policy.closure(included)
	message := concat("", [json.marshal(name), " includes ", json.marshal(included), ", which leads back to it; take one out"])
}

problems contains {"code": "role.misplaced_claim", "where": where, "message": message} if {
	some name, role in policy.roles
	where := concat(".", ["roles", name])
	some claim, _ in role.claims
	message := concat("", [json.marshal(claim), " has a key of its own, with stricter rules: ", _own_key[claim]])
}

problems contains {"code": "role.builtin", "where": "roles.authenticated", "message": message} if {
	policy.roles.authenticated
	message := "the role \"authenticated\" is built in and held by every principal; name yours otherwise"
}

problems contains {"code": "role.out_of_reach", "where": where, "message": message} if {
	some name, _ in policy.roles
	not name in _within_reach
	where := concat(".", ["roles", name])
	message := "nobody can hold this role; give it groups, scopes, kinds or claims, or include it in a role that has some"
}

_own_key := {"cognito:groups": "\"groups\"", "scope": "\"scopes\""}

# A grant may name the built-in role, but a role can't include it, since everybody holds it.
_known(kind) := object.keys(policy.roles) | {"authenticated" | kind != "role"}

_within_reach := {held |
	some name, role in policy.roles
	some key in {"groups", "scopes", "kinds", "claims"}
	count(role[key]) > 0
	some held in policy.closure(name)
}
