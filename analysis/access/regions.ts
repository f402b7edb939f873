import type { Region } from "./model.ts";
import { formatPattern, type Pattern, type Point, toPoint } from "./points.ts";
import { createRuleTree } from "./rule-tree.ts";
import { listMethods } from "./rules.ts";

/**
 * Combines the places at which something holds into regions, for each method, and joins the methods with equal regions.
 *
 * @param listExceptions - Lists the points of a pattern at which it does not hold for a method.
 */
export function toRegions(
  places: readonly { readonly point: Point; readonly methods: number }[],
  holds: (point: Point, method: number) => boolean,
  listExceptions: (pattern: Pattern, method: number) => readonly Point[],
): readonly { readonly region: Region; readonly methods: number }[] {
  const found = new Map<string, { readonly region: Region; methods: number }>();
  // Methods that have the same rules at a point may have others elsewhere in its region, so each is taken by itself.
  for (const method of listMethods(places)) {
    const here = places.filter((place) => (place.methods & method) !== 0).map(({ point }) => point);
    const distinct = [...new Map(here.map((point) => [point.key, point])).values()];
    for (const pattern of toWidest(distinct, (point) => holds(point, method))) {
      const outside = toWidest(listExceptions(pattern, method), (point) => !holds(point, method));
      const region = { path: formatPattern(pattern), except: outside.map(formatPattern).sort() };
      const key = outside.length === 0 ? region.path : JSON.stringify(region);
      const known = found.get(key) ?? { region, methods: 0 };
      known.methods |= method;
      found.set(key, known);
    }
  }
  return [...found.values()];
}

/**
 * Combines points into the widest patterns. Lengths become a greedy parameter where every length from there on holds.
 *
 * @param holds - Tells whether what is true at the points is true at another one.
 */
function toWidest(points: readonly Point[], holds: (point: Point) => boolean): readonly Pattern[] {
  if (points.length === 0) return [];
  const distinct = new Map<string, Pattern>();
  for (const { key, segments, isOpen } of points) {
    if (!isOpen) {
      distinct.set(key, { segments, isGreedy: false });
      continue;
    }
    let length = segments.length - 1;
    while (length > 0 && segments[length - 1] === null && holds(toPoint(segments.slice(0, length)))) length -= 1;
    const { key: widest } = toPoint(segments.slice(0, length), true);
    distinct.set(widest, { segments: segments.slice(0, length), isGreedy: true });
  }
  const patterns = [...distinct.values()];
  if (patterns.length === 1) return patterns;
  const tree = createRuleTree(patterns);
  return patterns.filter((pattern) => tree.matching(toWidestPoint(pattern)).every((other) => other === pattern));
}

/** Makes a point that exactly the patterns match which cover this one. */
function toWidestPoint({ segments, isGreedy }: Pattern): Pick<Point, "segments" | "isOpen"> {
  return { segments: isGreedy ? [...segments, null] : segments, isOpen: isGreedy };
}
