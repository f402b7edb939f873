import { expect, it } from "vitest";
import {
  DOCSTRING_WITHOUT_SUBJECT,
  FUNCTION_DOCSTRING,
  GIVEN_UP,
  METADATA_WITHOUT_SUBJECT,
} from "../../../dev/words.ts";

it.each(GIVEN_UP.flatMap(({ said, pattern }) => said.map((words) => [words, pattern] as const)))(
  'the pattern finds its example, "%s"',
  (words, pattern) => {
    expect(words).toMatch(pattern);
  },
);

it.each([
  "there is no role of this name",
  "there are none",
  "the response is cached",
  "the decision log keeps every line",
  "the authorizer is invoked",
  "which is not a template",
])('no pattern finds "%s"', (words) => {
  expect(GIVEN_UP.filter(({ pattern }) => pattern.test(words))).toEqual([]);
});

it.each<[string, RegExp, readonly string[], readonly string[]]>([
  [
    "a docstring without a subject",
    DOCSTRING_WITHOUT_SUBJECT,
    ["What a grant reads.", "Of an event.", "Only for tests.", "None of them."],
    ["The event.", "Whether it caches.", "Formats a route.", "Offsets of parts."],
  ],
  [
    "a title without a subject",
    METADATA_WITHOUT_SUBJECT,
    ["What a grant may ask for", "Whom it concerns", "Whether it holds"],
    ["The input of a policy", "Conditions", "Whole numbers"],
  ],
  [
    "a function's docstring",
    FUNCTION_DOCSTRING,
    ["Parses a manifest.", "Tells whether it fits.", "Pushes a line."],
    ["Parse a manifest.", "The manifest.", "What it parses.", "parses a manifest."],
  ],
])("the pattern of %s matches that alone", (_, pattern, matched, others) => {
  expect([...matched, ...others].map((text) => pattern.test(text))).toEqual([
    ...matched.map(() => true),
    ...others.map(() => false),
  ]);
});
