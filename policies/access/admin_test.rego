package access_test.admin

import data.engine

test_decision[name] if {
	some name, case in {
		"an administrator opens the administration": {"path": "/admin", "effect": "allow"},
		"an administrator changes users": {"method": "DELETE", "path": "/admin/users/7", "effect": "allow"},
		"a user without the group does not": {"path": "/admin/users/7", "claims": {}, "effect": "deny"},
		"a group of almost that name does not": {"path": "/admin", "claims": {"cognito:groups": ["admins"]}, "effect": "deny"},
		"an operator reads the status": {"path": "/admin/status", "claims": _operator, "effect": "allow"},
		"an operator restarts nothing": {"method": "POST", "path": "/admin/status", "claims": _operator, "effect": "deny"},
		"the ledger is read from anywhere": {"path": "/admin/ledger/2024", "source_ip": "198.51.100.9", "effect": "allow"},
		"the ledger changes from the office": {"method": "PUT", "path": "/admin/ledger/2024", "effect": "allow"},
		"the ledger does not change from outside": {
			"method": "PUT", "path": "/admin/ledger/2024", "source_ip": "198.51.100.9",
			"effect": "deny",
		},
		"the ledger does not change from nowhere": {
			"method": "DELETE", "path": "/admin/ledger/2024", "source_ip": null,
			"effect": "deny",
		},
	}

	engine.decision.effect == case.effect with input as _input(case)
}

_operator := {"cognito:roles": "arn:aws:iam::111122223333:role/ApiOperator"}

_input(case) := {
	"principal": {"claims": object.get(case, "claims", {"cognito:groups": ["Admins"]})},
	"request": {
		"method": object.get(case, "method", "GET"),
		"path": case.path,
		"source_ip": object.get(case, "source_ip", "203.0.113.7"),
	},
}
