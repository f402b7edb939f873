package engine_test

import data.engine.claims

test_claim_strings[name] if {
	some name, case in {
		"a string is one value": {"value": "Audit", "strings": {"Audit"}},
		"a string with commas is one value": {"value": "a, b", "strings": {"a, b"}},
		"an array gives its strings, whole": {"value": ["[a, b]", 1, null, ["c"]], "strings": {"[a, b]"}},
		"two values": {"value": "[Audit, Ops]", "strings": {"Audit", "Ops"}},
		"one value in brackets": {"value": "[Audit]", "strings": {"Audit"}},
		"form-decoded after splitting": {"value": "[R%26D, a%2C+b]", "strings": {"R&D", "a, b"}},
		"brackets elsewhere than in a custom attribute": {"claim": "department", "value": "[a, b]", "strings": {"[a, b]"}},
		"an opening bracket only": {"value": "[a, b", "strings": {"[a, b"}},
		"a closing bracket only": {"value": "a, b]", "strings": {"a, b]"}},
		"a JSON list": {"value": `["Audit","Ops"]`, "strings": {"Audit", "Ops"}},
		"a JSON list with spaces between": {"value": `["Audit", "R&D, all"]`, "strings": {"Audit", "R&D, all"}},
		"a JSON list of one": {"value": `["R%26D"]`, "strings": {"R%26D"}},
		"a JSON list in any claim": {"claim": "department", "value": `["a","b"]`, "strings": {"a", "b"}},
		"roles of Cognito as a string": {
			"claim": "cognito:roles",
			"value": "arn:aws:iam::1:role/a,arn:aws:iam::1:role/b",
			"strings": {"arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"},
		},
		"a comma in a role's name": {
			"claim": "cognito:roles",
			"value": "arn:aws:iam::1:role/a,b",
			"strings": {"arn:aws:iam::1:role/a,b"},
		},
		"roles of Cognito as an array": {
			"claim": "cognito:roles",
			"value": ["arn:aws:iam::1:role/a,b"],
			"strings": {"arn:aws:iam::1:role/a,b"},
		},
	}

	claims.strings(object.get(case, "claim", "custom:department"), case.value) == case.strings
}

test_claim_without_strings[name] if {
	some name, value in {
		"a number": 7,
		"null": null,
		"true": true,
		"an object": {"0": "Audit"},
		"an empty list": "[]",
		"an empty item": "[Audit, , Ops]",
		"a value that closes the list": "[x, Admins], Admins]",
		"a value that opens one": "[[Audit]",
		"a comma without its space": "[Audit,Ops]",
		"a comma with two": "[Audit,  Ops]",
		"an outer space": "[ Audit, Ops]", "an outer line end": "[x\n, Admins]",
		"a quote": `[x", Audit]`,
		"a backslash": `[x\, Audit]`,
		"a broken escape": "[R%2, Audit]",
	}

	not claims.strings("custom:department", value)
}

test_json_that_is_no_list_of_strings[name] if {
	some name, value in {
		"an empty item": `["Audit",""]`,
		"no item": `[""]`,
		"an escape": `["Audit\u0000","Ops"]`,
		"an escaped quote": `["x\",\"Admins"]`,
		"two kinds of separators": `["Audit","Ops", "R&D"]`,
		"a list in a list": `["Audit",["Ops"],"R&D"]`,
		"a number": `["Audit",7,"Ops"]`,
		"two lists": `["Audit"],["Ops"]`,
		"a line end": concat("", [`["Audit`, "\n", `","Ops"]`]),
		"a quote alone": `["]`,
	}

	not claims.strings("custom:department", value)
	not claims.strings("department", value)
}

test_roles_of_cognito_that_do_not_start_as_an_arn_are_none if {
	not claims.strings("cognito:roles", "x,arn:aws:iam::1:role/a")
}
