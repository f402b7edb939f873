# METADATA
# title: Path templates
# description: Splits API Gateway's path templates into segments, and compares two templates.
package engine.templates

# METADATA
# title: The segments of a path or a template
# description: Undefined if the path does not start with a slash. The root has no segments.
segments("/") := []

segments(path) := split(substring(path, 1, -1), "/") if {
	startswith(path, "/")
	path != "/"
}

# METADATA
# title: True if API Gateway accepts a template, and a canonical path could match it
is_wellformed(template) if {
	every at, segment in segments(template) {
		_is_wellformed(segment, at == (count(segments(template)) - 1))
	}
}

# METADATA
# title: The name of a segment that is a parameter
parameter(segment) := trim_suffix(substring(segment, 1, count(segment) - 2), "+") if {
	startswith(segment, "{")
	endswith(segment, "}")
}

# METADATA
# title: True if a template ends in `{name+}`
is_greedy(template) := endswith(template, "+}")

# METADATA
# title: The segments of a template without a greedy parameter at its end
head(template) := array.slice(all, 0, count(all) - 1) if {
	is_greedy(template)
	all := segments(template)
}

head(template) := segments(template) if not is_greedy(template)

# METADATA
# title: True if the first template matches every path that the second matches
covers(wide, narrow) if {
	_spans(wide, narrow)
	every at, segment in head(wide) { _admits(segment, segments(narrow)[at]) }
}

# METADATA
# title: True if some path matches both templates
overlaps(one, other) if {
	_lengths_meet(one, other)
	not _part_ways(head(one), head(other))
}

_is_wellformed(segment, is_last) if {
	name := parameter(segment)
	name != ""
	trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == ""
	_is_allowed_at(segment, is_last)
}

_is_wellformed(segment, _) if {
	not segment in {"", ".", ".."}
	not startswith(segment, ":")
	every character in split(segment, "") {
		not character in {"{", "}", "*", "?", "#", ";", "%", `\`}
		not _is_control(character)
	}
}

_is_allowed_at(_, true)

_is_allowed_at(segment, false) if not endswith(segment, "+}")

_is_control(character) if character < " "

_is_control(character) if {
	character >= "\u007f"
	character <= "\u009f"
}

_spans(wide, narrow) if {
	is_greedy(wide)
	count(segments(narrow)) >= count(segments(wide))
}

_spans(wide, narrow) if {
	not is_greedy(wide)
	not is_greedy(narrow)
	count(segments(narrow)) == count(segments(wide))
}

_lengths_meet(one, other) if _spans(one, other)

_lengths_meet(one, other) if _spans(other, one)

_admits(wide, _) if parameter(wide)

_admits(wide, narrow) if wide == narrow

_part_ways(one, other) if {
	some at, segment in one
	not parameter(segment)
	not parameter(other[at])
	segment != other[at]
}
