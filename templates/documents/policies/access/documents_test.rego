package access_test.documents

import data.engine
import data.engine.testing

test_decision[name] if {
	some name, case in {
		"a member lists documents": {"who": _member, "path": "/documents", "effect": "allow"},
		"a member reads a document": {"who": _member, "path": "/documents/7", "effect": "allow"},
		"a member hands in nothing": {"who": _member, "method": "POST", "path": "/documents", "effect": "deny"},
		"a member deletes nothing": {"who": _member, "method": "DELETE", "path": "/documents/7", "effect": "deny"},
		"an editor reads a document": {"who": _editor, "path": "/documents/7", "effect": "allow"},
		"an editor hands in a document": {"who": _editor, "method": "POST", "path": "/documents", "effect": "allow"},
		"an editor deletes a document": {"who": _editor, "method": "DELETE", "path": "/documents/7", "effect": "allow"},
		"an editor deletes nothing an hour later": {
			"who": _editor, "now_s": 1003600,
			"method": "DELETE", "path": "/documents/7",
			"effect": "deny",
		},
		"an editor without a time of signing in deletes nothing": {
			"groups": ["Editors"],
			"method": "DELETE", "path": "/documents/7",
			"effect": "deny",
		},
		"an importer hands in a document": {"who": _importer, "method": "POST", "path": "/documents", "effect": "allow"},
		"an importer reads nothing": {"who": _importer, "path": "/documents", "effect": "deny"},
		"a user without groups lists nothing": {"path": "/documents", "effect": "deny"},
		"whoever is not signed in lists nothing": {"who": null, "path": "/documents", "effect": "deny"},
	}

	engine.decision.effect == case.effect with input as testing.input_for(case)
}

_member := {"groups": ["Members"]}

_editor := {"groups": ["Editors"], "claims": {"auth_time": 999990}}

_importer := {"kind": "machine", "scopes": ["documents/import"]}
