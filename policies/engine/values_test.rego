package engine_test

import data.engine.values

test_number[name] if {
	some name, case in {
		"a number": {"value": 7, "number": 7},
		"a fraction": {"value": 1.5, "number": 1.5},
		"a string of digits": {"value": "1700000000", "number": 1700000000},
		"a negative string": {"value": "-3", "number": -3},
		"a fraction in a string": {"value": "0.25", "number": 0.25},
		"zero in a string": {"value": "0", "number": 0},
	}

	values.number(case.value) == case.number
}

test_text if {
	values.text("a") == "a"
}

test_no_text[name] if {
	some name, value in {"the empty string": "", "null": null, "a number": 7, "true": true, "a list": ["a"]}

	not values.text(value)
	not values.has_text(value)
}

test_has_text if {
	values.has_text("a") == true
}

test_all_in[name] if {
	some name, list in {"one": ["a"], "two": ["a", "b"], "one twice": ["b", "b"]}

	values.all_in(list, {"a", "b"})
}

test_not_all_in[name] if {
	some name, case in {
		"another before": {"list": ["c", "a"], "allowed": {"a", "b"}},
		"another behind": {"list": ["a", "c"], "allowed": {"a", "b"}},
		"none": {"list": [], "allowed": {"a", "b"}},
		"no list": {"list": "a", "allowed": {"a", "b"}},
		"an empty value": {"list": ["a", ""], "allowed": {"a", ""}},
		"null": {"list": [null], "allowed": [null]},
		"a number": {"list": [1], "allowed": [1]},
		"allowed values that are a string": {"list": ["a"], "allowed": "a"},
		"no allowed values": {"list": ["a"], "allowed": []},
	}

	not values.all_in(case.list, case.allowed)
}

test_no_number[name] if {
	some name, value in {
		"null": null, "true": true, "an array": [1], "an object": {},
		"an empty string": "", "a word": "ten", "a space": " 1", "an exponent": "1e3",
		"a leading zero": "07", "a lone sign": "-", "a lone point": ".", "an open fraction": "1.",
		"two points": "1.2.3", "hexadecimal": "0x1", "infinity": "Infinity", "more digits than are exact": "1234567890123456",
	}

	not values.number(value)
}

test_within[name] if {
	some name, case in {
		"now": {"time": 1700000000},
		"in a string": {"time": "1699999990"},
		"as long ago as may be": {"time": 1699996400},
		"a clock that is a minute ahead": {"time": 1700000060},
	}

	values.within(1700000000, case.time, 3600)
}

test_not_within[name] if {
	some name, case in {
		"too long ago": {"time": 1699996399},
		"a clock that is more than a minute ahead": {"time": 1700000061},
		"the future": {"time": 1800000000},
		"milliseconds": {"time": 1700000000000},
		"milliseconds in a string": {"time": "1700000000000"},
		"null": {"time": null},
		"a list": {"time": [1700000000]},
		"an empty string": {"time": ""},
		"a limit in a string": {"time": 1700000000, "max": "3600"},
		"a limit that is a list": {"time": 1700000000, "max": []},
		"a limit of null": {"time": 1700000000, "max": null},
		"no number for now": {"time": 1700000000, "now": "1700000000"},
	}

	not values.within(object.get(case, "now", 1700000000), case.time, object.get(case, "max", 3600))
}
