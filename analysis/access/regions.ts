import type { Region } from "./model.ts";
import { formatPattern, type Pattern, type Point, toWidest } from "./points.ts";
import { splitMethods } from "./rules.ts";

/**
 * Combines the places at which something holds into regions, for each method, and joins the methods with equal regions.
 *
 * @param listExceptions - Lists the points of a pattern at which it does not hold.
 */
export function toRegions(
  places: readonly { readonly point: Point; readonly methods: number }[],
  holds: (point: Point, methods: number) => boolean,
  listExceptions: (pattern: Pattern, methods: number) => readonly Point[],
): readonly { readonly region: Region; readonly methods: number }[] {
  const found = new Map<string, { readonly region: Region; methods: number }>();
  for (const methods of splitMethods(places)) {
    const here = places.filter((place) => (place.methods & methods) !== 0).map(({ point }) => point);
    const distinct = [...new Map(here.map((point) => [point.key, point])).values()];
    for (const pattern of toWidest(distinct, (point) => holds(point, methods))) {
      const outside = toWidest(listExceptions(pattern, methods), (point) => !holds(point, methods));
      const region = { path: formatPattern(pattern), except: outside.map(formatPattern).sort() };
      const key = JSON.stringify(region);
      const known = found.get(key) ?? { region, methods: 0 };
      known.methods |= methods;
      found.set(key, known);
    }
  }
  return [...found.values()];
}
