package engine_test

import data.engine.templates

test_wellformed[template] if {
	some template in {
		"/", "/a", "/a/b", "/{id}", "/{a}/x/{b}", "/{rest+}", "/a/{rest+}",
		"/files+", "/a.b", "/...", "/.well-known", "/a:b", "/caf\u00e9", "/a b", "/{a-b.c_1}",
	}

	templates.is_wellformed(template)
}

test_malformed[template] if {
	some template in {
		"", "a", "a/b", "//", "/a/", "/a//b", "/.", "/a/..", "/{}", "/{+}", "/{a", "/a}", "/x{a}", "/{a}x",
		"/{rest+}/a", "/{a b}", "/{a{b}", "/*", "/a?b", "/a#b", "/a;b", "/%41", `/a\b`, "/a\nb", "/a\u007f", "/a\u0085", "/:id",
	}

	not templates.is_wellformed(template)
}

test_covers[name] if {
	some name, case in {
		"itself": ["/a/{id}", "/a/{id}"],
		"a literal by a parameter": ["/a/{id}", "/a/b"],
		"a parameter of another name": ["/a/{id}", "/a/{key}"],
		"everything by a greedy one": ["/{rest+}", "/a/{id}"],
		"a greedy one by a greedier": ["/a/{rest+}", "/a/b/{rest+}"],
		"a parameter by a greedy one": ["/a/{rest+}", "/a/{id}"],
		"the root by itself": ["/", "/"],
	}

	templates.covers(case[0], case[1])
}

test_does_not_cover[name] if {
	some name, case in {
		"a parameter by a literal": ["/a/b", "/a/{id}"],
		"another literal": ["/a/{id}", "/b/{id}"],
		"a greedy one by a parameter": ["/a/{id}", "/a/{rest+}"],
		"a shorter one by a greedy one": ["/a/{rest+}", "/a"],
		"a longer one": ["/a/{id}", "/a/b/c"],
		"the root by a greedy one": ["/{rest+}", "/"],
	}

	not templates.covers(case[0], case[1])
}

test_overlaps[name] if {
	some name, case in {
		"a literal and a parameter": ["/a/b", "/a/{id}"],
		"crossed parameters": ["/{x}/b", "/a/{y}"],
		"a greedy one and a longer one": ["/a/{rest+}", "/{x}/b/c"],
		"two greedy ones": ["/a/{rest+}", "/a/b/c/{rest+}"],
		"a greedy one and one that ends in a parameter": ["/{x}/{y}", "/a/{rest+}"],
	}

	templates.overlaps(case[0], case[1])
	templates.overlaps(case[1], case[0])
}

test_does_not_overlap[name] if {
	some name, case in {
		"two literals": ["/a", "/b"],
		"two lengths": ["/a/{id}", "/a"],
		"a greedy one and its parent": ["/a/{rest+}", "/a"],
		"a greedy one beside": ["/a/{rest+}", "/b/{id}"],
		"two greedy ones beside": ["/a/{rest+}", "/b/{rest+}"],
	}

	not templates.overlaps(case[0], case[1])
	not templates.overlaps(case[1], case[0])
}
