# METADATA
# title: Testing
# description: |
#   Makes the inputs of tests, so that a case has only the fields that it is about, and says which cases are public. Only tests
#   use it.
package engine.testing

import data.engine.index
import data.engine.policy
import data.engine.templates

# METADATA
# title: The input of a case
# description: |
#   A case is one object with the fields of an input, by their own names. `path` is required. Other fields have the values
#   of `_defaults` or are missing, and `null` removes a field. `groups` and `scopes` stand for the claims that carry them.
#   `who` is an object of such fields, which several cases can share; a case overrides it. `"who": null` means a
#   request without a principal. Other keys, such as the effect that a case expects, belong to the test.
input_for(case) := _without_nulls({
	"principal": _principal(case, fields),
	"request": _without_nulls({field: fields[field] | some field in _request_fields}),
	"now_s": fields.now_s,
	"calendar": object.get(fields, "calendar", null),
}) if {
	fields := object.union(_defaults, object.union(_shared(case), case))
	is_string(fields.path)
}

# METADATA
# title: A public rule of the policy opens the request of a case to everybody
# description: |
#   Such a request reaches no authorizer, so that there is no decision on it. Of a case, `method`, `path` and `api` count, the name of
#   an API. It is false for every other request.
default is_public(_) := false

is_public(case) if {
	some rule in index.public
	object.get(case, "method", _defaults.method) in policy.methods(rule.verbs)
	templates.covers(rule.path, case.path)
	_is_for_api(rule, case)
}

_is_for_api(rule, _) if not rule.api

_is_for_api(rule, case) if case.api in rule.api

_defaults := {
	"kind": "user",
	"method": "GET",
	"source_ip": "192.0.2.1",
	"now_s": 1000000,
}

_request_fields := {
	"method",
	"path",
	"api",
	"api_id",
	"stage",
	"source_ip",
	"client_certificate",
	"headers",
	"query",
	"ambiguous",
}

_principal_fields := {"id", "kind", "issuer", "issuer_name", "client_id", "token_use"}

_shared(case) := {} if _is_nobody(case)

_shared(case) := object.get(case, "who", {}) if not _is_nobody(case)

_principal(case, _) := null if _is_nobody(case)

_principal(case, fields) := object.union(of_token, {"claims": _claims(fields)}) if {
	not _is_nobody(case)
	of_token := _without_nulls({field: fields[field] | some field in _principal_fields})
}

_is_nobody(case) if case.who == null

_claims(fields) := object.union(
	object.union(
		{"cognito:groups": [group | some group in fields.groups] | fields.groups != null},
		{"scope": concat(" ", fields.scopes) | fields.scopes != null},
	),
	object.get(fields, "claims", {}),
)

_without_nulls(fields) := {field: value | some field, value in fields; value != null}
