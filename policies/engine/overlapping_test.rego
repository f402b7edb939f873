package engine_test

import data.engine.check.overlapping
import data.engine.templates

# All templates of up to three of these segments, with and without a greedy parameter behind them, and odd ones.
_templates := {concat("/", array.concat(["", segment], rest)) |
	some segment in {"a", "b", "{x}"}
	some rest in {[], ["a"], ["{y}"], ["{p+}"], ["a", "b"], ["{y}", "a"], ["b", "{p+}"], ["{y}", "{p+}"]}
} | {"/", "/{p+}", "/a/", "//a", "/{}/a", "/{p+}/a", "/a/b+}", "a", ""}

test_overlapping_grants_are_those_whose_templates_overlap if {
	access := {"area": {"grants": {path: {"path": path} | some path in _templates}}}
	found := {path: names | some path in _templates; names := overlapping.grants(path) with data.access as access}
	found == {path: names |
		some path in _templates
		names := {concat(".", ["area", other]) | some other in _templates; templates.overlaps(path, other)}
	}
	count([name | some name in found[_]]) > 300
}

test_grants_without_a_path_overlap_with_nothing if {
	overlapping.grants("/{p+}") == {"a.fine"} with data.access as {"a": {"grants": {
		"fine": {"path": "/x"},
		"none": {},
		"number": {"path": 1},
		"text": "/x",
	}}}
}
