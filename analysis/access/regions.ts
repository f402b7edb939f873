import type { Region } from "./model.ts";
import { formatPattern, type Pattern, type Point, toPoint } from "./points.ts";
import { createRuleTree } from "./rule-tree.ts";
import { listMethods } from "./rules.ts";

/** Tells something of a point for a method. */
export type Tells = (point: Point, method: number) => boolean;

/** The answers about points by which they are combined into regions. */
export interface Stated {
  /** Whether it is true at a point, be it that more is. */
  readonly holds: Tells;
  /** Whether it is what is to be said of a point, and nothing more; left out if nothing can be more. */
  readonly isSaid?: Tells;
  /** Lists the points of a pattern at which it does not hold for a method. */
  readonly listExceptions?: (pattern: Pattern, method: number) => readonly Point[];
}

/**
 * Combines the places at which something holds into regions, for each method, and joins the methods with equal regions.
 *
 * @param longest - The number of segments of the longest template.
 */
export function toRegions(
  places: readonly { readonly point: Point; readonly methods: number }[],
  longest: number,
  { holds, isSaid = holds, listExceptions = () => [] }: Stated,
): readonly { readonly region: Region; readonly methods: number }[] {
  const found = new Map<string, { readonly region: Region; methods: number }>();
  // Methods that have the same rules at a point may have others elsewhere in its region, so each is taken by itself.
  for (const method of listMethods(places)) {
    const here = places.filter((place) => (place.methods & method) !== 0).map(({ point }) => point);
    const distinct = [...new Map(here.map((point) => [point.key, point])).values()];
    const inside = toWidest(
      distinct,
      longest,
      (point) => holds(point, method),
      (point) => isSaid(point, method),
    );
    for (const pattern of inside) {
      const isOutside = (point: Point) => !holds(point, method);
      // Longer paths are outside of the region, unless it ends in a greedy parameter.
      const most = pattern.isGreedy ? longest : 0;
      const outside = toWidest(listExceptions(pattern, method), most, isOutside, isOutside);
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
 * What is said of longer paths may hold for shorter ones, of which more is said. Such a pattern is left out if another one says
 * it of the longer paths already: which patterns there are depends on what is said, and not on how the rules are written.
 */
function toWidest(
  points: readonly Point[],
  longest: number,
  holds: (point: Point) => boolean,
  isSaid: (point: Point) => boolean,
): readonly Pattern[] {
  if (points.length === 0) return [];
  const open = points.filter(({ isOpen }) => isOpen);
  const said = points.map((point) => {
    const isWidened = point.isOpen || open.some((one) => isBelow(one, point));
    const greedy = isWidened ? toGreedy(point, longest, isSaid) : undefined;
    return greedy ?? { segments: point.segments, isGreedy: false };
  });
  return listMaximal(listMaximal(said).map((pattern) => shorten(pattern, holds)));
}

/** Tells whether an open point has longer paths of another one: what is said of all of these is said of them, too. */
function isBelow(open: Point, { segments }: Point): boolean {
  return open.segments.every((segment, at) => segment === null || segment === segments[at]);
}

/** Makes the greedy pattern of all lengths, from that of a point on, at which something is true; undefined if it ends. */
function toGreedy(
  { segments, isOpen }: Point,
  longest: number,
  isTrue: (point: Point) => boolean,
): Pattern | undefined {
  if (!isOpen) {
    if (segments.at(-1) !== null) return undefined;
    for (let length = segments.length + 1; length <= longest + 1; length += 1) {
      const fresh: readonly null[] = new Array(length - segments.length).fill(null);
      if (!isTrue(toPoint([...segments, ...fresh], length > longest))) return undefined;
    }
    if (segments.length > longest) return undefined;
  }
  return shorten({ segments: segments.slice(0, -1), isGreedy: true }, isTrue);
}

/** Shortens a greedy pattern as long as something is true of the shorter paths. */
function shorten({ segments, isGreedy }: Pattern, isTrue: (point: Point) => boolean): Pattern {
  let { length } = segments;
  while (isGreedy && length > 0 && segments[length - 1] === null && isTrue(toPoint(segments.slice(0, length))))
    length -= 1;
  return { segments: segments.slice(0, length), isGreedy };
}

/** Lists the patterns that no other one covers, each once. */
function listMaximal(patterns: readonly Pattern[]): readonly Pattern[] {
  if (patterns.length === 1) return patterns;
  const distinct = [...new Map(patterns.map((pattern) => [formatPattern(pattern), pattern])).values()];
  if (distinct.length === 1) return distinct;
  const tree = createRuleTree(distinct);
  return distinct.filter((pattern) => tree.matching(toWidestPoint(pattern)).every((other) => other === pattern));
}

/** Makes a point that exactly the patterns match which cover this one. */
function toWidestPoint({ segments, isGreedy }: Pattern): Pick<Point, "segments" | "isOpen"> {
  return { segments: isGreedy ? [...segments, null] : segments, isOpen: isGreedy };
}
