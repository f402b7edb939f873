package engine_test

import data.engine
import data.engine.testing

test_input_for[name] if {
	some name, case in {
		"a case with a path alone": {
			"case": {"path": "/home"},
			"principal": {"kind": "user", "claims": {}},
			"request": {"method": "GET", "path": "/home", "source_ip": "192.0.2.1"},
		},
		"every field of a request": {
			"case": {
				"method": "PUT", "path": "/a", "api_id": "b", "stage": "c", "source_ip": "203.0.113.7",
				"client_certificate": {"subject": "CN=h"}, "headers": {"d": ["e"]}, "query": {"f": ["g"]},
			},
			"principal": {"kind": "user", "claims": {}},
			"request": {
				"method": "PUT", "path": "/a", "api_id": "b", "stage": "c", "source_ip": "203.0.113.7",
				"client_certificate": {"subject": "CN=h"}, "headers": {"d": ["e"]}, "query": {"f": ["g"]},
			},
		},
		"every field of a principal": {
			"case": {
				"path": "/", "id": "u", "kind": "machine", "issuer": "i", "client_id": "c", "token_use": "access",
				"claims": {"sub": "u"},
			},
			"principal": {
				"id": "u", "kind": "machine", "issuer": "i", "client_id": "c", "token_use": "access",
				"claims": {"sub": "u"},
			},
			"request": {"method": "GET", "path": "/", "source_ip": "192.0.2.1"},
		},
		"null removes a field": {
			"case": {"path": "/", "method": null, "source_ip": null, "kind": null},
			"principal": {"claims": {}},
			"request": {"path": "/"},
		},
		"the keys of the test itself are in no input": {
			"case": {"path": "/", "effect": "allow", "principal": 7},
			"principal": {"kind": "user", "claims": {}},
			"request": {"method": "GET", "path": "/", "source_ip": "192.0.2.1"},
		},
	}

	testing.input_for(case.case) == {"principal": case.principal, "request": case.request, "now_s": 1000000}
}

test_claims_of_an_input[name] if {
	some name, case in {
		"groups": {"case": {"groups": ["A", "B"]}, "claims": {"cognito:groups": ["A", "B"]}},
		"groups as a set": {"case": {"groups": {"A"}}, "claims": {"cognito:groups": ["A"]}},
		"no group": {"case": {"groups": []}, "claims": {"cognito:groups": []}},
		"groups that null removes": {"case": {"who": {"groups": ["A"]}, "groups": null}, "claims": {}},
		"scopes": {"case": {"scopes": ["a/b", "c"]}, "claims": {"scope": "a/b c"}},
		"groups beside claims": {
			"case": {"groups": ["A"], "claims": {"sub": "u"}},
			"claims": {"cognito:groups": ["A"], "sub": "u"},
		},
		"a claim with the name of the groups claim": {
			"case": {"groups": ["A"], "claims": {"cognito:groups": "A"}},
			"claims": {"cognito:groups": "A"},
		},
		"fields of who": {"case": {"who": {"groups": ["A"]}}, "claims": {"cognito:groups": ["A"]}},
		"fields of the case besides those of who": {
			"case": {"who": {"groups": ["A"], "claims": {"sub": "u", "level": 1}}, "claims": {"level": 2}},
			"claims": {"cognito:groups": ["A"], "sub": "u", "level": 2},
		},
		"fields of the case override those of who": {
			"case": {"who": {"groups": ["A"]}, "groups": ["B"]},
			"claims": {"cognito:groups": ["B"]},
		},
		"a claim that is null": {"case": {"claims": {"sub": null}}, "claims": {"sub": null}},
	}

	testing.input_for(object.union({"path": "/"}, case.case)).principal.claims == case.claims
}

test_input_for_nobody if {
	testing.input_for({"path": "/", "who": null, "groups": ["A"]}) == {
		"request": {"method": "GET", "path": "/", "source_ip": "192.0.2.1"},
		"now_s": 1000000,
	}
}

test_input_at_another_time if testing.input_for({"path": "/", "now_s": 7}).now_s == 7

test_input_on_a_calendar if {
	calendar := {"Europe/Berlin": {"hour": 9, "weekday": "monday"}}
	testing.input_for({"path": "/", "calendar": calendar}).calendar == calendar
}

test_input_at_no_time if object.keys(testing.input_for({"path": "/", "now_s": null})) == {"principal", "request"}

test_no_input_without_a_path[name] if {
	some name, case in {
		"missing": {"method": "GET"},
		"null": {"path": null},
		"misspelt": {"Path": "/"},
	}

	not testing.input_for(case)
}

test_input_for_is_decided_on if {
	decision := engine.decision with input as testing.input_for({"path": "/items", "groups": ["Readers"]})
		with data.access as _policy
	decision.effect == "allow"
}

test_is_public[name] if {
	some name, case in {
		"a request of a public rule": {"path": "/health", "public": true},
		"another verb": {"path": "/health", "method": "POST", "public": false},
		"another path": {"path": "/home", "public": false},
		"a longer path": {"path": "/health/db", "public": false},
		"a path with a slash at its end": {"path": "/health/", "public": false},
		"a verb of ANY": {"path": "/hooks/stripe", "method": "PUT", "public": true},
		"a rule of an API that the case does not name": {"path": "/status", "public": false},
		"a rule of another API": {"path": "/status", "api": "admin", "public": false},
		"a rule of the API": {"path": "/status", "api": "orders", "public": true},
		"no path": {"method": "GET", "public": false},
	}

	case.public == testing.is_public(case) with data.access as {"ops": {"public": {
		"health": {"verbs": {"GET"}, "path": "/health"},
		"hooks": {"verbs": {"ANY"}, "path": "/hooks/{provider}"},
		"status": {"verbs": {"GET"}, "path": "/status", "api": {"orders"}},
	}}}
}

test_nothing_is_public_without_a_rule if {
	not testing.is_public({"path": "/health"}) with data.access as {}
}
