package engine_test

import data.engine
import data.engine.testing

_two_apis := {
	"roles": {"reader": {"groups": {"R"}}},
	"conditions": {"lifted": true},
	"users": {
		"grants": {
			"any": {"roles": {"reader"}, "verbs": {"GET"}, "path": "/users"},
			"orders": {"api": {"orders"}, "roles": {"reader"}, "verbs": {"GET"}, "path": "/users/{id}"},
			"both": {"api": {"billing", "orders"}, "roles": {"reader"}, "verbs": {"PUT"}, "path": "/users/{rest+}"},
			"open": {"roles": {"reader"}, "verbs": {"DELETE"}, "path": "/users/{id}"},
		},
		"denials": {
			"orders": {"api": {"orders"}, "verbs": {"DELETE"}, "path": "/users/{rest+}"},
			"lifted": {"api": {"billing"}, "verbs": {"DELETE"}, "path": "/users/{id}", "unless": {"lifted"}},
		},
	},
}

test_rules_for_named_apis[name] if {
	some name, case in {
		"a grant without apis is for every API": {"api": "orders", "path": "/users", "allowed": true},
		"and for one that no rule names": {"api": "other", "path": "/users", "allowed": true},
		"and for an API that is not known": {"path": "/users", "allowed": true},
		"a grant for orders is for orders": {"api": "orders", "path": "/users/7", "allowed": true},
		"and for no other API": {"api": "billing", "path": "/users/7", "allowed": false},
		"and for no API that is not known": {"path": "/users/7", "allowed": false},
		"and for none with an empty name": {"api": "", "path": "/users/7", "allowed": false},
		"and for none whose name is not a string": {"api": 7, "path": "/users/7", "allowed": false},
		"a name in other letters is another API": {"api": "Orders", "path": "/users/7", "allowed": false},
		"a grant for two APIs is for the first": {"api": "billing", "method": "PUT", "path": "/users/7/x", "allowed": true},
		"and for the second": {"api": "orders", "method": "PUT", "path": "/users/7/x", "allowed": true},
		"and for no third": {"api": "other", "method": "PUT", "path": "/users/7/x", "allowed": false},
		"a denial for orders is for orders": {"api": "orders", "method": "DELETE", "path": "/users/7", "allowed": false},
		"and it is not for another": {"api": "billing", "method": "DELETE", "path": "/users/7", "allowed": true},
		"and it is not for one that no rule names": {"api": "other", "method": "DELETE", "path": "/users/7", "allowed": true},
		"a denial for named APIs holds if the API is not known": {"method": "DELETE", "path": "/users/7", "allowed": false},
		"and if its name is empty": {"api": "", "method": "DELETE", "path": "/users/7", "allowed": false},
		"and if its name is not a string": {"api": ["orders"], "method": "DELETE", "path": "/users/7", "allowed": false},
	}

	input_of_case := testing.input_for(object.union({"groups": {"R"}}, case))
	decision := engine.decision with input as input_of_case with data.access as _two_apis
	decision.effect == {true: "allow", false: "deny"}[case.allowed]
}

test_a_denial_of_an_unknown_api_yields_to_its_condition if {
	input_of_case := testing.input_for({"groups": {"R"}, "api": null, "method": "DELETE", "path": "/users/7"})
	engine.decision.denials == ["users.orders"] with input as input_of_case with data.access as _two_apis
}

test_entitlements_name_the_apis if {
	found := engine.entitlements with input as testing.input_for({"groups": {"R"}, "path": "/"}) with data.access as _two_apis
	{name: object.get(grant, "api", "all") | some name, grant in found.grants} == {
		"users.any": "all",
		"users.both": ["billing", "orders"],
		"users.open": "all",
		"users.orders": ["orders"],
	}
	{name: denial.api | some name, denial in found.denials} == {"users.lifted": ["billing"], "users.orders": ["orders"]}
}
