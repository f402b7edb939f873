import { parseSegment, segmentsOf } from "../../contract/path-template.ts";
import { createObjectMemory } from "./memory.ts";

/** A segment of a pattern: a literal, or null for a fresh one, which differs from every literal and every other segment. */
export type PatternSegment = string | null;

/** A path template without the names of parameters. */
export interface Pattern {
  readonly segments: readonly PatternSegment[];
  /** Whether one segment or more, all fresh, follow. */
  readonly isGreedy: boolean;
}

/**
 * The paths of one length that are judged together, by a path whose segments are literals or fresh.
 *
 * Segments are infinite, so a template matches the fresh path of a pattern exactly if it matches all paths of the pattern.
 * A greedy template has a point for each length; all lengths above that of the longest template are one point.
 */
export interface Point {
  /** Differs between any two points. */
  readonly key: string;
  readonly segments: readonly PatternSegment[];
  /** Whether it stands for all paths of this length and of each greater one. */
  readonly isOpen: boolean;
}

/** Parses a path template, with or without names of parameters, or a path. */
export function toPattern(template: string): Pattern {
  const segments = segmentsOf(template).map((text): PatternSegment | "{+}" => {
    const segment = parseSegment(text);
    if (text === "{}" || (segment.kind === "parameter" && !segment.isGreedy)) return null;
    return segment.kind === "parameter" ? "{+}" : text;
  });
  const isGreedy = segments.at(-1) === "{+}";
  return { segments: isGreedy ? segments.slice(0, -1) : segments, isGreedy };
}

/** Formats a pattern as a template with parameters that have no names: `/orders/{}/{+}`. */
export function formatPattern({ segments, isGreedy }: Pattern): string {
  const texts = segments.map((segment) => segment ?? "{}");
  return `/${[...texts, ...(isGreedy ? ["{+}"] : [])].join("/")}`;
}

/** Creates a point. */
export function toPoint(segments: readonly PatternSegment[], isOpen = false): Point {
  return { key: `${segments.map((segment) => segment ?? "{}").join("/")}${isOpen ? "/{+}" : ""}`, segments, isOpen };
}

/**
 * Lists the points of a pattern: one for each length.
 *
 * @param longest - The number of segments of the longest template, a greedy parameter counted as one.
 */
export function toPoints(pattern: Pattern, longest: number): readonly Point[] {
  // The points of a rule come up for one principal after the other.
  const known = pointsByLongest(pattern);
  const found = known.get(longest) ?? listLengths(pattern, longest);
  known.set(longest, found);
  return found;
}

const pointsByLongest = createObjectMemory((_: Pattern) => new Map<number, readonly Point[]>());

function listLengths({ segments, isGreedy }: Pattern, longest: number): readonly Point[] {
  if (!isGreedy) return [toPoint(segments)];
  const least = segments.length + 1;
  return Array.from({ length: longest + 2 - least }, (_, at) => {
    const length = least + at;
    const fresh: readonly null[] = new Array(length - segments.length).fill(null);
    return toPoint([...segments, ...fresh], length > longest);
  });
}

/** Finds the point of the paths that a point and a pattern have in common; undefined if they have none. */
export function meetOf(point: Point, { segments, isGreedy }: Pattern): Point | undefined {
  const length = point.segments.length;
  if (isGreedy ? length <= segments.length : point.isOpen || length !== segments.length) return undefined;
  const met: PatternSegment[] = [];
  for (const [at, own] of point.segments.entries()) {
    const other = segments[at] ?? null;
    if (own !== null && other !== null && own !== other) return undefined;
    met.push(own ?? other);
  }
  return toPoint(met, point.isOpen);
}
