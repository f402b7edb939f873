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
		"%00%7f%C2%80%DF%BF": "\u0000\u007f\u0080\u07ff",
		"%E0%A0%80%ED%9F%BF%EE%80%80%ef%bf%bf": "\u0800\ud7ff\ue000\uffff",
		"%F0%90%80%80%F0%B7%BF%BF%F3%BF%BF%BF": "\ud800\udc00\ud89f\udfff\udbbf\udfff",
	}

	form_encoding.decoded(text) == decoded
}

test_form_undecodable[text] if {
	some text in {
		"%", "%4", "%zz", "a%4gb",
		"%80", "%C3", "%C3x%A9", "%C3%28", "%A9%C3",
		"%C0%AE", "%E0%80%AE", "%F0%80%80%AE",
		"%ED%A0%80", "%F4%90%80%80", "%F8%88%80%80%80", "%FF",
		"%C1%BF", "%E0%9F%BF", "%ED%BF%BF", "%F0%8F%BF%BF", "%C3%C3", "%E2%82", "%E2%82x%AC",
		"%F0%A0%80%80", "%F4%8F%BF%BF",
	}

	not form_encoding.decoded(text)
}
