# METADATA
# title: Policy
# description: What the security team wrote, by its names. Only the index and the problems read it.
package engine.policy

# METADATA
# title: Every grant by its name, `<area>.<name>`
grants[name] := grant if {
	some area, key
	grant := data.access[area].grants[key]
	not area in _not_areas
	name := concat(".", [area, key])
}

# METADATA
# title: Every denial by its name, `<area>.<name>`
denials[name] := denial if {
	some area, key
	denial := data.access[area].denials[key]
	not area in _not_areas
	name := concat(".", [area, key])
}

# METADATA
# title: Every role by its name
roles[name] := role if some name, role in data.access.roles

# METADATA
# title: Every rule as its kind, where it stands and its value
rules contains ["grant", name, grant] if some name, grant in grants

rules contains ["denial", name, denial] if some name, denial in denials

rules contains ["role", concat(".", ["roles", name]), role] if some name, role in roles

# METADATA
# title: The methods that a set of verbs names
# description: Every HTTP method for `ANY`, to which the `CONNECT` of a WebSocket does not belong.
methods(verbs) := {verb | some verb in verbs; verb != "ANY"} | {method |
	"ANY" in verbs
	some method in http_methods
}

# METADATA
# title: The HTTP methods that API Gateway knows
http_methods := {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

# METADATA
# title: The roles that whoever holds this one holds too, itself among them
closure(name) := graph.reachable(_includes, {name})

_includes := {name: object.get(role, "includes", set()) | some name, role in roles}

_not_areas := {"conditions", "roles"}
