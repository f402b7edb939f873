# METADATA
# title: Claims
# description: Reads the strings in a claim, for roles and for conditions that depend on a claim's value.
package engine.claims

import data.engine.form_encoding

# METADATA
# title: The set of strings in the claim of this name
# description: |
#   The set has the string items of an array, or a string itself. It is undefined for other types.
#   Some issuers write several values in one string: as a JSON list (`["Audit","Ops"]`). Cognito joins values in two cases:
#   `cognito:roles`, and a `custom:*` attribute that was multi-valued in the SAML assertion (`[Audit, Ops]`). A string that
#   looks like a list and does not have exactly one of these forms has no values at all, since a part of it could be somebody
#   else's value. Groups are an array only, and the scopes in `scope` have spaces between them.
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

strings(name, text) := {item | some item in items} if {
	_is_json(name, text)
	items := _json_items(text)
}

_is_list(name, _) if name in {"cognito:groups", "cognito:roles", "scope"}

_is_list(name, text) if _is_multi_valued(name, text)

_is_list(name, text) if _is_json(name, text)

_is_multi_valued(name, text) if {
	startswith(name, "custom:")
	startswith(text, "[")
	endswith(text, "]")
}

_is_json(name, text) if {
	not name in {"cognito:groups", "cognito:roles", "scope"}
	startswith(text, "[\"")
	endswith(text, "\"]")
}

# The separator is between all items or between none, so no text has items by both.
_json_items(text) := items if {
	count(text) > 4
	some separator in [`","`, `", "`]
	items := split(substring(text, 2, count(text) - 4), separator)
	every item in items {
		item != ""
		every character in _not_in_json { not contains(item, character) }
	}
}

# Quotes end an item, backslashes begin an escape, and JSON has no control characters.
_not_in_json := {
	`"`, `\`,
	"\u0000", "\u0001", "\u0002", "\u0003", "\u0004", "\u0005", "\u0006", "\u0007",
	"\u0008", "\t", "\n", "\u000b", "\u000c", "\r", "\u000e", "\u000f",
	"\u0010", "\u0011", "\u0012", "\u0013", "\u0014", "\u0015", "\u0016", "\u0017",
	"\u0018", "\u0019", "\u001a", "\u001b", "\u001c", "\u001d", "\u001e", "\u001f",
}

_is_item(item) if {
	item != ""
	trim_space(item) == item
	every character in {"[", "]", ",", `"`, `\`} { not contains(item, character) }
}
