# METADATA
# title: Candidates
# description: Looks up the grants and denials whose verbs and path match the request, in the index.
# schemas:
# - input: schema.input
package engine.candidates

import data.engine.index

# METADATA
# title: The grants that match this method and path, by name
# description: A grant for named APIs is not among them if the request's API is another one, or is not known.
grants[name] := index.compiled.grants[name] if some name in _places[_].grants

grants[name] := index.compiled.grants[name] if some name in _places[_].apis[input.request.api].grants

# METADATA
# title: The denials that match this method and path, by name
# description: A denial for named APIs is not among them if the request's API is another one.
denials[name] := index.compiled.denials[name] if some name in _places[_].denials

denials[name] := index.compiled.denials[name] if some name in _places[_].apis[input.request.api].denials

# If the API is not known, it may be any of those that are named.
denials[name] := index.compiled.denials[name] if {
	not _is_api_known
	some name in _places[_].apis[_].denials
}

_is_api_known if {
	is_string(input.request.api)
	input.request.api != ""
}

# METADATA
# title: The values that the path has for the parameters of a grant or denial
params(rule) := object.union(
	{name: _segments[at] | some name, at in rule.params},
	{name: concat("/", array.slice(_segments, at, count(_segments))) | some name, at in rule.tail},
)

_places := [place |
	some shape in _shapes
	literals := concat("/", [_segments[at] | some at in shape.literals])
	place := shape.places[literals][input.request.method]
]

_shapes := array.concat(
	[shape | some shape in index.compiled.exact[count(_segments)]],
	[shape | some shape in index.compiled.greedy; shape.segments <= count(_segments)],
)

_segments := [] if input.request.path == "/"

# No segment may be empty, so no parameter is empty.
_segments := segments if {
	startswith(input.request.path, "/")
	segments := split(substring(input.request.path, 1, -1), "/")
	not "" in segments
}
