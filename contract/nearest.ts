import { closestMatch } from "leven";

/** Formats what to do about a mistyped word: the nearest one if half of its letters are right, or all of them. */
export function formatChoice(typed: string, words: readonly string[], prefix = ""): string {
  const nearest = findNearest(typed, words);
  return nearest === undefined
    ? `there are ${words.map((word) => prefix + word).join(", ")}`
    : `did you mean ${prefix}${nearest}?`;
}

/** Finds the word that a mistyped one probably is; undefined if fewer than half of the letters are right. */
export function findNearest(typed: string, words: readonly string[]): string | undefined {
  return closestMatch(typed, words, { maxDistance: Math.ceil(typed.length / 2) });
}
