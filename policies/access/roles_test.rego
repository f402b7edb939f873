# The effect of each role alone on each route, so that a grant which is opened to one more role fails a test.
package access_test.roles

import data.engine
import data.engine.testing

test_role_alone[name] if {
	some route, allowed in {
		["GET", "/home"]: object.keys(_principals),
		["GET", "/vtl/whoami"]: object.keys(_principals),
		["CONNECT", "/"]: object.keys(_principals),
		["GET", "/admin"]: {"admin"},
		["PUT", "/admin"]: {"admin"},
		["GET", "/admin/status"]: {"admin", "operator"},
		["DELETE", "/admin/status"]: {"admin"},
		["HEAD", "/admin/status"]: {"admin"},
		["OPTIONS", "/admin/status"]: {"admin"},
		["PATCH", "/admin/status"]: {"admin"},
		["PUT", "/admin/status"]: {"admin"},
		["GET", "/admin/users"]: {"admin"},
		["DELETE", "/admin/users/7"]: {"admin"},
		["GET", "/customers/42/orders"]: {"customer", "support", "auditor"},
		["GET", "/customers/43/orders"]: {"support", "auditor"},
		["GET", "/orders/7/refunds"]: {"support", "auditor"},
		["POST", "/orders/7/refunds"]: {"support"},
	}
	some who, principal in _principals
	[method, path] := route
	name := concat(" ", [who, method, path])
	request := object.union(principal, {"method": method, "path": path})
	engine.decision.effect == _effects[who in allowed] with input as testing.input_for(request)
}

# What no grant names is denied to everybody, who may have all roles together.
test_not_granted[name] if {
	some path, methods in {
		"/home": {"DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
		"/vtl/whoami": {"DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
		"/": {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
		"/customers/42/orders": {"DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
		"/orders/7": {"HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
		"/orders/7/refunds": {"DELETE", "HEAD", "OPTIONS", "PATCH", "PUT"},
		"/other": {"GET", "PUT"},
		"/other/7": {"GET", "PUT"},
		"/other/status": {"GET"},
		"/other/42/orders": {"GET"},
		"/customers/42/other": {"GET"},
		"/vtl/other": {"GET"},
		"/other/whoami": {"GET"},
		"/other/7/refunds": {"POST"},
		"/orders/7/other": {"POST"},
	}
	some method in methods
	name := concat(" ", [method, path])
	engine.decision.effect == "deny" with input as testing.input_for(object.union(_all, {"method": method, "path": path}))
}

_effects := {true: "allow", false: "deny"}

_principals := {
	"nobody": {"claims": _claims},
	"admin": {"groups": ["Admins"], "claims": _claims},
	"customer": {"groups": ["Customers"], "claims": _claims},
	"support": {"groups": ["Support"], "claims": _claims},
	"auditor": {"claims": object.union(_claims, {"custom:department": "Audit"})},
	"operator": {"claims": object.union(_claims, {"cognito:roles": _operator})},
}

_all := {
	"groups": ["Admins", "Customers", "Support"],
	"claims": object.union(_claims, {"custom:department": "Audit", "cognito:roles": _operator}),
}

# Claims that give no role.
_claims := {"custom:customer_id": "42", "auth_time": 999990}

_operator := "arn:aws:iam::111122223333:role/ApiOperator"
