package engine_test

import data.engine

test_status_of_grants[name] if {
	some name, case in {
		"granted, if a role is held": {"grant": "shop.edit", "status": "granted"},
		"not held, if none is": {"grant": "shop.edit", "groups": ["Readers"], "status": "not_held"},
		"conditional, if it has conditions": {"grant": "shop.rebate", "status": "conditional"},
		"not held, if it has conditions and no role": {"grant": "shop.rebate", "groups": [], "status": "not_held"},
		"granted, if all claims are there": {
			"grant": "shop.own", "claims": {"sub": "u", "custom:cart": "c"},
			"status": "granted",
		},
		"not held, if a claim is missing": {"grant": "shop.own", "claims": {"sub": "u"}, "status": "not_held"},
	}

	found := engine.entitlements.grants[case.grant] with input as _input(case) with data.access as _policy
	found.status == case.status
}

test_status_of_denials[name] if {
	some name, case in {
		"denied, if it is for everyone": {"denial": "shop.secret", "status": "denied"},
		"conditional, if conditions lift it": {"denial": "shop.frozen", "status": "conditional"},
		"denied, if its role is held": {"denial": "shop.hidden", "status": "denied"},
		"not held, if it is not": {"denial": "shop.hidden", "groups": [], "status": "not_held"},
	}

	found := engine.entitlements.denials[case.denial] with input as _input(case) with data.access as _policy
	found.status == case.status
}

test_whole_entitlements if {
	engine.entitlements == {
		"roles": ["authenticated"],
		"grants": {"a.own": {
			"verbs": ["GET"],
			"path": "/users/{user}",
			"where": {"user": "u"},
			"conditions": ["fresh"],
			"unmet": ["fresh"],
			"status": "conditional",
		}},
		"denials": {"a.late": {
			"verbs": ["PUT"],
			"path": "/late",
			"conditions": [],
			"unmet": [],
			"status": "denied",
		}},
	} with input as {"principal": {"claims": {"sub": "u"}}} with data.access as {"a": {
		"grants": {"own": {
			"roles": {"authenticated"}, "verbs": {"GET"},
			"path": "/users/{user}", "where": {"user": "sub"}, "when": {"fresh"},
		}},
		"denials": {"late": {"verbs": {"PUT"}, "path": "/late"}},
	}}
}

test_unmet_conditions[name] if {
	some name, case in {
		"of a grant": {"found": engine.entitlements.grants["shop.rebate"], "unmet": ["absent", "odd"]},
		"of a grant, all true": {"found": engine.entitlements.grants["shop.refund"], "unmet": []},
		"of a grant without any": {"found": engine.entitlements.grants["shop.edit"], "unmet": []},
		"of a denial": {"found": engine.entitlements.denials["shop.frozen"], "unmet": ["absent"]},
		"of a denial, all true": {"found": engine.entitlements.denials["shop.freeze"], "unmet": []},
	} with input as _input({}) with data.access as _policy

	case.found.unmet == case.unmet
}

test_without_a_principal_nothing_is_held if {
	found := engine.entitlements with input as {} with data.access as _policy
	found.roles == []
	{grant.status | some grant in found.grants} == {"not_held"}
}
