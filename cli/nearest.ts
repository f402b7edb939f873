/** Finds the word that a mistyped one most likely stands for; undefined if none is close. */
function findNearest(typed: string, words: readonly string[]): string | undefined {
  const [nearest] = words
    .map((word) => ({ word, distance: distanceOf(typed, word) }))
    .filter(({ word, distance }) => distance <= Math.ceil(word.length / 3))
    .sort((one, other) => one.distance - other.distance);
  return nearest?.word;
}

/** Formats what to do about a mistyped word: the nearest one, or all of them. */
export function formatChoice(typed: string, words: readonly string[], prefix = ""): string {
  const nearest = findNearest(typed, words);
  return nearest === undefined
    ? `there are ${words.map((word) => prefix + word).join(", ")}`
    : `did you mean ${prefix}${nearest}?`;
}

/** Counts the letters that must be inserted, left out or replaced to make one text of the other (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let row = [...Array(other.length + 1).keys()];
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let to = 1; to < row.length; to += 1) {
      const replaced = (row[to - 1] ?? 0) + (letter === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
