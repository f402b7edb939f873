import { describe, expect, it } from "vitest";
import { findUnbalanced } from "../../../../build/rego/brackets.ts";

const AREA = `package access.orders

# METADATA
# title: Orders are listed, {braces} in a comment don't count
grants["list"] := {
	"roles": {"customer"},
	"verbs": {"GET"},
	"path": "/orders/{id}",
}

# METADATA
# title: It's refunded
grants["refund"] := {"roles": {"support"}, "verbs": {"POST"}, "path": "/refunds"}
`;

describe("a bracket without a partner is reported where the partner is missing", () => {
  it.each([
    [
      "the brace behind a rule",
      AREA.replace("\n}\n", "\n"),
      8,
      "the { of line 5 is not closed; write the } that it lacks",
    ],
    [
      "the brace of the last rule",
      AREA.replace(/\}\n$/, "\n"),
      13,
      "the { on this line is not closed; write the } that it lacks",
    ],
    ["the brace of a set", AREA.replace('{"GET"}', '{"GET"'), 9, undefined],
    [
      "a bracket of another kind",
      AREA.replace('{"GET"}', '{"GET"]'),
      7,
      "the { on this line is not closed before this ]; write its }",
    ],
    ["one brace too many", AREA.replace("\n}\n", "\n}}\n"), 9, "nothing opens this }; remove it"],
    [
      "the brace of a condition",
      "package access.conditions\n\none if {\n\tinput.now_s == 1\n\ntwo if input.now_s == 2\n",
      4,
      "the { of line 3 is not closed; write the } that it lacks",
    ],
  ])("%s", (_, text, line, message) => {
    const found = findUnbalanced(text);
    expect([found?.line, message === undefined ? undefined : found?.message]).toEqual([line, message]);
  });
});

it.each([
  ["balanced brackets", AREA],
  ["brackets in strings, raw strings and comments", 'package a\n\nb := "\\"{[("\n\nc := `{\n[(`\n\n# ({[\n'],
  ["a condition over several lines", "package a\n\nb if {\n\tsome x in [\n\t\t1,\n\t\t2,\n\t]\n\tx == 1\n}\n"],
])("%s have nothing to report", (_, text) => {
  expect(findUnbalanced(text)).toBeUndefined();
});
