import type { Term } from "../rego/syntax-tree.ts";

/** Tells whether a variable is a `_`: the syntax tree names each of them `$0`, `$1`, and so on. */
export function isWildcard(name: string): boolean {
  return name.startsWith("$");
}

/** Lists the variables of a pattern without `_`, and an empty name for each value that the pattern compares with. */
export function namesIn(pattern: Term): readonly string[] {
  switch (pattern.type) {
    case "var":
      return isWildcard(pattern.value) ? [] : [pattern.value];
    case "array":
    case "set":
      return pattern.value.flatMap(namesIn);
    case "object":
      return pattern.value.flatMap(([, value]) => namesIn(value));
    default:
      return [""];
  }
}

/** Lists the terms of a pattern that a value is compared with, the keys of objects among them. */
export function comparedIn(pattern: Term): readonly Term[] {
  switch (pattern.type) {
    case "var":
      return [];
    case "array":
    case "set":
      return pattern.value.flatMap(comparedIn);
    case "object":
      return pattern.value.flatMap(([key, value]) => [key, ...comparedIn(value)]);
    default:
      return [pattern];
  }
}
