package engine_test

import data.engine.caller

test_has_role[name] if {
	some name, case in {
		"a role by a group": {"groups": ["Readers"], "role": "reader"},
		"a role that another one includes": {"groups": ["Staff"], "role": "reader"},
		"a role by a claim": {"claims": {"custom:department": "[Ops, Audit]"}, "role": "auditor"},
		"the role that every principal holds": {"groups": [], "role": "authenticated"},
	}

	caller.has_role(case.role) with input as _input(case) with data.access as _policy
}

test_has_no_role[name] if {
	some name, case in {
		"without the group": {"input": _input({"groups": []}), "role": "reader"},
		"without claims": {"input": {"principal": {}}, "role": "auditor"},
		"without a principal": {"input": {}, "role": "authenticated"},
		"a role that does not exist": {"input": _input({}), "role": "redaer"},
	}

	not caller.has_role(case.role) with input as case.input with data.access as _policy
}

test_values[name] if {
	some name, case in {
		"a string": {"claims": {"a": "x"}, "values": {"x"}},
		"an array": {"claims": {"a": ["x", 1, "", null, "y"]}, "values": {"x", "y"}},
		"Cognito's list": {"claim": "custom:a", "claims": {"custom:a": "[x, R%26D]"}, "values": {"x", "R&D"}},
		"groups": {"claim": "cognito:groups", "claims": {"cognito:groups": ["x", "y"]}, "values": {"x", "y"}},
		"scopes of a machine": {
			"kind": "machine", "claim": "scope",
			"claims": {"scope": "a/x  b/y"},
			"values": {"a/x", "b/y"},
		},
		"roles of Cognito": {
			"claim": "cognito:roles",
			"claims": {"cognito:roles": "arn:aws:iam::1:role/a,arn:aws:iam::1:role/b"},
			"values": {"arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"},
		},
	}

	caller.values(object.get(case, "claim", "a")) == case.values with input as _input(case)
}

test_no_values[name] if {
	some name, case in {
		"a missing claim": {"claims": {}},
		"null": {"claims": {"a": null}},
		"a number": {"claims": {"a": 7}},
		"an object": {"claims": {"a": {"x": "x"}}},
		"an empty string": {"claims": {"a": ""}},
		"an empty array": {"claims": {"a": []}},
		"an array of empty values": {"claims": {"a": ["", null]}},
		"two values that could be one": {"claim": "custom:a", "claims": {"custom:a": "[x, y], z]"}},
		"groups as a string": {"claim": "cognito:groups", "claims": {"cognito:groups": "x"}},
		"scopes of a user": {"claim": "scope", "claims": {"scope": "a/x"}},
		"scopes as a list": {"kind": "machine", "claim": "scope", "claims": {"scope": ["a/x"]}},
		"claims that are not an object": {"claims": "a"},
	}

	not caller.values(object.get(case, "claim", "a")) with input as _input(case)
}
