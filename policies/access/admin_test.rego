package access_test.admin

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"an administrator opens the administration": {"groups": ["Admins"], "path": "/admin", "effect": "allow"},
		"an administrator changes users": {"groups": ["Admins"], "method": "DELETE", "path": "/admin/users/7", "effect": "allow"},
		"a user without the group does not": {"path": "/admin/users/7", "effect": "deny"},
		"a group of almost that name does not": {"groups": ["admins"], "path": "/admin", "effect": "deny"},
		"an operator reads the status": {"who": _operator, "path": "/admin/status", "effect": "allow"},
		"an operator restarts nothing": {"who": _operator, "method": "POST", "path": "/admin/status", "effect": "deny"},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}

test_decision_on_the_ledger[name] if {
	some name, case in {
		"it is read from anywhere": {"source_ip": "198.51.100.9", "effect": "allow"},
		"it changes from the office": {"method": "PUT", "source_ip": "203.0.113.7", "effect": "allow"},
		"it does not change from outside": {"method": "PUT", "source_ip": "198.51.100.9", "effect": "deny"},
		"it does not change from nowhere": {"method": "DELETE", "source_ip": null, "effect": "deny"},
		"nor does what is further below": {"method": "PUT", "path": "/admin/ledger/2024/7", "effect": "deny"},
	}

	request := object.union({"groups": ["Admins"], "path": "/admin/ledger/2024"}, case)
	engine.decision.effect == case.effect with input as testing.input_for(request)
}

_operator := {"claims": {"cognito:roles": "arn:aws:iam::111122223333:role/ApiOperator"}}
