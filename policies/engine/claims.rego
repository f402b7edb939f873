# METADATA
# title: Claims
# description: The strings that a claim gives, for roles that come by a claim's value.
package engine.claims

import data.engine.form_encoding

# METADATA
# title: The set of strings that the claim of this name gives
# description: |
#   An array gives its string items, a string itself, anything else nothing. In two cases
#   Cognito hands over several values as one string: `cognito:roles`, and a `custom:*` attribute
#   that was multi-valued in the SAML assertion (`[Audit, Ops]`). What is not exactly of that form
#   gives nothing at all, since half of it could be somebody else's value.
strings(_, value) := {item | some item in value; is_string(item)} if is_array(value)

strings(name, text) := {text} if {
	is_string(text)
	not _is_list(name, text)
}

strings("cognito:roles", text) := {concat("", ["arn:", rest]) | some rest in rests} if {
	startswith(text, "arn:")
	rests := split(trim_prefix(text, "arn:"), ",arn:")
}

strings(name, text) := {form_encoding.decoded(item) | some item in items} if {
	_is_multi_valued(name, text)
	items := split(substring(text, 1, count(text) - 2), ", ")
	every item in items {
		_is_item(item)
		form_encoding.decoded(item)
	}
}

_is_list("cognito:roles", _)

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
