# METADATA
# title: Form encoding
# description: |
#   Decodes application/x-www-form-urlencoded text with built-in functions that run inside WebAssembly.
#   Cognito encodes the values of a multi-valued SAML attribute this way.
package engine.form_encoding

# METADATA
# title: The decoded text of a form-encoded string
# description: It is undefined if an escape is not two hex digits, or if the bytes are not UTF-8.
decoded(text) := concat("", array.concat([parts[0]], characters)) if {
	parts := split(replace(text, "+", " "), "%")
	escapes := [_escape(part) | some part in array.slice(parts, 1, count(parts))]
	count(escapes) == count(parts) - 1

	leads := [at | some at, escape in escapes; not _is_continuation(escape.byte)]
	characters := [_character(escapes, at) | some at in leads]
	count(characters) == count(leads)

	lengths := [_length(escapes[at].byte) | some at in leads]
	sum(lengths) == count(escapes)
}

_escape(part) := {"byte": (16 * indexof(_hex, high)) + indexof(_hex, low), "rest": rest} if {
	count(part) >= 2
	high := lower(substring(part, 0, 1))
	low := lower(substring(part, 1, 1))
	contains(_hex, high)
	contains(_hex, low)
	rest := substring(part, 2, -1)
}

_hex := "0123456789abcdef"

_is_continuation(byte) if {
	byte >= 128
	byte < 192
}

# The number of bytes of a character with this first byte: RFC 3629, section 4.
_length(byte) := 1 if byte < 128

_length(byte) := 2 if {
	byte >= 194
	byte < 224
}

_length(byte) := 3 if {
	byte >= 224
	byte < 240
}

_length(byte) := 4 if {
	byte >= 240
	byte < 245
}

_character(escapes, at) := concat("", [_text(code_point), last.rest]) if {
	sequence := array.slice(escapes, at, at + _length(escapes[at].byte))
	count(sequence) == _length(escapes[at].byte)
	last := sequence[count(sequence) - 1]
	inner := array.slice(sequence, 0, count(sequence) - 1)
	every escape in inner { escape.rest == "" }
	every escape in array.slice(sequence, 1, count(sequence)) { _is_continuation(escape.byte) }
	code_point := _code_point([escape.byte | some escape in sequence])
}

_code_point([a]) := a

_code_point([a, b]) := ((a - 192) * 64) + (b - 128)

_code_point([a, b, c]) := point if {
	point := (((a - 224) * 4096) + ((b - 128) * 64)) + (c - 128)
	point >= 2048
	not _is_surrogate(point)
}

_code_point([a, b, c, d]) := point if {
	point := ((((a - 240) * 262144) + ((b - 128) * 4096)) + ((c - 128) * 64)) + (d - 128)
	point >= 65536
	point < 1114112
}

_is_surrogate(point) if {
	point >= 55296
	point < 57344
}

_text(point) := json.unmarshal(concat("", [`"\u`, _digits(point), `"`])) if point < 65536

_text(point) := json.unmarshal(concat("", [`"\u`, _digits(high), `\u`, _digits(low), `"`])) if {
	point >= 65536
	high := 55296 + floor((point - 65536) / 1024)
	low := 56320 + ((point - 65536) % 1024)
}

_digits(unit) := concat("", [substring("0000", 0, 4 - count(hex)), hex]) if hex := format_int(unit, 16)
