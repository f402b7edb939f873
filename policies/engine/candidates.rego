# METADATA
# title: Candidates
# description: Looks up the grants and denials whose verbs and path match the request, in the index.
# schemas:
# - input: schema.input
package engine.candidates

# METADATA
# title: The places of the index that match this method and path
# description: |
#   Each has a list of grants and a list of denials, as the index has them. A place of a named API is not among them if the
#   request's API is another one. If the API is not known, it may be any of those that are named: their places have no grants then,
#   but their denials.
places(compiled) := array.concat(
	_places_in(compiled.all, compiled),
	array.concat(
		[place | some place in _places_in(compiled.apis[input.request.api], compiled)],
		[[[], denials] |
			some table in compiled.apis
			not _is_api_known
			some [_, denials] in _places_in(table, compiled)
		],
	),
)

# METADATA
# title: The values that the path has for the parameters of a form
params(form) := {name: segments[at] | some name, at in form.params} if {
	count(form.tail) == 0
	segments := _segments
}

params(form) := object.union(
	{name: segments[at] | some name, at in form.params},
	{name: concat("/", array.slice(segments, at, count(segments))) | some name, at in form.tail},
) if {
	count(form.tail) == 1
	segments := _segments
}

_is_api_known if {
	is_string(input.request.api)
	input.request.api != ""
}

# What is read more than once has a variable, since a module looks up a document part by part.
_places_in(table, compiled) := [json.unmarshal(places[method][literals]) |
	segments := _segments
	methods := compiled.methods[input.request.method]
	some at in _shapes_in(table, count(segments))
	shape := table.shapes[at]
	literals := concat("/", [segments[position] | some position in shape.literals])
	places := shape.places
	some method in methods
]

_shapes_in(table, length) := table.by_length[length]

_shapes_in(table, length) := table.longer if length >= count(table.by_length)

_segments := _split(input.request.path)

_split(path) := segments if {
	startswith(path, "/")
	path != "/"
	segments := split(substring(path, 1, -1), "/")
	not "" in segments # So no parameter is empty.
}

_split("/") := []
