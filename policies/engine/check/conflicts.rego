# METADATA
# title: Conflicts
# description: Finds grants and denials that work against each other.
package engine.check.conflicts

import data.engine.check.overlapping
import data.engine.policy
import data.engine.templates

# METADATA
# title: Grants that never apply, and denials that a principal escapes
problems contains {"code": "grant.never_applies", "where": where, "message": message} if {
	some where, names in _forbidding
	grant := policy.grants[where]
	forbidden := {method | some name, _ in names; some method in policy.methods(policy.denials[name].verbs)}
	count(policy.methods(grant.verbs) - forbidden) == 0
	message := concat("", ["everything that it grants is forbidden by ", concat(", ", sort(object.keys(names))), "; narrow it or give a denial an \"unless\""])
}

problems contains {"code": "denial.escaped", "where": where, "message": message} if {
	some where, denial in policy.denials
	count(denial.roles) > 0
	not "everyone" in _all_of(denial)
	some name in overlapping.grants(denial.path)
	grant := policy.grants[name]
	some all in (_all_of(grant) - _all_of(denial))
	count(policy.methods(grant.verbs) & policy.methods(denial.verbs)) > 0
	policy.share_api(grant, denial)
	message := concat("", ["whoever has none of its roles escapes it through ", name, ", which is for ", all, "; leave \"roles\" out"])
}

# The principals all of whom have a role of a grant or denial, whatever else their tokens show.
_all_of(rule) := {"everyone" | "authenticated" in rule.roles} | {all |
	some role in rule.roles
	some all, _ in _all_by_role[role]
}

_all_by_role := object.union_n([{role: {all: true}} |
	some name, value in policy.roles
	some kind in value.kinds
	all := concat(" ", ["every", kind])
	some role in policy.closure(name)
])

# The denials that forbid all paths of a grant to everybody who has it, by the grant's name.
_forbidding := object.union_n([{grant_name: {name: true}} |
	some name, denial in policy.denials
	not denial.unless
	some grant_name in overlapping.grants(denial.path)
	grant := policy.grants[grant_name]
	templates.covers(denial.path, grant.path)
	_is_on_all_apis(denial, grant)
	_is_for_all(denial, grant)
])

_is_on_all_apis(denial, _) if not denial.api

_is_on_all_apis(denial, grant) if {
	count(grant.api) > 0
	count(grant.api - denial.api) == 0
}

_is_for_all(denial, _) if not denial.roles

_is_for_all(denial, _) if "authenticated" in denial.roles

_is_for_all(denial, grant) if {
	count(grant.roles) > 0
	every role in grant.roles {
		count(policy.closure(role) & denial.roles) > 0
	}
}
