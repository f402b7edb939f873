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
		"the greatest exact number": {"value": 9007199254740991, "number": 9007199254740991},
		"the least exact number": {"value": -9007199254740991, "number": -9007199254740991},
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
		"a number that is not exact": 9007199254740992, "one below": -9007199254740993, "a large number": 1e300,
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

test_address[name] if {
	some name, text in {
		"IPv4": "203.0.113.7", "the least": "0.0.0.0", "the most": "255.255.255.255",
		"IPv6": "2001:db8:0:0:0:0:0:1", "IPv6 in short": "2001:db8::1", "a network": "2001:db8::", "in capitals": "2001:DB8::A",
	}

	values.address(text) == text
}

test_no_address[name] if {
	some name, text in {
		"null": null, "a number": 7, "a list": ["203.0.113.7"], "nothing": "", "three parts": "10.1.2", "five parts": "10.1.2.3.4",
		"a leading zero": "010.1.2.3", "more than 255": "10.1.2.256", "a letter": "10.1.2.x", "a space": " 10.1.2.3", "an empty part": "10..2.3",
		"a block": "10.1.2.3/8", "two blocks": "10.1.2.3/8/8", "a port": "10.1.2.3:80", "a list in text": "10.1.2.3, 10.1.2.4",
		"IPv4 in IPv6": "::ffff:10.1.2.3", "the same in groups": "::ffff:a01:203", "the same in full": "0:0:0:0:0:ffff:a01:203",
		"a zone": "fe80::1%eth0", "two short forms": "2001::db8::1", "three colons": "2001:::1", "seven groups": "1:2:3:4:5:6:7",
		"nine groups": "1:2:3:4:5:6:7:8:9", "eight and a short form": "1::2:3:4:5:6:7:8", "a long group": "12345::1", "no hexadecimal": "g::1",
		"dots at the end": "2001:db8::1.2.3.4", "brackets": "[2001:db8::1]",
	}

	not values.address(text)
}
