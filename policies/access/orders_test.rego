package access_test.orders

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"a customer reads her own orders": {"who": _customer, "path": "/customers/42/orders", "effect": "allow"},
		"a customer reads someone else's": {"who": _customer, "path": "/customers/43/orders", "effect": "deny"},
		"a customer without a customer id reads none": {"groups": ["Customers"], "path": "/customers/42/orders", "effect": "deny"},
		"a customer id that is a number opens nothing": {
			"groups": ["Customers"], "claims": {"custom:customer_id": 42},
			"path": "/customers/42/orders",
			"effect": "deny",
		},
		"support reads anyone's": {"who": _support, "path": "/customers/43/orders", "effect": "allow"},
		"support reads an order": {"who": _support, "path": "/orders/7", "effect": "allow"},
		"support refunds soon after signing in": {"who": _support, "method": "POST", "path": "/orders/7/refunds", "effect": "allow"},
		"support does not refund an hour later": {
			"who": _support, "now_s": 1003600,
			"method": "POST", "path": "/orders/7/refunds",
			"effect": "deny",
		},
		"support does not refund without a time of signing in": {
			"groups": ["Support"],
			"method": "POST", "path": "/orders/7/refunds",
			"effect": "deny",
		},
		"the support desk's client reads an order": {
			"kind": "machine", "scopes": ["orders/support"],
			"path": "/orders/7",
			"effect": "allow",
		},
		"a user does not gain what her client may": {"scopes": ["orders/support"], "path": "/orders/7", "effect": "deny"},
		"an auditor reads any customer's orders": {"who": _auditor, "path": "/customers/43/orders", "effect": "allow"},
		"an auditor reads a refund": {"who": _auditor, "path": "/orders/7/refunds/1", "effect": "allow"},
		"an auditor refunds nothing": {"who": _auditor, "method": "POST", "path": "/orders/7/refunds", "effect": "deny"},
		"a department that looks like two has no effect": {
			"claims": {"custom:department": "[Ops, Audit], Audit]"},
			"path": "/orders/7",
			"effect": "deny",
		},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}

_customer := {"groups": ["Customers"], "claims": {"custom:customer_id": "42"}}

_support := {"groups": ["Support"], "claims": {"auth_time": 999990}}

_auditor := {"claims": {"custom:department": "[Audit, Ops]"}}
