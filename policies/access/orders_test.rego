package access_test.orders

import data.engine

test_decision[name] if {
	some name, case in {
		"a customer reads her own orders": {"path": "/customers/42/orders", "effect": "allow"},
		"a customer reads someone else's": {"path": "/customers/43/orders", "effect": "deny"},
		"a customer without a customer id reads none": {"path": "/customers/42/orders", "claims": {"cognito:groups": ["Customers"]}, "effect": "deny"},
		"a customer id that is a number opens nothing": {
			"path": "/customers/42/orders",
			"claims": {"cognito:groups": ["Customers"], "custom:customer_id": 42},
			"effect": "deny",
		},
		"support reads anyone's": {"path": "/customers/43/orders", "claims": _support, "effect": "allow"},
		"support reads an order": {"path": "/orders/7", "claims": _support, "effect": "allow"},
		"support refunds soon after signing in": {"method": "POST", "path": "/orders/7/refunds", "claims": _support, "effect": "allow"},
		"support does not refund an hour later": {"method": "POST", "path": "/orders/7/refunds", "claims": _support, "now_s": 3700, "effect": "deny"},
		"support does not refund without a time of signing in": {
			"method": "POST", "path": "/orders/7/refunds",
			"claims": {"cognito:groups": ["Support"]},
			"effect": "deny",
		},
		"the support desk's client reads an order": {
			"path": "/orders/7", "kind": "machine",
			"claims": {"scope": "orders/support"},
			"effect": "allow",
		},
		"a user does not gain what her client may": {
			"path": "/orders/7",
			"claims": {"scope": "orders/support"},
			"effect": "deny",
		},
		"an auditor reads any customer's orders": {"path": "/customers/43/orders", "claims": _auditor, "effect": "allow"},
		"an auditor reads a refund": {"path": "/orders/7/refunds/1", "claims": _auditor, "effect": "allow"},
		"an auditor refunds nothing": {"method": "POST", "path": "/orders/7/refunds", "claims": _auditor, "effect": "deny"},
		"a department that looks like two is none": {
			"path": "/orders/7",
			"claims": {"custom:department": "[Ops, Audit], Audit]"},
			"effect": "deny",
		},
	}

	engine.decision.effect == case.effect with input as _input(case)
}

_support := {"cognito:groups": ["Support"], "auth_time": 100}

_auditor := {"custom:department": "[Audit, Ops]"}

_input(case) := {
	"principal": {
		"kind": object.get(case, "kind", "user"),
		"claims": object.get(case, "claims", {"cognito:groups": ["Customers"], "custom:customer_id": "42"}),
	},
	"request": {"method": object.get(case, "method", "GET"), "path": case.path},
	"now_s": object.get(case, "now_s", 200),
}
