# METADATA
# title: Claims
# description: Reads the strings in a claim, for roles and for conditions that depend on a claim's value.
package engine.claims

import data.engine.form_encoding

# METADATA
# title: The set of strings in the claim of this name
# description: |
#   The set has the string items of an array, or a string itself. It is undefined for other types.
#   Cognito joins several values in one string in two cases: `cognito:roles`, and a `custom:*` attribute
#   that was multi-valued in the SAML assertion (`[Audit, Ops]`). A string that does not have exactly
#   this form has no values at all, since a part of it could be somebody else's value. Groups are an array
#   only, and the scopes in `scope` have spaces between them.
strings(name, value) := {item | some item in value; is_string(item)} if {
	is_array(value)
	name != "scope"
}

strings(name, text) := {text} if {
	is_string(text)
	not _is_list(name, text)
}

strings("cognito:roles", text) := {concat("", ["arn:", rest]) | some rest in rests} if {
	startswith(text, "arn:")
	rests := split(trim_prefix(text, "arn:"), ",arn:")
}

strings("scope", text) := {scope | some scope in split(text, " ")}

strings(name, text) := {form_encoding.decoded(item) | some item in items} if {
	_is_multi_valued(name, text)
	items := split(substring(text, 1, count(text) - 2), ", ")
	every item in items {
		_is_item(item)
		form_encoding.decoded(item)
	}
}

_is_list(name, _) if name in {"cognito:groups", "cognito:roles", "scope"}

_is_list(name, text) if _is_multi_valued(name, text)

_is_multi_valued(name, text) if {
	startswith(name, "custom:")
	startswith(text, "[")
	endswith(text, "]")
}

_is_item(item) if {
	item != ""
	trim_space(item) == item
	every character in {"[", "]", ",", `"`, `\`} { not contains(item, character) }
}
