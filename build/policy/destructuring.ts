import type { Term } from "../rego/syntax-tree.ts";

/** Each `_` has a name of its own in the syntax tree. */
export function isWildcard(name: string): boolean {
  return name.startsWith("$");
}

/** The variables of a pattern that are not `_`, and nothing in the place of each value that it asks for. */
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
