import { expect, it } from "vitest";
import { findMistake } from "../../../../build/policy/data-files.ts";

it.each([
  ["a key in the wrong column", "a.yaml", "a: 1\nb:\n   c: 2\n  d: 3\n", 4],
  ["a list that is not closed", "a.yaml", "a: [1,\n  2\n", 2],
  ["a tab", "a.yml", "a:\n\tb: 1\n", 2],
  ["a key twice", "a.yaml", "a: 1\nb: 2\na: 3\n", 3],
  ["a comma too many", "a.json", '{\n"a": [1,\n2,]\n}', 3],
  ["a missing value", "a.json", '{"b": 1,\n"a": }', 2],
  ["an object that is not closed", "a.json", '{\n"a": 1\n', 2],
  ["a comment in JSON", "a.json", '{\n// one\n"a": 1}', 2],
  ["a line break in a string", "a.json", '{\n"a": 1,\n"b": "x\n"}', 3],
  ["an empty file", "a.json", "", 1],
])("the line of a mistake in base data is that of the mistake: %s", (_, file, text, line) => {
  const mistake = findMistake(file, text);
  expect(mistake?.line).toBe(line);
  // One line number, and it stands in front.
  expect(mistake?.message).toMatch(/^this is not (YAML|JSON): (?!.*\bline \d)/);
});

it.each([
  ["a.yaml", "a: [1, 2]\nb:\n  c: &x 1\n  d: *x\n"],
  ["a.json", '{"a": [1, 2]}'],
])("%s without a mistake has none", (file, text) => {
  expect(findMistake(file, text)).toBeUndefined();
});
