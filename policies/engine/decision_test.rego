package engine_test

import data.engine

test_whole_decision[name] if {
	some name, case in {
		"an allow names its grants and their parameters": {"path": "/files/a/b", "decision": {
			"effect": "allow",
			"grants": ["shop.files"],
			"params": {"shop.files": {"path": "a/b"}},
			"roles": ["authenticated", "editor", "reader"],
		}},
		"a grant without parameters has none": {"decision": {
			"effect": "allow",
			"grants": ["shop.list"],
			"params": {"shop.list": {}},
			"roles": ["authenticated", "editor", "reader"],
		}},
		"no grant names this method and path": {"path": "/nowhere", "decision": {
			"effect": "deny",
			"reasons": ["grant.none"],
			"denials": [],
			"unmet": {},
			"roles": ["authenticated", "editor", "reader"],
		}},
		"a denial is the only reason": {"path": "/files/secret/a", "decision": {
			"effect": "deny",
			"reasons": ["denial"],
			"denials": ["shop.secret"],
			"unmet": {},
			"roles": ["authenticated", "editor", "reader"],
		}},
		"a condition that is unmet is named": {"method": "POST", "path": "/rebates", "decision": {
			"effect": "deny",
			"reasons": ["condition.unmet"],
			"denials": [],
			"unmet": {"shop.rebate": ["absent", "odd"]},
			"roles": ["authenticated", "editor", "reader"],
		}},
		"the role comes before all else": {"method": "POST", "path": "/rebates", "groups": [], "decision": {
			"effect": "deny",
			"reasons": ["role.missing"],
			"denials": [],
			"unmet": {},
			"roles": ["authenticated"],
		}},
	}

	engine.decision == case.decision with input as _input(case) with data.access as _policy
}

test_effect[name] if {
	some name, case in {
		"the root has no segments": {"path": "/", "names": ["shop.root"]},
		"a trailing slash is another path": {"path": "/items/", "reasons": ["grant.none"]},
		"a path without its slash matches nothing": {"path": "items", "reasons": ["grant.none"]},
		"an empty path matches nothing": {"path": "", "reasons": ["grant.none"]},
		"a path that is not a string matches nothing": {"path": 7, "reasons": ["grant.none"]},
		"a parameter is never empty": {"path": "/items//preview", "reasons": ["grant.none"]},
		"a parameter is one segment": {"path": "/items/a/b", "reasons": ["grant.none"]},
		"a greedy parameter needs one segment": {"path": "/files", "reasons": ["grant.none"]},
		"a greedy parameter may have more segments than any template": {"path": "/files/a/b/c/d/e/f/g/h", "names": ["shop.files"]},
		"a greedy parameter has no empty segment": {"path": "/files/a//b", "reasons": ["grant.none"]},
		"a greedy template is not a literal with a plus": {"path": "/files+", "reasons": ["role.missing"]},
		"a literal with a plus is not greedy": {
			"path": "/files+",
			"claims": {"custom:department": "Audit"},
			"names": ["shop.plus"],
		},
		"a method is not another": {"method": "POST", "reasons": ["grant.none"]},
		"a method in lower case matches nothing": {"method": "get", "reasons": ["grant.none"]},
		"HEAD is not GET": {"method": "HEAD", "reasons": ["grant.none"]},
		"ANY is every HTTP method": {"method": "OPTIONS", "path": "/items/7", "names": ["shop.edit"]},
		"ANY is not CONNECT": {"method": "CONNECT", "path": "/items/7", "reasons": ["grant.none"]},
		"a WebSocket connects": {"method": "CONNECT", "path": "/", "names": ["shop.connect"]},
		"a role is included": {"path": "/files/a", "groups": ["Staff"], "names": ["shop.files"]},
		"everybody who is authenticated": {"path": "/items/7/preview", "groups": [], "names": ["shop.peek"]},
		"where holds for all its parameters": {
			"path": "/users/u/carts/c",
			"claims": {"sub": "u", "custom:cart": "c"},
			"names": ["shop.own"],
		},
		"where fails for one": {
			"path": "/users/u/carts/d",
			"claims": {"sub": "u", "custom:cart": "c"},
			"reasons": ["where.mismatch"],
		},
		"where fails for a claim that is missing": {
			"path": "/users/u/carts/c",
			"claims": {"sub": "u"},
			"reasons": ["where.mismatch"],
		},
		"where fails for a claim that is not a string": {
			"path": "/users/u/carts/7",
			"claims": {"sub": "u", "custom:cart": 7},
			"reasons": ["where.mismatch"],
		},
		"a condition that is true": {"method": "POST", "path": "/refunds", "names": ["shop.refund"]},
		"a denial is lifted when all its conditions are true": {"method": "PUT", "path": "/items/7", "names": ["shop.edit"]},
		"a denial applies when one of its conditions is not true": {"method": "DELETE", "path": "/items/7", "reasons": ["denial"]},
		"a denial for a role applies to its holders": {"path": "/files/hidden/a", "reasons": ["denial"]},
		"a denial for a role does not apply to others": {
			"path": "/files/hidden/a",
			"groups": ["Readers"],
			"names": ["shop.files"],
		},
		"a star in a path is a star": {"path": "/*", "reasons": ["grant.none"]},
	}

	decision := engine.decision with input as _input(case) with data.access as _policy
	object.get(decision, "grants", []) == object.get(case, "names", [])
	object.get(decision, "reasons", []) == object.get(case, "reasons", [])
}

test_ambiguous_request[name] if {
	some name, case in {
		"a condition of a grant that reads a repeated field is not true": {
			"request": {"method": "POST", "path": "/refunds", "ambiguous": {"headers.x-tenant": ["fresh"]}},
			"effect": "deny", "reasons": ["condition.unmet", "request.ambiguous"], "unmet": {"shop.refund": ["fresh"]},
		},
		"a denial stays if its condition reads a repeated field": {
			"request": {"method": "PUT", "path": "/items/7", "ambiguous": {"query.page": ["fresh"]}},
			"effect": "deny", "reasons": ["denial", "request.ambiguous"], "unmet": {},
		},
		"a condition that another denies is not ambiguous": {
			"request": {"method": "POST", "path": "/rebates", "ambiguous": {"query.page": ["other"]}},
			"effect": "deny", "reasons": ["condition.unmet"], "unmet": {"shop.rebate": ["absent", "odd"]},
		},
		"a denial for other reasons is not ambiguous": {
			"request": {"method": "PUT", "path": "/files/secret/a", "ambiguous": {"query.page": ["fresh"]}},
			"effect": "deny", "reasons": ["denial"], "unmet": {},
		},
	}

	decision := engine.decision with input as object.union(_input({}), {"request": case.request}) with data.access as _policy
	every key in ["effect", "reasons", "unmet"] { decision[key] == case[key] }
}

test_a_condition_of_another_field_is_true_of_an_ambiguous_request if {
	request := {"method": "POST", "path": "/refunds", "ambiguous": {"headers.x-tenant": ["other"]}}
	decision := engine.decision with input as object.union(_input({}), {"request": request}) with data.access as _policy
	decision.effect == "allow"
}

test_without_a_principal_no_role_is_held if {
	request := {"method": "GET", "path": "/items/7/preview"}
	decision := engine.decision with input as {"request": request} with data.access as _policy
	decision.roles == []
	decision.reasons == ["role.missing"]
}

test_denials_concern_whoever_is_not_authenticated_too if {
	request := {"method": "GET", "path": "/files/secret/a"}
	decision := engine.decision with input as {"request": request} with data.access as _policy
	decision.reasons == ["denial"]
}

test_without_a_request_nothing_is_granted if {
	decision := engine.decision with input as {"principal": {}} with data.access as _policy
	decision.reasons == ["grant.none"]
}

test_without_an_index_there_is_no_decision if {
	not engine.decision with input as _input({}) with data.engine.index as {}
}
