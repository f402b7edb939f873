package engine_test

import data.engine

# The codes of the problems of one grant, denial, public rule or role.
test_problems_of_a_grant[name] if {
	some name, case in {
		"none": {"grant": {}, "codes": set()},
		"a list for a grant": {"whole": [], "codes": {"type.wrong"}},
		"two APIs": {"grant": {"api": {"orders", "eu-2-Billing"}}, "codes": set()},
		"a list of APIs": {"grant": {"api": ["orders"]}, "codes": {"type.wrong"}},
		"no API": {"grant": {"api": set()}, "codes": {"set.empty"}},
		"an API without a name": {"grant": {"api": {""}}, "codes": {"type.wrong"}},
		"an API with an underscore": {"grant": {"api": {"my_orders"}}, "codes": {"api.malformed_name"}},
		"an API with two hyphens": {"grant": {"api": {"my--orders"}}, "codes": {"api.malformed_name"}},
		"an API with a hyphen at its end": {"grant": {"api": {"orders-"}}, "codes": {"api.malformed_name"}},
		"an API with a long name": {"grant": {"api": {concat("", [letter | some _ in numbers.range(1, 65); letter := "a"])}}, "codes": {"api.malformed_name"}},
		"a misspelt key": {"grant": {"role": {"reader"}}, "codes": {"key.unknown"}},
		"a key of a denial": {"grant": {"unless": {"fresh"}}, "codes": {"key.misplaced"}},
		"a missing key": {"whole": {"verbs": {"GET"}, "path": "/a"}, "codes": {"key.missing"}},
		"a list of verbs": {"grant": {"verbs": ["GET"]}, "codes": {"type.wrong"}},
		"a role that is not a string": {"grant": {"roles": {"reader", 7}}, "codes": {"role.unknown", "type.wrong"}},
		"a path that is not a string": {"grant": {"path": 7}, "codes": {"type.wrong"}},
		"a list of parameters": {"grant": {"path": "/{id}", "where": ["id"]}, "codes": {"type.wrong"}},
		"a claim that is not a string": {"grant": {"path": "/{id}", "where": {"id": 7}}, "codes": {"type.wrong"}},
		"an empty set": {"grant": {"when": set()}, "codes": {"set.empty"}},
		"an empty where": {"grant": {"where": {}}, "codes": {"set.empty"}},
		"an unknown verb": {"grant": {"verbs": {"get"}}, "codes": {"verb.unknown"}},
		"CONNECT on another path": {"grant": {"verbs": {"CONNECT"}}, "codes": {"verb.misplaced"}},
		"a malformed template": {"grant": {"path": "/a/"}, "codes": {"template.malformed"}},
		"a repeated parameter": {"grant": {"path": "/{id}/{id}"}, "codes": {"template.repeated_parameter"}},
		"a repeated greedy parameter": {"grant": {"path": "/{id}/{id+}"}, "codes": {"template.repeated_parameter"}},
		"a parameter that the path lacks": {"grant": {"where": {"id": "sub"}}, "codes": {"where.unknown_parameter"}},
		"a greedy parameter in where": {"grant": {"path": "/{id+}", "where": {"id": "sub"}}, "codes": {"where.greedy_parameter"}},
		"an unknown role": {"grant": {"roles": {"redaer"}}, "codes": {"role.unknown"}},
		"the built-in role": {"grant": {"roles": {"authenticated"}}, "codes": set()},
		"a WebSocket's verb": {"grant": {"verbs": {"CONNECT"}, "path": "/"}, "codes": set()},
	}

	valid := {"roles": {"reader"}, "verbs": {"GET"}, "path": "/a"}
	grant := object.get(case, "whole", object.union(valid, object.get(case, "grant", {})))
	problems := engine.problems with data.access as {"roles": _roles, "shop": {"grants": {"it": grant}}}
	{problem.code | some problem in problems} == case.codes
	{problem.where | some problem in problems} == {"shop.it" | count(case.codes) > 0}
}

test_problems_of_a_denial[name] if {
	some name, case in {
		"none": {"denial": {}, "codes": set()},
		"a condition in when": {"denial": {"when": {"fresh"}}, "codes": {"key.misplaced"}},
		"a claim in where": {"denial": {"where": {"id": "sub"}, "path": "/a/{id}"}, "codes": {"key.misplaced"}},
		"an API": {"denial": {"api": {"orders"}}, "codes": set()},
		"an API with a dot": {"denial": {"api": {"orders.v1"}}, "codes": {"api.malformed_name"}},
		"a misspelt key": {"denial": {"unles": {"fresh"}}, "codes": {"key.unknown"}},
		"an empty set of roles": {"denial": {"roles": set()}, "codes": {"set.empty"}},
		"an unknown role": {"denial": {"roles": {"redaer"}}, "codes": {"role.unknown"}},
		"no path": {"whole": {"verbs": {"GET"}}, "codes": {"key.missing"}},
	}

	denial := object.get(case, "whole", object.union({"verbs": {"GET"}, "path": "/a"}, object.get(case, "denial", {})))
	problems := engine.problems with data.access as {"roles": _roles, "shop": {"denials": {"it": denial}}}
	{problem.code | some problem in problems} == case.codes
	{problem.where | some problem in problems} == {"shop.it" | count(case.codes) > 0}
}

test_problems_of_a_role[name] if {
	some name, case in {
		"none": {"role": {"groups": {"G"}}, "codes": set()},
		"a misspelt key": {"role": {"groups": {"G"}, "group": {"H"}}, "codes": {"key.unknown"}},
		"a list of groups": {"role": {"groups": ["G"]}, "codes": {"type.wrong"}},
		"an empty name of a group": {"role": {"groups": {""}}, "codes": {"type.wrong"}},
		"a kind that there is not": {"role": {"kinds": {"users"}}, "codes": {"type.wrong"}},
		"a list of kinds": {"role": {"kinds": ["user"]}, "codes": {"type.wrong"}},
		"no kind": {"role": {"kinds": set()}, "codes": {"set.empty", "role.out_of_reach"}},
		"a kind": {"role": {"kinds": {"user", "machine"}}, "codes": set()},
		"a claim without its set": {"role": {"claims": {"level": "7"}}, "codes": {"type.wrong"}},
		"claims as a list": {"role": {"claims": ["level"]}, "codes": {"type.wrong"}},
		"a claim with an empty set": {"role": {"groups": {"G"}, "claims": {"level": set()}}, "codes": {"set.empty"}},
		"groups as a claim": {"role": {"claims": {"cognito:groups": {"G"}}}, "codes": {"role.misplaced_claim"}},
		"scopes as a claim": {"role": {"claims": {"scope": {"s"}}}, "codes": {"role.misplaced_claim"}},
		"an unknown role": {"role": {"groups": {"G"}, "includes": {"redaer"}}, "codes": {"role.unknown"}},
		"the built-in role": {"role": {"groups": {"G"}, "includes": {"authenticated"}}, "codes": {"role.unknown"}},
		"a role that includes itself": {"role": {"groups": {"G"}, "includes": {"it"}}, "codes": {"role.cycle"}},
		"a role that nobody can hold": {"role": {}, "codes": {"role.out_of_reach"}},
		"a role that others include": {"role": {}, "more": {"boss": {"groups": {"B"}, "includes": {"it"}}}, "codes": set()},
		"a role that only roles without holders include": {
			"role": {"groups": {"G"}},
			"more": {"boss": {"includes": {"it"}}},
			"where": "roles.boss",
			"codes": {"role.out_of_reach"},
		},
	}

	roles := object.union(object.get(case, "more", {}), {"it": case.role})
	problems := engine.problems with data.access as {"roles": roles}
	{problem.code | some problem in problems} == case.codes
	{problem.where | some problem in problems} == {object.get(case, "where", "roles.it") | count(case.codes) > 0}
}

test_problems_of_a_public_rule[name] if {
	some name, case in {
		"none": {"rule": {}, "codes": set()},
		"a parameter of one segment": {"rule": {"path": "/a/{id}"}, "codes": set()},
		"a greedy path": {"rule": {"path": "/a/{rest+}"}, "codes": {"public.greedy"}},
		"a WebSocket's verb": {"rule": {"verbs": {"CONNECT"}, "path": "/"}, "codes": {"public.connect"}},
		"roles": {"rule": {"roles": {"reader"}}, "codes": {"key.misplaced"}},
		"a claim in where": {"rule": {"path": "/a/{id}", "where": {"id": "sub"}}, "codes": {"key.misplaced"}},
		"a condition in when": {"rule": {"when": {"fresh"}}, "codes": {"key.misplaced"}},
		"a condition in unless": {"rule": {"unless": {"fresh"}}, "codes": {"key.misplaced"}},
		"a misspelt key": {"rule": {"verb": {"GET"}}, "codes": {"key.unknown"}},
		"no verbs": {"whole": {"path": "/a"}, "codes": {"key.missing"}},
		"no path": {"whole": {"verbs": {"GET"}}, "codes": {"key.missing"}},
		"a list for the rule": {"whole": [], "codes": {"type.wrong"}},
		"a list of verbs": {"rule": {"verbs": ["GET"]}, "codes": {"type.wrong"}},
		"no API": {"rule": {"api": set()}, "codes": {"set.empty"}},
		"an unknown verb": {"rule": {"verbs": {"get"}}, "codes": {"verb.unknown"}},
		"a slash at the end": {"rule": {"path": "/a/"}, "codes": {"template.malformed"}},
		"a repeated parameter": {"rule": {"path": "/{id}/{id}"}, "codes": {"template.repeated_parameter"}},
		"a rule that there is not in despite": {"rule": {"despite": {"shop.that"}}, "codes": {"public.despite"}},
	}

	rule := object.get(case, "whole", object.union({"verbs": {"GET"}, "path": "/a"}, object.get(case, "rule", {})))
	problems := engine.problems with data.access as {"roles": _roles, "shop": {"public": {"it": rule}}}
	{problem.code | some problem in problems} == case.codes
	{problem.where | some problem in problems} == {"shop.it" | count(case.codes) > 0}
}

test_problems_between_a_public_rule_and_another[name] if {
	some name, case in {
		"a grant for the same requests": {"grant": {}, "codes": {"public.overlap"}},
		"a denial for the same requests": {"denial": {}, "codes": {"public.overlap"}},
		"a grant for every verb of every path": {"grant": {"verbs": {"ANY"}, "path": "/{rest+}"}, "codes": {"public.overlap"}},
		"a denial for a role on a path of it": {
			"denial": {"roles": {"reader"}, "path": "/a/b"}, "rule": {"path": "/a/{id}"},
			"codes": {"public.overlap"},
		},
		"a path in common, though neither covers the other": {
			"grant": {"path": "/{x}/b"}, "rule": {"path": "/a/{y}"},
			"codes": {"public.overlap"},
		},
		"another path": {"denial": {"path": "/b"}, "codes": set()},
		"a longer path": {"denial": {"path": "/a/{rest+}"}, "codes": set()},
		"another verb": {"denial": {"verbs": {"HEAD", "POST"}}, "codes": set()},
		"a wider rule that it names": {
			"denial": {"verbs": {"ANY"}, "path": "/{rest+}"}, "rule": {"despite": {"shop.other"}},
			"codes": set(),
		},
		"a wider grant that it names": {
			"grant": {"path": "/{id}"}, "rule": {"despite": {"shop.other"}},
			"codes": set(),
		},
		"a rule that it names and opens whole": {
			"denial": {}, "rule": {"despite": {"shop.other"}},
			"codes": {"public.overlap"},
		},
		"a narrower rule that it names": {
			"denial": {"path": "/a/b"}, "rule": {"path": "/a/{id}", "despite": {"shop.other"}},
			"codes": {"public.overlap"},
		},
		"a rule that it names without need": {
			"denial": {"path": "/b"}, "rule": {"despite": {"shop.other"}},
			"codes": {"public.despite"},
		},
		"one name for both": {"denial": {"path": "/b"}, "name": "it", "codes": {"public.same_name"}},
	}

	other := object.get(case, "name", "other")
	areas := {"shop": {
		"public": {"it": object.union({"verbs": {"GET"}, "path": "/a"}, object.get(case, "rule", {}))},
		"grants": {other: object.union({"roles": {"reader"}, "verbs": {"GET"}, "path": "/a"}, grant) | grant := case.grant},
		"denials": {other: object.union({"verbs": {"GET"}, "path": "/a"}, denial) | denial := case.denial},
	}}
	problems := engine.problems with data.access as object.union({"roles": _roles}, areas)
	{[problem.code, problem.where] | some problem in problems} == {[code, "shop.it"] | some code in case.codes}
}

test_rules_for_different_apis_do_not_overlap[name] if {
	some name, case in {
		"one API each": {"public": {"orders"}, "denial": {"admin"}, "overlaps": false},
		"an API in common": {"public": {"orders", "admin"}, "denial": {"admin"}, "overlaps": true},
		"a denial for all APIs": {"public": {"orders"}, "overlaps": true},
		"a public rule for all APIs": {"denial": {"orders"}, "overlaps": true},
	}

	of_public := {"api": apis | apis := case.public}
	of_denial := {"api": apis | apis := case.denial}
	problems := engine.problems with data.access as {"shop": {
		"public": {"it": object.union({"verbs": {"GET"}, "path": "/a"}, of_public)},
		"denials": {"other": object.union({"verbs": {"GET"}, "path": "/a"}, of_denial)},
	}}
	found := {problem.code | some problem in problems; problem.code == "public.overlap"}
	found == {"public.overlap" | case.overlaps}
}

test_every_role_of_a_cycle_is_named if {
	problems := engine.problems with data.access as {"roles": {
		"a": {"groups": {"G"}, "includes": {"b"}},
		"b": {"includes": {"c"}},
		"c": {"includes": {"a"}},
	}}
	{problem.where | some problem in problems; problem.code == "role.cycle"} == {"roles.a", "roles.b", "roles.c"}
}

test_the_built_in_role_is_not_redefined if {
	problems := engine.problems with data.access as {"roles": {"authenticated": {"groups": {"G"}}}}
	{problem.code | some problem in problems} == {"role.builtin"}
}

test_problems_between_rules[name] if {
	some name, case in {
		"a denial covers a grant": {"denial": {}, "problem": ["grant.never_applies", "shop.grant"]},
		"a denial for the grant's roles covers it": {
			"denial": {"roles": {"reader", "writer"}},
			"problem": ["grant.never_applies", "shop.grant"],
		},
		"a denial for another role does not": {"denial": {"roles": {"writer"}}},
		"a denial for everyone by name covers it": {
			"denial": {"roles": {"authenticated"}},
			"problem": ["grant.never_applies", "shop.grant"],
		},
		"a denial for a role that the grant's includes covers it": {
			"grant": {"roles": {"boss"}}, "denial": {"roles": {"reader"}},
			"problem": ["grant.never_applies", "shop.grant"],
		},
		"a denial for a role that includes the grant's does not": {"denial": {"roles": {"boss"}}},
		"two denials of one verb each cover it": {
			"denial": {"verbs": {"GET"}}, "more": {"verbs": {"PUT"}, "path": "/{rest+}"},
			"problem": ["grant.never_applies", "shop.grant"],
		},
		"two denials of which one can be lifted do not": {
			"denial": {"verbs": {"GET"}},
			"more": {"verbs": {"PUT"}, "path": "/{rest+}", "unless": {"fresh"}},
		},
		"a denial that can be lifted does not": {"denial": {"unless": {"fresh"}}},
		"a denial of a longer path does not": {"denial": {"path": "/a/{id}/b"}},
		"a denial of one verb of two does not": {"denial": {"verbs": {"GET"}}},
		"everybody escapes a denial for a role": {
			"grant": {"roles": {"authenticated"}}, "denial": {"roles": {"reader"}, "path": "/{rest+}"},
			"problem": ["denial.escaped", "shop.denial"],
		},
		"every user without the role escapes a denial for a role": {
			"grant": {"roles": {"person"}}, "denial": {"roles": {"reader"}, "path": "/{rest+}"},
			"problem": ["denial.escaped", "shop.denial"],
		},
		"every user escapes a denial for machines only": {
			"grant": {"roles": {"authenticated"}}, "denial": {"roles": {"robot"}, "path": "/{rest+}"},
			"problem": ["denial.escaped", "shop.denial"],
		},
		"no user escapes a denial for people": {
			"grant": {"roles": {"person"}}, "denial": {"roles": {"person"}, "path": "/a/{id}/b"},
		},
		"a denial for everyone by name": {
			"grant": {"roles": {"authenticated"}}, "denial": {"roles": {"authenticated"}, "path": "/a/{id}/b"},
		},
		"a denial for one API does not cover a grant for all": {"denial": {"api": {"orders"}}},
		"a denial for one API does not cover a grant for two": {
			"grant": {"api": {"orders", "billing"}}, "denial": {"api": {"orders"}},
		},
		"a denial for the API of a grant covers it": {
			"grant": {"api": {"orders"}}, "denial": {"api": {"orders", "billing"}},
			"problem": ["grant.never_applies", "shop.grant"],
		},
		"a denial for all APIs covers a grant for one": {
			"grant": {"api": {"orders"}}, "denial": {},
			"problem": ["grant.never_applies", "shop.grant"],
		},
		"on one API of two everybody escapes a denial for a role": {
			"grant": {"api": {"orders", "billing"}, "roles": {"authenticated"}},
			"denial": {"api": {"orders"}, "roles": {"reader"}, "path": "/{rest+}"},
			"problem": ["denial.escaped", "shop.denial"],
		},
		"on another API there is nothing to escape": {
			"grant": {"api": {"billing"}, "roles": {"authenticated"}},
			"denial": {"api": {"orders"}, "roles": {"reader"}, "path": "/{rest+}"},
		},
		"elsewhere there is nothing to escape": {
			"grant": {"roles": {"authenticated"}},
			"denial": {"roles": {"reader"}, "path": "/b"},
		},
		"with other verbs there is nothing to escape": {
			"grant": {"roles": {"authenticated"}},
			"denial": {"roles": {"reader"}, "verbs": {"DELETE"}},
		},
	}

	grant := object.union({"roles": {"reader"}, "verbs": {"GET", "PUT"}, "path": "/a/{id}"}, object.get(case, "grant", {}))
	denial := object.union({"verbs": {"ANY"}, "path": "/a/{id}"}, case.denial)
	problems := engine.problems with data.access as {"roles": _roles, "shop": {
		"grants": {"grant": grant},
		"denials": object.union({"denial": denial}, {"more": more | more := case.more}),
	}}
	{[problem.code, problem.where] | some problem in problems} == {problem | problem := case.problem}
}

test_a_message_says_what_to_do if {
	problems := engine.problems with data.access as {"roles": _roles, "shop": {"grants": {"it": {
		"roles": {"redaer"},
		"verbs": {"GET"}, "path": "/a",
	}}}}
	problems == {{
		"code": "role.unknown",
		"where": "shop.it",
		"message": `there is no role "redaer"; there are authenticated, boss, person, reader, robot, writer`,
	}}
}

test_a_policy_without_rules_has_no_problems if {
	engine.problems == set() with data.access as {}
}

_roles := {
	"reader": {"groups": {"Readers"}},
	"writer": {"groups": {"Writers"}},
	"boss": {"groups": {"Bosses"}, "includes": {"reader"}},
	"person": {"kinds": {"user"}},
	"robot": {"kinds": {"machine"}},
}
