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
grants := [grant |
	some text in _texts
	some grant in json.unmarshal(text)[0]
]

# METADATA
# title: The denials that match this method and path
# description: |
#   A denial for named APIs is not among them if the request's API is another one. If the API is not known, it may be any of those
#   that are named.
denials := [denial |
	some texts in [_texts, _texts_of_any_api]
	some text in texts
	some denial in json.unmarshal(text)[1]
]

# METADATA
# title: The values that the path has for the parameters of a form
params(form) := object.union(
	{name: _segments[at] | some name, at in form.params},
	{name: concat("/", array.slice(_segments, at, count(_segments))) | some name, at in form.tail},
)

_texts := array.concat(_texts_in(index.compiled.all), _texts_of_api)

default _texts_of_api := []

_texts_of_api := _texts_in(index.compiled.apis[input.request.api])

_texts_of_any_api := [text |
	not _is_api_known
	some table in index.compiled.apis
	some text in _texts_in(table)
]

_is_api_known if {
	is_string(input.request.api)
	input.request.api != ""
}

_texts_in(table) := [text |
	some shape in _shapes_in(table)
	literals := concat("/", [_segments[at] | some at in shape.literals])
	some method in index.compiled.methods[input.request.method]
	text := shape.places[method][literals]
]

_shapes_in(table) := array.concat(
	[shape | some shape in table.exact[count(_segments)]],
	[shape | some shape in table.greedy; shape.segments <= count(_segments)],
)

_segments := [] if input.request.path == "/"

# No segment may be empty, so no parameter is empty.
_segments := segments if {
	startswith(input.request.path, "/")
	segments := split(substring(input.request.path, 1, -1), "/")
	not "" in segments
}
