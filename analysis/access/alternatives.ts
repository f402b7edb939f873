/** One way in which an access is allowed: these variables hold. */
export interface Alternative {
  /** Sorted. */
  readonly variables: readonly number[];
  /** The names of the grants. */
  readonly rules: readonly string[];
}

/** Drops alternatives that others imply, and joins equal ones. */
export function toMinimal(found: readonly Alternative[]): readonly Alternative[] {
  if (found.length < 2) return found;
  const byKey = new Map<string, Alternative>();
  for (const { variables, rules } of found) {
    const key = variables.join();
    byKey.set(key, { variables, rules: [...(byKey.get(key)?.rules ?? []), ...rules] });
  }
  const distinct = [...byKey.values()];
  return distinct.filter((one) => !distinct.some((other) => other !== one && isSubset(other.variables, one.variables)));
}

/** Tells whether the first has no variable that the second lacks. */
export function isSubset(one: readonly number[], other: readonly number[]): boolean {
  return one.length <= other.length && one.every((variable) => other.includes(variable));
}

/** Sorts numbers, each once. */
export function toSet(numbers: readonly number[]): readonly number[] {
  return numbers.length < 2 ? numbers : [...new Set(numbers)].sort((one, other) => one - other);
}
