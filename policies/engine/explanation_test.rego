package engine_test

import data.engine

test_explanation[name] if {
	some name, case in {
		"of a denial and what it overrides": {
			"method": "DELETE", "path": "/items/7",
			"grants": {"shop.edit": {
				"outcome": "granted", "params": {"item": "7"},
				"roles": {"editor": true}, "where": {}, "when": {},
			}},
			"denials": {"shop.frozen": {
				"outcome": "denial", "params": {"item": "7"},
				"roles": {}, "unless": {"absent": false, "fresh": true},
			}},
		},
		"of a denial that is lifted": {
			"method": "PUT", "path": "/items/7",
			"grants": {"shop.edit": {
				"outcome": "granted", "params": {"item": "7"},
				"roles": {"editor": true}, "where": {}, "when": {},
			}},
			"denials": {"shop.freeze": {
				"outcome": "lifted", "params": {"item": "7"},
				"roles": {}, "unless": {"fresh": true},
			}},
		},
		"of a denial for others": {
			"path": "/files/hidden/a", "groups": ["Readers"],
			"grants": {"shop.files": {
				"outcome": "granted", "params": {"path": "hidden/a"},
				"roles": {"reader": true}, "where": {}, "when": {},
			}},
			"denials": {"shop.hidden": {
				"outcome": "role.missing", "params": {"path": "a"},
				"roles": {"editor": false}, "unless": {},
			}},
		},
		"of a claim that differs": {
			"path": "/users/u/carts/c", "claims": {"sub": "u"},
			"grants": {"shop.own": {
				"outcome": "where.mismatch", "params": {"cart": "c", "user": "u"},
				"roles": {"authenticated": true}, "where": {"cart": false, "user": true}, "when": {},
			}},
			"denials": {},
		},
		"of a role that is not held": {
			"path": "/files+", "claims": {"custom:department": "Ops"},
			"grants": {"shop.plus": {
				"outcome": "role.missing", "params": {},
				"roles": {"auditor": false}, "where": {}, "when": {},
			}},
			"denials": {},
		},
		"of conditions that are unmet": {
			"method": "POST", "path": "/rebates",
			"grants": {"shop.rebate": {
				"outcome": "condition.unmet", "params": {},
				"roles": {"editor": true}, "where": {}, "when": {"absent": false, "fresh": true, "odd": false},
			}},
			"denials": {},
		},
		"of conditions that no decision looks at, since the role is not held": {
			"method": "POST", "path": "/rebates", "groups": ["Readers"],
			"grants": {"shop.rebate": {
				"outcome": "role.missing", "params": {},
				"roles": {"editor": false}, "where": {}, "when": {"absent": false, "fresh": true, "odd": false},
			}},
			"denials": {},
		},
		"of a request that no grant matches": {"path": "/nowhere", "grants": {}, "denials": {}},
	}

	explanation := engine.explanation with input as _input(case) with data.access as _policy
	decision := engine.decision with input as _input(case) with data.access as _policy
	explanation == {"decision": decision, "grants": case.grants, "denials": case.denials}
}
