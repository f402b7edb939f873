# METADATA
# title: Values
# description: Conditions call these functions to read a claim as a value of one type.
package engine.values

# METADATA
# title: A string that is not empty
# description: Undefined for everything else.
text(value) := value if {
	is_string(value)
	value != ""
}

# METADATA
# title: This is a string that is not empty
# description: It is true or undefined, and never false.
has_text(value) if text(value)

# METADATA
# title: A number, or the number that a string spells as JSON would
# description: |
#   Undefined for everything else, and for a number that is too large to be exact: JavaScript and WebAssembly round one above 2^53,
#   so that it equals another one, and OPA does not. `to_number(null)` is 0, and in Rego
#   every string is greater than every number, so a mistyped claim could satisfy a condition.
number(value) := value if {
	is_number(value)
	value <= 9007199254740991
	value >= -9007199254740991
}

number(text) := to_number(text) if {
	is_string(text)
	count(text) <= _max_characters
	parts := split(trim_prefix(text, "-"), ".")
	count(parts) <= 2
	every part in parts {
		part != ""
		trim(part, "0123456789") == ""
	}
	not _has_leading_zero(parts[0])
}

# A number with at most 15 digits is exact in OPA and in WebAssembly.
_max_characters := 15

_has_leading_zero(digits) if {
	startswith(digits, "0")
	digits != "0"
}

# METADATA
# title: A time that is at most so many seconds ago
# description: |
#   True or undefined, and never false. A time is a number of seconds since 1970, as in `auth_time`. One that is in the
#   future, or in milliseconds, is not a time ago; clocks may differ by a minute.
within(now_s, time_s, max_age_s) if {
	is_number(now_s)
	is_number(max_age_s)
	age_s := now_s - number(time_s)
	age_s >= -60
	age_s <= max_age_s
}

# METADATA
# title: An IP address
# description: |
#   Undefined for everything else, for an address that begins with a group of zeros, such as one of IPv4 in IPv6, and for
#   leading zeros. OPA and WebAssembly read such texts differently.
address(text) := text if {
	is_string(text)
	octets := split(text, ".")
	count(octets) == 4
	every octet in octets { _is_octet(octet) }
}

address(text) := text if {
	is_string(text)
	count(text) <= 39
	halves := split(text, "::")
	groups := [group | some half in halves; half != ""; some group in split(half, ":")]
	every group in groups { _is_group(group) }
	trim(groups[0], "0") != ""
	halves[0] != ""
	_are_all(count(halves), count(groups))
}

_is_octet(octet) if {
	octet != ""
	trim(octet, "0123456789") == ""
	count(octet) <= 3
	not _has_leading_zero(octet)
	to_number(octet) <= 255
}

_is_group(group) if {
	group != ""
	count(group) <= 4
	trim(lower(group), "0123456789abcdef") == ""
}

# The groups of an IPv6 address. The two halves of a short form leave out one group or more.
_are_all(1, 8) := true

_are_all(2, groups) if groups <= 7

# METADATA
# title: Every item of a list is among the allowed values
# description: |
#   It is true or undefined, and never false. Undefined for an empty list, and for an item that is empty or no string.
all_in(list, allowed) if {
	is_array(list)
	count(list) > 0
	every item in list {
		text(item) in allowed
	}
}
