# METADATA
# title: Policy
# description: |
#   Collects the security team's grants, denials, public rules and roles, by name. Only the index and the checks read it. They are
#   comprehensions, since OPA compares each entry of a partial object with those before it.
package engine.policy

# METADATA
# title: Every grant by its name, `<area>.<name>`
grants := {name: grant |
	some area, key
	grant := data.access[area].grants[key]
	not area in _not_areas
	name := concat(".", [area, key])
}

# METADATA
# title: Every denial by its name, `<area>.<name>`
denials := {name: denial |
	some area, key
	denial := data.access[area].denials[key]
	not area in _not_areas
	name := concat(".", [area, key])
}

# METADATA
# title: Every public rule by its name, `<area>.<name>`
# description: They are not in the index. API Gateway lets such a request through without invoking the authorizer.
public := {name: rule |
	some area, key
	rule := data.access[area].public[key]
	not area in _not_areas
	name := concat(".", [area, key])
}

# METADATA
# title: Every role by its name
roles := {name: role | some name, role in data.access.roles}

# METADATA
# title: Every invariant by its name, `invariants.<name>`
# description: They decide nothing. `rego-authorizer check` proves them.
invariants[name] := invariant if {
	some key, invariant in data.access.invariants.invariants
	name := concat(".", ["invariants", key])
}

# METADATA
# title: Every grant, denial, public rule and role, as its kind, its name with the area, and its value
rules contains ["grant", name, grant] if some name, grant in grants

rules contains ["denial", name, denial] if some name, denial in denials

rules contains ["public rule", name, rule] if some name, rule in public

rules contains ["role", concat(".", ["roles", name]), role] if some name, role in roles

# METADATA
# title: The methods that a set of verbs stands for
# description: "`ANY` stands for every HTTP method, but not for the `CONNECT` of a WebSocket."
methods(verbs) := {verb | some verb in verbs; verb != "ANY"} | {method |
	"ANY" in verbs
	some method in http_methods
}

# METADATA
# title: Two rules can be for one API
# description: A rule is for all APIs, or for those that its `api` names.
share_api(one, _) if not one.api

share_api(_, other) if not other.api

share_api(one, other) if count(one.api & other.api) > 0

# METADATA
# title: The HTTP methods that API Gateway knows
http_methods := {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

# METADATA
# title: A role and all roles that it includes
closure(name) := graph.reachable(_includes, {name})

_includes := {name: object.get(role, "includes", set()) | some name, role in roles}

_not_areas := {"conditions", "invariants", "roles"}
