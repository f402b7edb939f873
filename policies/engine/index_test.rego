package engine_test

import data.engine.index

test_compiled_index if {
	index.compiled == {
		"exact": [[], [{
			"segments": 1, "literals": [0],
			"places": {"x": {"GET": {"denials": ["a.no"], "grants": ["a.one", "b.two"]}}},
		}]],
		"greedy": [{
			"segments": 2, "literals": [0],
			"places": {"x": {"POST": {"grants": ["a.rest"]}}},
		}],
		"grants": {
			"a.one": {
				"api": [], "roles": ["r", "s"], "verbs": ["GET"], "path": "/x",
				"params": {}, "tail": {}, "where": {}, "when": [],
			},
			"b.two": {
				"api": [], "roles": ["r"], "verbs": ["GET"], "path": "/x",
				"params": {}, "tail": {}, "where": {}, "when": ["c", "d"],
			},
			"a.rest": {
				"api": [], "roles": ["r"], "verbs": ["POST"], "path": "/x/{rest+}",
				"params": {}, "tail": {"rest": 1}, "where": {}, "when": [],
			},
		},
		"denials": {"a.no": {
			"api": [], "roles": [], "verbs": ["GET"], "path": "/x",
			"params": {}, "tail": {}, "unless": ["c"],
		}},
		"roles": {
			"groups": {"R": ["r"], "S": ["r", "s"]},
			"scopes": {"t": ["r", "s"]},
			"kinds": {"user": ["r", "s"]},
			"claims": {"c": {"v": ["r"], "w": ["r"]}},
			"issuers": {
				"i": {"groups": {"R": ["i", "r"]}, "scopes": {}, "kinds": {}, "claims": {"d": {"v": ["j"]}}},
				"j": {"groups": {}, "scopes": {}, "kinds": {}, "claims": {"d": {"v": ["j"]}}},
			},
		},
	} with data.access as {
		"roles": {
			"r": {"groups": {"R"}, "claims": {"c": {"v", "w"}}},
			"s": {"groups": {"S"}, "scopes": {"t"}, "kinds": {"user"}, "includes": {"r"}},
			"i": {"groups": {"R"}, "issuers": {"i"}, "includes": {"r"}},
			"j": {"claims": {"d": {"v"}}, "issuers": {"i", "j"}},
		},
		"conditions": {"grants": {"not": {}}},
		"a": {
			"grants": {
				"one": {"roles": {"s", "r"}, "verbs": {"GET"}, "path": "/x"},
				"rest": {"roles": {"r"}, "verbs": {"POST"}, "path": "/x/{rest+}"},
			},
			"denials": {"no": {"verbs": {"GET"}, "path": "/x", "unless": {"c"}}},
		},
		"b": {"grants": {"two": {"roles": {"r"}, "verbs": {"GET"}, "path": "/x", "when": {"d", "c"}}}},
	}
}

test_an_empty_policy_has_an_index if {
	index.compiled.exact == [[]] with data.access as {}
}

test_a_role_may_be_called_grants if {
	index.compiled.grants == {} with data.access as {"roles": {"grants": {"groups": {"G"}}}}
}

test_rules_for_named_apis_are_listed_by_api if {
	index.compiled.exact[1] == [{
		"segments": 1, "literals": [0],
		"places": {"x": {"GET": {
			"grants": ["a.all"],
			"apis": {
				"billing": {"grants": ["a.two"]},
				"orders": {"grants": ["a.one", "a.two"], "denials": ["a.no"]},
			},
		}}},
	}] with data.access as {"a": {
		"grants": {
			"all": {"roles": {"r"}, "verbs": {"GET"}, "path": "/x"},
			"one": {"api": {"orders"}, "roles": {"r"}, "verbs": {"GET"}, "path": "/x"},
			"two": {"api": {"orders", "billing"}, "roles": {"r"}, "verbs": {"GET"}, "path": "/x"},
		},
		"denials": {"no": {"api": {"orders"}, "verbs": {"GET"}, "path": "/x"}},
	}}
}
