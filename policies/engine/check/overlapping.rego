# METADATA
# title: Overlapping
# description: |
#   Finds the grants that have a path in common with a denial. A policy has thousands of both, so they are not compared in
#   pairs: grants are looked up by their literals at the places where the templates of both have literals.
package engine.check.overlapping

import data.engine.policy
import data.engine.templates

# METADATA
# title: The names of the grants whose paths overlap with a template
grants(template) := {name |
	own := _shape(template)
	some shape, _ in _paths
	_lengths_meet(own, shape)
	places := _places(own, shape)
	some name, _ in _table(shape, places)[_literals(template, places)]
}

# The paths of grants by shape: `lpl` for a literal, a parameter and a literal, and `l+` for a literal and a greedy parameter.
_paths := object.union_n([{_shape(grant.path): {name: grant.path}} | some name, grant in policy.grants])

_table(shape, places) := object.union_n([{_literals(path, places): {name: true}} | some name, path in _paths[shape]])

_shape(template) := concat("", array.concat(kinds, ["+" | templates.is_greedy(template)])) if {
	head := templates.head(template)
	kinds := [_kind(segment) | some segment in head]
}

_kind(segment) := "p" if templates.parameter(segment)

_kind(segment) := "l" if not templates.parameter(segment)

_lengths_meet(one, other) if _is_as_long(one, other)

_lengths_meet(one, other) if _is_as_long(other, one)

_is_as_long(wide, narrow) if {
	endswith(wide, "+")
	count(narrow) >= count(wide)
}

_is_as_long(wide, narrow) if {
	not endswith(wide, "+")
	not endswith(narrow, "+")
	count(narrow) == count(wide)
}

# Where both have a literal.
_places(one, other) := [at |
	some at, kind in split(one, "")
	kind == "l"
	substring(other, at, 1) == "l"
]

_literals(template, places) := concat("/", [segments[at] |
	segments := templates.segments(template)
	some at in places
])
