package engine_test

import data.engine

test_problems_of_an_invariant[name] if {
	some name, case in {
		"none": {"invariant": {}, "codes": set()},
		"a list for an invariant": {"whole": [], "codes": {"invariant.malformed"}},
		"a misspelt key": {"invariant": {"paths": "/a"}, "codes": {"invariant.malformed"}},
		"no statement": {"whole": {"verbs": {"GET"}, "path": "/a"}, "codes": {"invariant.malformed"}},
		"two statements": {"invariant": {"only": {"roles": {"writer"}}}, "codes": {"invariant.malformed"}},
		"no path": {"whole": {"never": {"roles": {"reader"}}, "verbs": {"GET"}}, "codes": {"invariant.malformed"}},
		"no verbs": {"whole": {"requires": {"fresh"}, "path": "/a"}, "codes": {"invariant.malformed"}},
		"whatever else": {"invariant": {"whatever_else": true}, "codes": set()},
		"not whatever else": {"invariant": {"whatever_else": false}, "codes": {"invariant.malformed"}},
		"whatever else for another statement": {
			"whole": {"only": {"roles": {"reader"}}, "verbs": {"GET"}, "path": "/a", "whatever_else": true},
			"codes": {"invariant.malformed"},
		},
		"a name for a who": {"invariant": {"never": "reader"}, "codes": {"invariant.malformed"}},
		"nobody": {"invariant": {"never": {}}, "codes": {"invariant.malformed"}},
		"an issuer only": {"invariant": {"never": {"issuers": {"staff"}}}, "codes": {"invariant.malformed"}},
		"a misspelt key of a who": {"invariant": {"never": {"group": {"Readers"}}}, "codes": {"invariant.malformed"}},
		"a list of groups": {"invariant": {"never": {"groups": ["Readers"]}}, "codes": {"invariant.malformed"}},
		"no groups": {"invariant": {"never": {"groups": set()}}, "codes": {"invariant.malformed"}},
		"no value of a claim": {"invariant": {"never": {"claims": {"level": set()}}}, "codes": {"invariant.malformed"}},
		"an unknown kind": {"invariant": {"never": {"kinds": {"robot"}}}, "codes": {"invariant.malformed"}},
		"groups as a claim": {"invariant": {"never": {"claims": {"cognito:groups": {"A"}}}}, "codes": {"invariant.malformed"}},
		"all keys of a who": {
			"invariant": {"never": {
				"roles": {"reader"}, "groups": {"A"}, "scopes": {"s"}, "kinds": {"user"},
				"claims": {"level": {"1"}}, "issuers": {"staff"},
			}},
			"codes": set(),
		},
		"the built-in role": {"invariant": {"never": {"roles": {"authenticated"}}}, "codes": set()},
		"an unknown role": {"invariant": {"never": {"roles": {"redaer"}}}, "codes": {"invariant.unknown_role"}},
		"an empty set of verbs": {"invariant": {"verbs": set()}, "codes": {"invariant.malformed"}},
		"an unknown verb": {"invariant": {"verbs": {"get"}}, "codes": {"invariant.malformed"}},
		"CONNECT on another path": {"invariant": {"verbs": {"CONNECT"}}, "codes": {"invariant.malformed"}},
		"CONNECT": {"invariant": {"verbs": {"CONNECT"}, "path": "/"}, "codes": set()},
		"a malformed template": {"invariant": {"path": "/a/*"}, "codes": {"invariant.malformed"}},
		"a repeated parameter": {"invariant": {"path": "/{a}/{a}"}, "codes": {"invariant.malformed"}},
		"an API": {"invariant": {"api": {"orders"}}, "codes": set()},
		"an API with a dot": {"invariant": {"api": {"orders.v1"}}, "codes": {"invariant.malformed"}},
		"two who are disjoint": {"whole": {"disjoint": _both}, "codes": set()},
		"two who are disjoint there": {"whole": {"disjoint": _both, "verbs": {"GET"}, "path": "/a"}, "codes": set()},
		"two who are disjoint without verbs": {"whole": {"disjoint": _both, "path": "/a"}, "codes": {"invariant.malformed"}},
		"one who is disjoint": {"whole": {"disjoint": [{"roles": {"reader"}}]}, "codes": {"invariant.malformed"}},
		"a set of those who are disjoint": {"whole": {"disjoint": {"reader", "writer"}}, "codes": {"invariant.malformed"}},
		"an unknown role that is disjoint": {
			"whole": {"disjoint": [{"roles": {"reader"}}, {"roles": {"wirter"}}]},
			"codes": {"invariant.unknown_role"},
		},
	}

	valid := {"never": {"roles": {"reader"}}, "verbs": {"GET"}, "path": "/a"}
	changed := object.get(case, "invariant", {})
	kept := {key: value | some key, value in valid; not key in object.keys(changed)}
	invariant := object.get(case, "whole", object.union(kept, changed))
	problems := engine.problems with data.access as {"roles": _roles, "invariants": {"invariants": {"it": invariant}}}
	{problem.code | some problem in problems} == case.codes
	{problem.where | some problem in problems} == {"invariants.it" | count(case.codes) > 0}
}

test_a_message_says_what_an_invariant_needs if {
	invariant := {"never": {"roles": {"reader"}}, "verbs": {"GET"}}
	problems := engine.problems with data.access as {"roles": _roles, "invariants": {"invariants": {"it": invariant}}}
	{problem.message | some problem in problems} == {`an invariant needs "path"; only "disjoint" can be without both`}
}

test_an_invariant_decides_nothing if {
	access := {"roles": _roles, "shop": {"grants": {"it": {"roles": {"reader"}, "verbs": {"GET"}, "path": "/a"}}}}
	invariants := {"it": {"never": {"roles": {"reader"}}, "verbs": {"GET"}, "path": "/a"}}
	without := engine.index.compiled with data.access as access
	without == engine.index.compiled with data.access as object.union(access, {"invariants": {"invariants": invariants}})
}

_both := [{"roles": {"reader"}}, {"groups": {"Writers"}}]
