# METADATA
# title: Candidates
# description: Looks up the grants and denials whose verbs and path match the request, in the index.
# schemas:
# - input: schema.input
package engine.candidates

import data.engine.index

# METADATA
# title: The grants that match this method and path
# description: |
#   Each is a list, as the index has it. A grant for named APIs is not among them if the request's API is another one, or is not
#   known.
grants := [grant | some place in _places; some grant in place[0]]

# METADATA
# title: The denials that match this method and path
# description: |
#   A denial for named APIs is not among them if the request's API is another one.
denials := array.concat([denial | some place in _places; some denial in place[1]], _denials_of_any_api)

# METADATA
# title: The values that the path has for the parameters of a form
params(form) := {name: segments[at] | some name, at in form.params} if {
	form.tail == {}
	segments := _segments
}

params(form) := object.union(
	{name: segments[at] | some name, at in form.params},
	{name: concat("/", array.slice(segments, at, count(segments))) | some name, at in form.tail},
) if {
	form.tail != {}
	segments := _segments
}

_places := [json.unmarshal(text) |
	compiled := index.compiled
	some table in array.concat([compiled.all], [named | named := compiled.apis[input.request.api]])
	some text in _texts_in(table, compiled)
]

# If the API is not known, it may be any of those that are named.
_denials_of_any_api := [denial |
	compiled := index.compiled
	some table in compiled.apis
	not _is_api_known
	some text in _texts_in(table, compiled)
	some denial in json.unmarshal(text)[1]
]

_is_api_known if {
	is_string(input.request.api)
	input.request.api != ""
}

# What is read more than once has a variable, since a module looks up a document part by part.
_texts_in(table, compiled) := [text |
	segments := _segments
	methods := compiled.methods[input.request.method]
	some at in _shapes_in(table, count(segments))
	shape := table.shapes[at]
	literals := concat("/", [segments[position] | some position in shape.literals])
	some method in methods
	text := shape.places[method][literals]
]

_shapes_in(table, length) := table.by_length[length]

_shapes_in(table, length) := table.longer if length >= count(table.by_length)

_segments := segments if {
	path := input.request.path
	startswith(path, "/")
	path != "/"
	segments := split(substring(path, 1, -1), "/")
	not "" in segments # So no parameter is empty.
}

_segments := [] if input.request.path == "/"
