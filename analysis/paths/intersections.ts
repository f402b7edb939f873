import { parseTemplate } from "../../contract/path-template.ts";

/** A segment of a path: a literal, any one segment, or one and more. */
type Segment = { readonly literal: string } | "one" | "many";

/** The most intersections of two patterns that are listed. Their number grows with the wildcards of both. */
const MAX_INTERSECTIONS = 20;

/** Lists the segments of a path template. */
export function segmentsOfTemplate(template: string): readonly Segment[] {
  return parseTemplate(template).map((segment) =>
    segment.kind === "literal" ? { literal: segment.text } : segment.isGreedy ? "many" : "one",
  );
}

/**
 * Lists the segments that the IAM pattern of a template matches. Its wildcards match slashes, too.
 *
 * @param where - The parameters that have to equal a claim. They stand for one segment.
 */
export function segmentsOfPattern(template: string, where: Readonly<Record<string, string>> = {}): readonly Segment[] {
  return parseTemplate(template).map((segment) => {
    if (segment.kind === "literal") return { literal: segment.text };
    return Object.hasOwn(where, segment.name) ? "one" : "many";
  });
}

/**
 * Lists IAM patterns that together match all paths which both lists of segments match. They can match more, since their
 * wildcards match slashes.
 *
 * @returns Nothing if no path matches both, or if there are too many patterns.
 */
export function toIntersections(one: readonly Segment[], other: readonly Segment[]): readonly string[] {
  const found = new Set<string>();
  const walk = (at: number, otherAt: number, texts: readonly string[]): void => {
    const [mine, yours] = [one[at], other[otherAt]];
    if (mine === undefined && yours === undefined) found.add(formatPattern(texts));
    if (mine === undefined || yours === undefined || found.size > MAX_INTERSECTIONS) return;
    const text = toCommon(mine, yours);
    if (text === undefined) return;
    walk(at + 1, otherAt + 1, [...texts, text]);
    // The wildcard that goes on takes in the next segment of the other. If both went on, they would take in the same one again.
    if (mine === "many") walk(at, otherAt + 1, [...texts, text]);
    if (yours === "many") walk(at + 1, otherAt, [...texts, text]);
  };
  walk(0, 0, []);
  return found.size > MAX_INTERSECTIONS ? [] : [...found];
}

/** Finds what a segment is that both match: a literal, or a wildcard. */
function toCommon(one: Segment, other: Segment): string | undefined {
  if (typeof one === "string") return typeof other === "string" ? "*" : other.literal;
  return typeof other === "string" || other.literal === one.literal ? one.literal : undefined;
}

/** Formats an IAM pattern. It ends in `?*` rather than `*`, which would take in the path without this segment. */
function formatPattern(texts: readonly string[]): string {
  return `/${texts.join("/").replace(/(^|\/)\*$/, "$1?*")}`;
}
