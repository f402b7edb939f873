package engine_test

import data.engine.form_encoding

test_form_decoded[text] if {
	some text, decoded in {
		"": "",
		"plain": "plain",
		"a+b": "a b",
		"%41": "A",
		"R%26D%2fx": "R&D/x",
		"100%25": "100%",
		"%22%5C": `"\`,
		"Caf%C3%A9!": "Caf\u00e9!",
		"%E2%82%AC%E2%82%AC": "\u20ac\u20ac",
		"x%F0%9F%98%80y": "x\ud83d\ude00y",
	}

	form_encoding.decoded(text) == decoded
}

test_form_undecodable[text] if {
	some text in {
		"%", "%4", "%zz", "a%4gb",
		"%80", "%C3", "%C3x%A9", "%C3%28", "%A9%C3",
		"%C0%AE", "%E0%80%AE", "%F0%80%80%AE",
		"%ED%A0%80", "%F4%90%80%80", "%F8%88%80%80%80", "%FF",
	}

	not form_encoding.decoded(text)
}
