/**
 * Creates the function that gives a pattern of one character: one in some of Unicode's general categories, or one of others.
 *
 * The pattern is made when it is first used. Node checks a literal when it parses a file, and makes the set of a category out of
 * all characters then, which is a part of every cold start.
 *
 * @param categories - The short names of categories, such as `Cf`.
 * @param others - Other characters, as they stand within brackets in a regular expression.
 */
export function createCharacterPattern(categories: readonly string[], others = "", flags = "u"): () => RegExp {
  let pattern: RegExp | undefined;
  return function characterPattern() {
    pattern ??= new RegExp(`[${others}${categories.map((name) => `\\p{${name}}`).join("")}]`, flags);
    return pattern;
  };
}
