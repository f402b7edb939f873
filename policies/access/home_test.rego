package access_test.home

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"a user without groups sees the home page": {"path": "/home", "effect": "allow"},
		"a machine does not see the home page": {"kind": "machine", "path": "/home", "effect": "deny"},
		"nor does a principal who may be either": {"kind": null, "path": "/home", "effect": "deny"},
		"the home page is not changed": {"method": "PUT", "path": "/home", "effect": "deny"},
		"nothing below the home page is granted": {"path": "/home/x", "effect": "deny"},
		"whoever is not signed in sees nothing": {"who": null, "path": "/home", "effect": "deny"},
		"a user without groups asks who she is": {"path": "/vtl/whoami", "effect": "allow"},
		"a machine does not ask who it is": {"kind": "machine", "path": "/vtl/whoami", "effect": "deny"},
		"whoever is not signed in is nobody": {"who": null, "path": "/vtl/whoami", "effect": "deny"},
		"a user without groups opens a WebSocket": {"method": "CONNECT", "path": "/", "effect": "allow"},
		"a machine opens no WebSocket": {"kind": "machine", "method": "CONNECT", "path": "/", "effect": "deny"},
		"whoever is not signed in opens none": {"who": null, "method": "CONNECT", "path": "/", "effect": "deny"},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}
