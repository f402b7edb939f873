package engine_test

import data.engine.index

test_compiled_index if {
	index.compiled == {
		"all": {
			"shapes": [
				{"literals": [0], "places": {"GET": {"x": `[[["a.one",0,5,7,1,7],["b.two",0,6,2,1,7]],[["a.no",0,7,3,1,7]]]`}}},
				{"literals": [0], "places": {
					"ANY": {"x": `[[["a.rest",2,6,7,0,7]],[]]`},
					"CONNECT": {"x": `[[["a.rest",2,6,7,0,7]],[]]`},
				}},
			],
			"by_length": [[], [0], [1]],
			"longer": [1],
		},
		"apis": {"orders": {
			"shapes": [{"literals": [0, 2], "places": {"GET": {"y/z": `[[["b.own",1,6,7,1,4]],[]]`}}}],
			"by_length": [[], [], [], [0]],
			"longer": [],
		}},
		"methods": {
			"CONNECT": ["CONNECT"], "DELETE": ["ANY"], "GET": ["ANY", "GET"], "HEAD": ["ANY"], "OPTIONS": ["ANY"],
			"PATCH": ["ANY"], "POST": ["ANY"], "PUT": ["ANY"],
		},
		"forms": [
			{"around": ["/", ""], "params": {}, "tail": {}, "where": {}},
			{"around": ["/", "/{id}/", ""], "params": {"id": 1}, "tail": {}, "where": {"id": "sub"}},
			{"around": ["/", "/{rest+}"], "params": {}, "tail": {"rest": 1}, "where": {}},
		],
		"lists": [["ANY", "CONNECT"], ["GET"], ["c", "d"], ["c"], ["orders"], ["r", "s"], ["r"], []],
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
				"rest": {"roles": {"r"}, "verbs": {"ANY", "CONNECT"}, "path": "/x/{rest+}"},
			},
			"denials": {"no": {"verbs": {"GET"}, "path": "/x", "unless": {"c"}}},
		},
		"b": {"grants": {
			"two": {"roles": {"r"}, "verbs": {"GET"}, "path": "/x", "when": {"d", "c"}},
			"own": {"api": {"orders"}, "roles": {"r"}, "verbs": {"GET"}, "path": "/y/{id}/z", "where": {"id": "sub"}},
		}},
	}
}

test_an_empty_policy_has_an_index if {
	index.compiled.all == _nothing with data.access as {}
}

test_public_rules_are_not_in_the_index if {
	index.compiled.all == _nothing with data.access as _public
	index.compiled.apis == {} with data.access as _public
}

_nothing := {"shapes": [], "by_length": [[]], "longer": []}

_public := {"a": {"public": {"it": {"verbs": {"GET"}, "path": "/x"}}}}

test_a_role_may_be_called_grants if {
	index.compiled.all == _nothing with data.access as {"roles": {"grants": {"groups": {"G"}}}}
}

test_the_root_is_a_path_without_literals if {
	access := {"a": {"grants": {"root": {"roles": {"r"}, "verbs": {"GET"}, "path": "/"}}}}
	index.compiled.all.shapes[0].places == {"GET": {"": `[[["a.root",0,1,2,0,2]],[]]`}} with data.access as access
	index.compiled.forms[0].around == ["/"] with data.access as access
}

test_rules_for_named_apis_are_listed_by_api[name] if {
	some name, case in {
		"all": {"a.all"},
		"orders": {"a.one", "a.two", "a.no"},
		"billing": {"a.two"},
	}

	compiled := index.compiled with data.access as {"a": {
		"grants": {
			"all": {"roles": {"r"}, "verbs": {"GET"}, "path": "/x"},
			"one": {"api": {"orders"}, "roles": {"r"}, "verbs": {"GET"}, "path": "/x"},
			"two": {"api": {"orders", "billing"}, "roles": {"r"}, "verbs": {"GET"}, "path": "/x"},
		},
		"denials": {"no": {"api": {"orders"}, "verbs": {"GET"}, "path": "/x"}},
	}}
	table := object.union({"all": compiled.all}, compiled.apis)[name]
	place := json.unmarshal(table.shapes[0].places.GET.x)
	{rule[0] | some rules in place; some rule in rules} == case
}
