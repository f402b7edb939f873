package access_test.home

import data.engine

test_decision[name] if {
	some name, case in {
		"a user without groups sees the home page": {"path": "/home", "allowed": true},
		"the home page is not changed": {"path": "/home", "method": "PUT", "allowed": false},
		"nothing below the home page is granted": {"path": "/home/x", "allowed": false},
		"whoever is not signed in sees nothing": {"path": "/home", "principal": null, "allowed": false},
		"a user without groups asks who she is": {"path": "/vtl/whoami", "allowed": true},
		"whoever is not signed in is nobody": {"path": "/vtl/whoami", "principal": null, "allowed": false},
		"a user without groups opens a WebSocket": {"path": "/", "method": "CONNECT", "allowed": true},
		"whoever is not signed in opens none": {"path": "/", "method": "CONNECT", "principal": null, "allowed": false},
	}

	request := {"method": object.get(case, "method", "GET"), "path": case.path}
	principal := object.get(case, "principal", {"claims": {}})
	allowed := engine.decision.effect == "allow" with input as {"principal": principal, "request": request}
	allowed == case.allowed
}
