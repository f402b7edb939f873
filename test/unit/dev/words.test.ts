import { expect, it } from "vitest";
import { GIVEN_UP } from "../../../dev/words.ts";

it.each(GIVEN_UP.flatMap(({ said, pattern }) => said.map((words) => [words, pattern] as const)))(
  'the pattern finds its example, "%s"',
  (words, pattern) => {
    expect(words).toMatch(pattern);
  },
);
