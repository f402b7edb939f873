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
