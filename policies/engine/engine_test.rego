# The builder of this package: a small policy, and an input with the changes of a case.
package engine_test

_policy := {
	"roles": {
		"reader": {"groups": {"Readers"}},
		"editor": {"groups": {"Editors", "Staff"}, "scopes": {"shop/edit"}, "includes": {"reader"}},
		"auditor": {"claims": {"custom:department": {"Audit", "R&D"}, "level": {"7"}}},
		"partner": {"groups": {"Partners"}, "scopes": {"shop/sell"}, "claims": {"level": {"9"}}, "issuers": {"p", "q"}, "includes": {"reader"}},
		"operator": {"claims": {"cognito:roles": {"arn:aws:iam::111122223333:role/Operator"}}},
	},
	"conditions": {"fresh": true, "odd": "yes"},
	"shop": {
		"grants": {
			"root": {"roles": {"reader"}, "verbs": {"GET"}, "path": "/"},
			"list": {"roles": {"reader"}, "verbs": {"GET"}, "path": "/items"},
			"edit": {"roles": {"editor"}, "verbs": {"ANY"}, "path": "/items/{item}"},
			"peek": {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/items/{item}/preview"},
			"files": {"roles": {"reader"}, "verbs": {"GET"}, "path": "/files/{path+}"},
			"plus": {"roles": {"auditor"}, "verbs": {"GET"}, "path": "/files+"},
			"own": {
				"roles": {"authenticated"},
				"verbs": {"GET"},
				"path": "/users/{user}/carts/{cart}",
				"where": {"user": "sub", "cart": "custom:cart"},
			},
			"refund": {"roles": {"editor"}, "verbs": {"POST"}, "path": "/refunds", "when": {"fresh"}},
			"rebate": {"roles": {"editor"}, "verbs": {"POST"}, "path": "/rebates", "when": {"fresh", "odd", "absent"}},
			"connect": {"roles": {"reader"}, "verbs": {"CONNECT"}, "path": "/"},
		},
		"denials": {
			"freeze": {"verbs": {"PUT"}, "path": "/items/{item}", "unless": {"fresh"}},
			"frozen": {"verbs": {"DELETE"}, "path": "/items/{item}", "unless": {"fresh", "absent"}},
			"hidden": {"roles": {"editor"}, "verbs": {"GET"}, "path": "/files/hidden/{path+}"},
			"secret": {"verbs": {"ANY"}, "path": "/files/secret/{path+}"},
		},
	},
}

_input(case) := {
	"principal": object.union(
		{
			"kind": object.get(case, "kind", "user"),
			"claims": object.get(case, "claims", {"cognito:groups": object.get(case, "groups", ["Editors"])}),
		},
		{"issuer_name": case.issuer_name | case.issuer_name},
	),
	"request": {"method": object.get(case, "method", "GET"), "path": object.get(case, "path", "/items")},
}
