import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, Scalar, type YAMLMap } from "yaml";

/** A key of a map, and the node of its value. */
export interface MergedPair {
  readonly key: string;
  readonly value: unknown;
}

/** Lists the keys of a map, with those that merge keys (`<<`) bring. A map's own keys count more, and earlier sources more than later ones. */
export function mergedPairsOf(tree: Document.Parsed, map: YAMLMap): readonly MergedPair[] {
  const found = new Map<string, unknown>();
  for (const pair of map.items) {
    if (isMergeKey(pair)) {
      for (const source of toSources(tree, pair.value))
        for (const { key, value } of mergedPairsOf(tree, source)) if (!found.has(key)) found.set(key, value);
    }
    // An own key replaces a merged one.
    else found.set(nameOfKey(pair), pair.value);
  }
  return [...found].map(([key, value]) => ({ key, value }));
}

/** Finds a map's own pair for a key. */
export function findOwnPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => !isMergeKey(pair) && nameOfKey(pair) === key);
}

function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && (key.type ?? Scalar.PLAIN) === Scalar.PLAIN && typeof key.value === "symbol";
}

function nameOfKey({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function toSources(tree: Document.Parsed, value: unknown): readonly YAMLMap[] {
  const resolved = isAlias(value) ? value.resolve(tree) : value;
  if (isMap(resolved)) return [resolved];
  return isSeq(resolved) ? resolved.items.flatMap((one) => toSources(tree, one)) : [];
}
