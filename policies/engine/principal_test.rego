package engine_test

import data.engine.principal

test_roles[name] if {
	some name, case in {
		"no group, no role but the built-in one": {"groups": [], "roles": {"authenticated"}},
		"a group": {"groups": ["Readers"], "roles": {"authenticated", "reader"}},
		"roles of all groups": {"groups": ["Readers", "Staff"], "roles": {"authenticated", "editor", "reader"}},
		"an unknown group": {"groups": ["Strangers"], "roles": {"authenticated"}},
		"groups as a string": {"groups": "Readers", "roles": {"authenticated"}},
		"groups as an object": {"groups": {"0": "Readers"}, "roles": {"authenticated"}},
		"groups in a list of lists": {"groups": [["Readers"]], "roles": {"authenticated"}},
		"groups with odd items": {"groups": [1, null, "Readers"], "roles": {"authenticated", "reader"}},
		"a scope of a machine": {
			"kind": "machine", "claims": {"scope": "a shop/edit"},
			"roles": {"authenticated", "editor", "reader"},
		},
		"a scope of a user": {"claims": {"scope": "shop/edit"}, "roles": {"authenticated"}},
		"scopes as a list": {"kind": "machine", "claims": {"scope": ["shop/edit"]}, "roles": {"authenticated"}},
		"scopes with a tab between": {"kind": "machine", "claims": {"scope": "a\tshop/edit"}, "roles": {"authenticated"}},
		"a claim": {"claims": {"level": "7"}, "roles": {"auditor", "authenticated"}},
		"a claim of another type": {"claims": {"level": 7}, "roles": {"authenticated"}},
		"a role of Cognito": {
			"claims": {"cognito:roles": ["arn:aws:iam::111122223333:role/Operator"]},
			"roles": {"authenticated", "operator"},
		},
		"a multi-valued SAML attribute": {
			"claims": {"custom:department": "[Ops, R%26D]"},
			"roles": {"auditor", "authenticated"},
		},
		"a group of an issuer that the role is tied to": {
			"issuer_name": "q", "groups": ["Partners"],
			"roles": {"authenticated", "partner", "reader"},
		},
		"a claim of such an issuer": {
			"issuer_name": "p", "claims": {"level": "9"},
			"roles": {"authenticated", "partner", "reader"},
		},
		"a scope of such an issuer": {
			"issuer_name": "p", "kind": "machine", "claims": {"scope": "shop/sell"},
			"roles": {"authenticated", "partner", "reader"},
		},
		"a group of another issuer": {"issuer_name": "r", "groups": ["Partners"], "roles": {"authenticated"}},
		"a group of an issuer without a name": {"groups": ["Partners"], "roles": {"authenticated"}},
		"a name that is not a string": {"issuer_name": ["p"], "groups": ["Partners"], "roles": {"authenticated"}},
		"an empty name": {"issuer_name": "", "groups": ["Partners"], "roles": {"authenticated"}},
		"a role that is not tied, beside one that is": {
			"issuer_name": "p", "groups": ["Partners", "Staff"],
			"roles": {"authenticated", "editor", "partner", "reader"},
		},
		"claims that are not an object": {"claims": "level", "roles": {"authenticated"}},
	}

	principal.roles == case.roles with input as _input(case) with data.access as _policy
}

test_roles_by_kind[name] if {
	some name, case in {
		"a user": {"principal": {"kind": "user"}, "roles": {"authenticated", "buyer", "person"}},
		"a machine": {"principal": {"kind": "machine"}, "roles": {"actor", "authenticated"}},
		"neither": {"principal": {"claims": {}}, "roles": {"authenticated"}},
		"another kind": {"principal": {"kind": "robot"}, "roles": {"authenticated"}},
		"a list of kinds": {"principal": {"kind": ["user"]}, "roles": {"authenticated"}},
	}

	roles := {
		"person": {"kinds": {"user"}, "includes": {"buyer"}},
		"buyer": {"groups": {"Buyers"}},
		"actor": {"kinds": {"machine"}},
	}
	principal.roles == case.roles with input as {"principal": case.principal} with data.access as {"roles": roles}
}

test_a_principal_that_is_not_an_object_holds_no_role if {
	principal.roles == set() with input as {"principal": "admin"} with data.access as _policy
}

# A principal without `kind` is neither a user nor a machine.
test_a_principal_without_kind_has_no_scopes if {
	principal.roles == {"authenticated"} with input as {"principal": {"claims": {"scope": "shop/edit"}}}
		with data.access as _policy
}
