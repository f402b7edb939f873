# METADATA
# title: Form encoding
# description: |
#   Decodes application/x-www-form-urlencoded text with built-in functions that run inside WebAssembly.
#   Cognito encodes the values of a multi-valued SAML attribute this way.
package engine.form_encoding

# METADATA
# title: The decoded text of a form-encoded string
# description: |
#   It is undefined if an escape is not two hex digits, if the bytes are not UTF-8, or if they are a character from U+20000 to
#   U+2FFFF, or of another even plane.
decoded(text) := concat("", array.concat([parts[0]], characters)) if {
	parts := split(replace(text, "+", " "), "%")
	escapes := [_escape(part) | some part in array.slice(parts, 1, count(parts))]
	count(escapes) == count(parts) - 1

	leads := [at | some at, escape in escapes; not _is_continuation(escape)]
	characters := [_character(escapes, at) | some at in leads]
	count(characters) == count(leads)

	lengths := [_length(escapes[at]) | some at in leads]
	sum(lengths) == count(escapes)
}

# A byte stays two hex digits, since arithmetic would bring 26 kB of decimal numbers into the module.
_escape(part) := {"high": high, "low": low, "rest": substring(part, 2, -1)} if {
	count(part) >= 2
	high := _digit(substring(part, 0, 1))
	low := _digit(substring(part, 1, 1))
}

_digits := "0123456789abcdef"

_digit(character) := character if contains(_digits, character)

_digit(character) := {"A": "a", "B": "b", "C": "c", "D": "d", "E": "e", "F": "f"}[character]

_is_continuation(byte) if contains("89ab", byte.high)

# The number of bytes of a character with this first byte: RFC 3629, section 4.
_length(byte) := 1 if contains("01234567", byte.high)

_length(byte) := 2 if {
	byte.high == "c"
	not byte.low in {"0", "1"}
}

_length(byte) := 2 if byte.high == "d"

_length(byte) := 3 if byte.high == "e"

_length(byte) := 4 if {
	byte.high == "f"
	contains("01234", byte.low)
}

_character(escapes, at) := concat("", [json.unmarshal(concat("", [`"`, _units(sequence), `"`])), last.rest]) if {
	sequence := array.slice(escapes, at, at + _length(escapes[at]))
	count(sequence) == _length(escapes[at])
	last := sequence[count(sequence) - 1]
	inner := array.slice(sequence, 0, count(sequence) - 1)
	every escape in inner { escape.rest == "" }
	every byte in array.slice(sequence, 1, count(sequence)) { _is_continuation(byte) }
}

# The UTF-16 code units of the bytes of a character, as JSON writes them: RFC 3629, sections 3 and 4.
_units([a]) := concat("", [`\u00`, a.high, a.low])

_units([a, b]) := concat("", [`\u0`, _top(a.high, a.low), _bottom(a.low, b.high), b.low])

_units([a, b, c]) := concat("", [`\u`, a.low, _top(b.high, b.low), _bottom(b.low, c.high), c.low]) if {
	not concat("", [a.low, b.high]) in _refused_pairs
}

_units([a, b, c, d]) := concat("", [
	`\ud`, _top("a", plane), _bottom(plane, _top("a", b.low)), _bottom(b.low, c.high),
	`\ud`, _top("b", c.low), _bottom(c.low, d.high), d.low,
]) if {
	plane := _planes[concat("", [a.low, b.high])]
}

# The first of three bytes, and the next: below the first character of three bytes, and halves of surrogate pairs.
_refused_pairs := {"08", "09", "da", "db"}

# The number of a plane of Unicode less one, by the first of four bytes and the next. WebAssembly reads the surrogate pairs of
# planes 2, 4 and so on as those of the plane before, so that two texts would be one. They are refused.
_planes := {"09": "0", "0b": "2", "19": "4", "1b": "6", "29": "8", "2b": "a", "39": "c", "3b": "e"}

# The digit of the last two bits of one digit and the first two of another.
_top(high, low) := substring(_top_digits[high], indexof(_digits, low), 1)

_top_digits := {
	"8": "0000111122223333", "9": "4444555566667777", "a": "88889999aaaabbbb", "b": "ccccddddeeeeffff",
	"c": "0000111122223333", "d": "4444555566667777",
}

# The digit of the last two bits of one digit and the last two of another.
_bottom(low, high) := substring(_bottom_digits[high], indexof(_digits, low), 1)

_bottom_digits := {
	"8": "048c048c048c048c", "9": "159d159d159d159d",
	"a": "26ae26ae26ae26ae", "b": "37bf37bf37bf37bf",
}
